"""What the doctor says of a fault that another room found: the operator's language for its reason.

Errors speak English, as all code does; their messages are constants that name files, units and
settings, never content. Nothing here decides what is a fault.
"""

import re
from collections.abc import Mapping

from intake.errors import HomThuError

_LIST = "danh sách khóa"
_REASONS: Mapping[str, str] = {
    # key files
    r"the key file (?P<name>\S+) is missing or unreadable": "{name} thiếu hoặc không đọc được",
    r"the key file (?P<name>\S+) is readable by others: chmod 600": (
        "{name} để người khác trên máy đọc được: chạy chmod 600"
    ),
    r"the key file (?P<name>\S+) does not hold (?P<n>\d+) bytes": (
        "{name} hỏng: không chứa đúng {n} byte"
    ),
    r"(?P<name>\S+) is missing or broken: `homthu backup new-key`": (
        "{name} thiếu hoặc hỏng: chạy homthu backup new-key"
    ),
    # the database
    r"nothing is set up here yet: run `homthu init`": "chưa thiết lập máy: chạy homthu init",
    r"the database has an older schema: run `(?P<command>[^`]+)`": (
        "lược đồ cơ sở dữ liệu cũ hơn bản này: chạy {command}"
    ),
    r"the database is newer than this program: install the newer program again": (
        "cơ sở dữ liệu mới hơn bản chương trình này: cài lại bản mới hơn"
    ),
    r"the database (?:cannot be read|takes no writes) now": (
        "cơ sở dữ liệu đang bận hoặc không mở được: xem máy chủ dữ liệu, rồi khám lại"
    ),
    # the signed key list
    r"there is no key list yet: run `homthu keys import`": (
        f"chưa có {_LIST}: chạy homthu keys import"
    ),
    r"a demo's key list serves the demo only": f"{_LIST} của bản thử chỉ dùng cho bản thử",
    r"key list: two segments of (?P<who>.+)": f"{_LIST}: hai phần của {{who}}",
    r"key list: the segment of (?P<who>.+) is older than (?P<n>\d+)": (
        f"{_LIST}: phần của {{who}} cũ hơn phiên bản {{n}}"
    ),
    r"key list: the root's segment is missing": f"{_LIST}: thiếu phần của khóa gốc",
    r"key list: the root's segment cannot be read": f"{_LIST}: không đọc được phần của khóa gốc",
    r"key list: the root's segment names another version": (
        f"{_LIST}: phần của khóa gốc ghi một phiên bản khác"
    ),
    r"key list: two signing keys for one unit": f"{_LIST}: một đơn vị có hai khóa ký",
    r"key list: two units have one key": f"{_LIST}: hai đơn vị chung một khóa",
    r"key list: (?P<who>.+) is not certified to sign": (
        f"{_LIST}: {{who}} chưa được khóa gốc chứng nhận quyền ký"
    ),
    r"key list: a signing key cannot be read": f"{_LIST}: không đọc được một khóa ký",
    r"key list: (?P<who>.+)'s segment cannot be read": f"{_LIST}: không đọc được phần của {{who}}",
    r"key list: (?P<who>.+)'s segment is not what it claims": (
        f"{_LIST}: phần của {{who}} không khớp điều nó tự ghi"
    ),
    r"key list: (?P<who>.+)'s signature is not valid": f"{_LIST}: chữ ký của {{who}} không đúng",
    r"key list: (?P<who>.+) is not a child of its signer": (
        f"{_LIST}: {{who}} không thuộc đơn vị đã ký"
    ),
    r"key list: (?P<who>.+) is listed twice": f"{_LIST}: {{who}} ghi hai lần",
    r"key list: the signer (?P<who>.+) is no listed unit": (
        f"{_LIST}: bên ký {{who}} không có trong danh sách"
    ),
    r"key list: (?P<who>.+) does not lead up to the top": (
        f"{_LIST}: {{who}} không nối lên tới đơn vị trên cùng"
    ),
    r"key list: a public key cannot be read": f"{_LIST}: không đọc được một khóa công khai",
    r"key list: a key of a suite that the settings do not allow": (
        f"{_LIST}: có khóa kiểu mà cài đặt không cho dùng (allow_x25519)"
    ),
}
_KINDS: Mapping[str, str] = {
    "missing_key": "một tệp khóa thiếu hoặc hỏng",
    "key_list_rejected": f"{_LIST} bị từ chối",
    "schema_behind": "lược đồ cơ sở dữ liệu chưa đúng",
    "database_busy": "cơ sở dữ liệu đang bận",
}


def in_vietnamese(error: HomThuError) -> str:
    """Return why something was refused, for the operator; by its kind where no reason fits."""
    for reason, says in _REASONS.items():
        if found := re.fullmatch(reason, str(error)):
            return says.format(**found.groupdict())
    return _KINDS.get(error.code, f"máy gặp lỗi ({error.code})")
