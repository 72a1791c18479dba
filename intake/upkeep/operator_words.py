"""What the operator is told of a refusal: the reason of an error in the operator's language.

Errors speak English, as all code does; their messages are constants that name files, units and
settings, never content. Commands and the doctor say these words instead. Nothing here decides what
is a fault.
"""

import re
from collections.abc import Mapping

from intake.errors import HomThuError
from storage.errors import Busy, StorageError

_LIST = "danh sách khóa"
_REASONS: Mapping[str, str] = {
    # key files
    r"(?:the key file )?(?P<name>\S+) is missing or unreadable": (
        "{name} thiếu hoặc không đọc được"
    ),
    r"gate\.key or relay\.key is missing or unreadable": (
        "gate.key hoặc relay.key thiếu hoặc không đọc được"
    ),
    r"the key file (?P<name>\S+) is readable by others: chmod 600": (
        "{name} để người khác trên máy đọc được: chạy chmod 600"
    ),
    r"the key file (?P<name>\S+) does not hold (?P<n>\d+) bytes": (
        "{name} hỏng: không chứa đúng {n} byte"
    ),
    r"(?P<name>\S+) is missing or broken: `homthu backup new-key`": (
        "{name} thiếu hoặc hỏng: chạy homthu backup new-key"
    ),
    r"(?P<name>.+) is there already; nothing was overwritten": "đã có {name}; chưa ghi đè gì",
    r"session key file (?P<path>.+) is missing": "thiếu tệp khóa phiên {path}",
    r"session key file (?P<path>.+) must be yours alone \(0600\)": (
        "tệp khóa phiên {path} phải là của riêng người chạy máy chủ: chạy chmod 600"
    ),
    r"session key file (?P<path>.+) cannot be read": "tệp khóa phiên {path} không đọc được",
    r"the Telegram token or webhook secret file is missing": (
        "thiếu tệp mã của bot Telegram hoặc tệp bí mật webhook"
    ),
    # the settings
    r"the settings file named with --config does not exist": (
        "không có tệp cài đặt đã ghi ở --config"
    ),
    r"settings that do not fit: (?P<names>.+)": "cài đặt chưa đúng: {names}",
    r"the settings file (?P<path>.+) cannot be read": "không đọc được tệp cài đặt {path}",
    r"the settings file (?P<path>.+) is no TOML: it is not UTF-8": (
        "tệp cài đặt {path} không phải TOML: chữ không phải UTF-8"
    ),
    r"the settings file (?P<path>.+) is no TOML: line (?P<line>\d+), column (?P<column>\d+)": (
        "tệp cài đặt {path} không phải TOML: dòng {line}, cột {column}"
    ),
    r"the settings file (?P<path>.+) is no TOML: end of document": (
        "tệp cài đặt {path} không phải TOML: dở dang ở cuối tệp"
    ),
    r"the settings file (?P<path>.+) is no TOML: .*": "tệp cài đặt {path} không phải TOML",
    r"(?P<name>\S+) must be an https address outside the demo": (
        "{name} phải là địa chỉ https, trừ bản thử"
    ),
    r"telegram\.webhook_secret_file is needed for mode webhook": (
        "cần telegram.webhook_secret_file khi mode là webhook"
    ),
    r"telegram\.proxy cannot be used as it stands": (
        "telegram.proxy chưa dùng được: cần địa chỉ http hoặc https"
    ),
    r"the webhook secret must be 16 to 256 letters, digits, - or _": (
        "bí mật webhook phải gồm 16 đến 256 chữ không dấu, chữ số, - hoặc _"
    ),
    r"receipt codes: the derivation cost is below 8192 KiB and 1 pass": (
        "mã nhận: mức tính khóa thấp hơn 8192 KiB và 1 lượt"
    ),
    r"public_port and officer_port must differ": "public_port và officer_port phải khác nhau",
    r"port (?P<port>\d+) is taken or not ours: choose another(?P<how>.*)": (
        "cổng {port} đã có chương trình khác dùng, hoặc không được phép dùng: chọn cổng khác{how}"
    ),
    # what a version must not ship with
    r"(?:public|a) route (?P<path>\S+ )?(?:has no|without a) policy(?:: (?P<route>.+))?": (
        "một đường dẫn chưa có quy định: {path}{route}"
    ),
    r"public route (?P<path>\S+) answers methods that its policy does not name": (
        "đường dẫn {path} nhận cách gọi mà quy định không ghi"
    ),
    r"sentence (?P<key>\S+) is not true on channel (?P<channel>\S+): (?P<condition>\S+)": (
        "câu hứa {key} không đúng với cài đặt này, ở kênh {channel}: {condition}"
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
        "cơ sở dữ liệu đang bận hoặc không mở được: xem máy chủ dữ liệu, rồi làm lại"
    ),
    # backups
    r"not a backup of this program": "không phải bản sao lưu của chương trình này",
    r"a broken header": "phần đầu tệp hỏng",
    r"sealed to another key, or changed": "gói cho khóa khác, hoặc đã bị sửa",
    r"a file that cannot be read": "không đọc được tệp",
    r"a piece that was not written by this program": "có phần không do chương trình này ghi",
    r"cut off": "tệp bị cắt cụt",
    r"a piece that was changed or is missing": "có phần bị sửa hoặc bị mất",
    r"something stands behind the end": "có thêm thứ gì sau chỗ hết tệp",
    r"made at schema (?P<schema>\S+): restore with the version of then, and run `homthu upgrade` "
    r"afterwards": (
        "làm ở lược đồ {schema}: khôi phục bằng bản chương trình lúc ấy, rồi chạy homthu upgrade"
    ),
    r"name the \.body file, and beside it the \.brief file of the same pair": (
        "ghi tệp .body, kèm tệp .brief cùng cặp"
    ),
    r"these two files are of different pairs": "hai tệp này không cùng một cặp",
    r"a demo's backup outside the demo, or another's in it": (
        "bản sao lưu của bản thử chỉ khôi phục vào bản thử; bản khác thì không"
    ),
    # areas, units, organisations
    r"a list with errors, or without a change": "danh sách có lỗi, hoặc không đổi gì",
    r"a province stands below nothing": "tỉnh, thành phố không thuộc địa bàn nào",
    r"this area does not stand below that one": "địa bàn này không thuộc cấp ngay trên ấy",
    r"the area above has ended": "địa bàn cấp trên đã thôi",
    r"unknown level of area": "không có cấp địa bàn này",
    r"this id is taken": "mã này đã có",
    r"this unit's id or area is taken": "mã đơn vị này đã có, hoặc địa bàn này đã có đơn vị",
    r"no such area or unit above": "không có địa bàn hoặc đơn vị cấp trên này",
    r"no such area": "không có địa bàn này",
    r"no such unit": "không có đơn vị này",
    r"no such code": "không có mã này",
    r"no such zone": "không có vùng này",
    r"no such organisation": "không có tổ chức này",
    r"an organisation has a kind, a code and a name": "tổ chức phải có loại, mã và tên",
    r"this organisation has ended": "tổ chức này đã thôi",
    r"an organisation ends after it began": "ngày thôi phải sau ngày tổ chức bắt đầu",
    # the signed key list
    r"there is no key list yet: run `homthu keys import`": (
        f"chưa có {_LIST}: chạy homthu keys import"
    ),
    r"this segment is no newer than the one in use": "phần này không mới hơn phần đang dùng",
    r"others were signing at this moment: import again": (
        "có người khác vừa ký cùng lúc: nhận lại lần nữa"
    ),
    r"this file is not a segment of a key list": f"tệp này không phải một phần của {_LIST}",
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
    "misconfigured": "cài đặt chưa dùng được",
    "not_signed_in": "tên đăng nhập, cụm mật khẩu hoặc mã sáu số chưa đúng",
    "not_allowed": "tài khoản này không được làm việc ấy",
    "not_held": "tài khoản này không giữ khóa cần cho việc ấy",
    "not_found": "không có thứ mang mã này",
    "not_valid": "điều ghi vào chưa đúng",
    "conflict": "đã có, hoặc vừa đổi: xem lại rồi làm lại",
    "too_many": "thử quá nhiều lần: chờ một lúc rồi làm lại",
}


def in_vietnamese(error: Exception) -> str:
    """Return why something was refused, for the operator; by its kind where no reason fits.

    What is said in Vietnamese where it is found stays as it is, and so do the system's own words.
    """
    said = str(error)
    for reason, says in _REASONS.items():
        if found := re.fullmatch(reason, said):
            return says.format(**{name: part or "" for name, part in found.groupdict().items()})
    if isinstance(error, HomThuError) and said.isascii():
        return _KINDS.get(error.code, f"máy gặp lỗi ({error.code})")
    if isinstance(error, StorageError):
        return _KINDS["database_busy"] if isinstance(error, Busy) else "cơ sở dữ liệu không nhận"
    return said
