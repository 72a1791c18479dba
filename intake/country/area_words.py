"""The words of a list of areas: its columns and kinds, as people write them.

Compared folded. What is not in these tables is asked about, never guessed.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from intake.text import fold

COLUMNS = (
    *("ward_code", "own_code", "unit_name", "kind", "leader_ref", "households", "population"),
    *("valid_from", "valid_to", "replaces"),
)
NEEDED: Mapping[str, str] = MappingProxyType(
    {"ward_code": "mã xã, phường", "unit_name": "tên", "kind": "loại"}
)
_COLUMN_WORDS = {
    "ward_code": ("ma xa", "ma phuong", "ma xa phuong", "ma xa, phuong", "ma dia ban"),
    "own_code": ("ma", "ma to", "ma rieng", "ma thon", "code", "id"),
    "unit_name": ("ten", "ten to", "ten thon", "ten don vi", "ten to dan pho", "name"),
    "kind": ("loai", "loai hinh", "loai don vi"),
    "leader_ref": ("to truong", "truong thon", "nguoi phu trach"),
    "households": ("so ho", "ho", "so ho dan"),
    "population": ("so dan", "dan so", "nhan khau", "so nhan khau", "so khau"),
    "valid_from": ("tu ngay", "ngay bat dau", "co tu ngay"),
    "valid_to": ("thoi tu ngay", "het hieu luc tu"),
    "replaces": ("thay cho", "thay the", "thay the cho", "sap nhap tu"),
}
TWO_MEANINGS = frozenset({"den ngay", "ngay ket thuc"})
"""Headings that may mean the last day or the first day without: the writer must say which."""

_NEIGHBOURHOOD_WORDS = {
    "tổ dân phố": ("tdp", "to", "to dan pho so"),
    "thôn": (),
    "khu phố": ("kp",),
    "ấp": (),
    "khóm": (),
    "khối phố": ("khoi", "kdp"),
    "khu dân cư": ("kdc",),
    "tổ nhân dân": (),
    "tiểu khu": ("tk",),
    "bản": (),
    "làng": (),
    "xóm": (),
    "buôn": (),
    "bon": (),
    "plei": (),
    "phum": (),
    "sóc": (),
    "khu": (),
    "đội": (),
}
_ORGANISATION_WORDS = {
    "school": ("truong", "truong hoc", "nha truong"),
    "clinic": ("tram y te", "co so y te", "benh vien", "phong kham"),
    "agency": ("co quan", "don vi su nghiep"),
    "business": ("doanh nghiep", "cong ty", "co so kinh doanh"),
    "department": ("so", "so, ban, nganh", "so nganh", "ban nganh", "phong ban"),
    "mass_organisation": ("mass organisation", "doan the", "to chuc chinh tri xa hoi", "mttq"),
}


folded = lru_cache(maxsize=8192)(fold)
"""Folding with a memory: the same names and kinds stand in every ward."""


def heading(cell: str) -> str:
    """Return the column that a heading names, or an empty string."""
    return _HEADINGS.get(_plain(cell), "")


def neighbourhood_kind(cell: str) -> str:
    """Return the kind of neighbourhood as it is written in full, or an empty string."""
    return _NEIGHBOURHOODS.get(folded(cell), "")


def organisation_kind(cell: str) -> str:
    """Return the kind of organisation as a word of the code, or an empty string."""
    return _ORGANISATIONS.get(_plain(cell), "")


def full_name(kind: str, name: str) -> str:
    """Return a neighbourhood's name with its kind before it, unless it begins with it already."""
    starts = (folded(kind), *_NEIGHBOURHOOD_WORDS[kind])
    if any(folded(name).startswith(f"{start} ") for start in starts):
        return name
    return f"{kind} số {name}" if name.isdecimal() else f"{kind} {name}"


def _plain(cell: str) -> str:
    return " ".join(folded(cell).replace("_", " ").split())


def _table(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {_plain(each): name for name, more in words.items() for each in (name, *more)}


_HEADINGS = _table(_COLUMN_WORDS)
_NEIGHBOURHOODS = _table(_NEIGHBOURHOOD_WORDS)
_ORGANISATIONS = _table(_ORGANISATION_WORDS)
KINDS_IN_WORDS = (
    f"{', '.join(_NEIGHBOURHOOD_WORDS)}; hoặc trường học, trạm y tế, cơ quan, doanh nghiệp,"
    " sở ban ngành, đoàn thể"
)
