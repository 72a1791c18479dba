"""Reads a TOML file against a schema and says, in Vietnamese, which line to mend and how.

Nothing is guessed and nothing half-read: a file with a fault yields its faults and no value.
"""

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from intake.errors import BadFile
from intake.plans.toml_lines import Lines, Place

MOST_BYTES = 1 << 20

_LINE = re.compile(r"at line (\d+)")
_MISSING = {
    "cite": ("thiếu trích dẫn", 'thêm cite = "mục của văn bản", thí dụ cite = "VII.2"'),
    "owed_by": ("việc không có ai phải làm", 'thêm owed_by = { levels = ["neighbourhood"] }'),
    "document": ("thiếu số văn bản", 'thêm document = "số, ngày của văn bản"'),
}
_KINDS = {
    "date": ("không phải ngày", "viết ngày không có ngoặc kép: 2026-06-17"),
    "int": ("không phải số nguyên", "viết số không có ngoặc kép, thí dụ 1"),
    "bool": ("không phải true hoặc false", "viết true hoặc false, không có ngoặc kép"),
    "string": ("không phải chữ", "viết trong ngoặc kép"),
    "tuple": ("không phải danh sách", 'viết trong ngoặc vuông: ["…"]'),
    "greater": ("số quá nhỏ", "viết số từ 1 trở lên"),
    "float": ("không phải số", "viết số, thí dụ 0.8"),
}

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend."""

    place: Place
    says: str
    fix: str
    line: int = 0

    def on(self, file: str) -> str:
        """Return the fault as one line for people: file, line, what is wrong, what to do."""
        return f"{file}:{self.line}: {self.says}; cách sửa: {self.fix}"


@dataclass(frozen=True, slots=True)
class Reading(Generic[Shape]):
    """What came of reading: a value, or faults in the order of their lines."""

    value: Shape | None
    faults: tuple[Fault, ...]


def read_text(text: str, shape: type[Shape]) -> Reading[Shape]:
    """Read ``text`` as ``shape``; never raises for what stands in it."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Reading(None, (_not_toml(error),))
    try:
        return Reading(shape.model_validate(raw), ())
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return Reading(None, in_order(text, [_fault(detail, shape) for detail in details]))


def read_file(path: Path, shape: type[Shape]) -> Shape:
    """Read a file as ``shape``.

    Raises:
        BadFile: it cannot be read, or does not fit; the message names file, line and what to do.
    """
    reading = read_text(text_of(path), shape)
    if reading.value is None:
        raise BadFile(reading.faults[0].on(path.name))
    return reading.value


def text_of(path: Path) -> str:
    """Return what stands in a file.

    Raises:
        BadFile: no such file, too large, or not UTF-8.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadFile(f"{path.name}: tệp lớn hơn 1 MB; cách sửa: chỉ giữ một chương trình")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadFile(f"{path.name}: không phải UTF-8; cách sửa: lưu lại theo UTF-8") from None
    except OSError:
        raise BadFile(
            f"{path.name}: không đọc được; cách sửa: xem đường dẫn và quyền đọc"
        ) from None


def in_order(text: str, faults: list[Fault]) -> tuple[Fault, ...]:
    """Give each fault its line in ``text``, first line first."""
    lines = Lines(text)
    placed = [Fault(f.place, f.says, f.fix, f.line or lines.of(f.place)) for f in faults]
    return tuple(sorted(placed, key=lambda fault: fault.line))


def _not_toml(error: tomllib.TOMLDecodeError) -> Fault:
    found = _LINE.search(str(error))
    line = int(found.group(1)) if found else 1
    if "date" in str(error):
        return Fault((), "ngày không có thật", "xem lại tháng có mấy ngày (31/6 không có)", line)
    return Fault(
        (), "không đúng cách viết TOML", "xem dấu ngoặc, dấu bằng, khóa viết hai lần", line
    )


def _fault(detail: ErrorDetails, shape: type[BaseModel]) -> Fault:
    place, kind = detail["loc"], detail["type"]
    name = str(place[-1]) if place else ""
    if kind == "extra_forbidden":
        return Fault(place, f"khóa lạ “{name}”", _nearest(name, shape, place))
    if kind == "missing":
        says, fix = _MISSING.get(name, (f"thiếu khóa “{name}”", f"thêm {name} = …"))
        return Fault(place, says, fix)
    if kind == "string_too_short":
        says, fix = _MISSING.get(name, (f"“{name}” để trống", "ghi nội dung, hoặc bỏ khóa này"))
        return Fault(place, says, fix)
    if kind == "literal_error":
        known = detail.get("ctx", {}).get("expected", "").replace(" or ", ", ")
        return Fault(place, f"“{name}” không có trong danh mục", f"dùng một trong: {known}")
    if kind == "string_pattern_mismatch":
        return Fault(place, f"mã “{name}” viết sai", "chỉ dùng a-z, 0-9 và dấu gạch nối")
    says, fix = next(
        (words for start, words in _KINDS.items() if kind.startswith(start)),
        ("không đúng kiểu", "xem docs/programmes.md"),
    )
    return Fault(place, f"“{name}” {says}", fix)


def _nearest(name: str, shape: type[BaseModel], place: Place) -> str:
    known = _keys_at(shape, place[:-1])
    close = get_close_matches(name, known, 1)
    if close:
        return f"viết “{close[0]}”, hoặc bỏ đi"
    return f"bỏ đi; các khóa dùng được: {', '.join(sorted(known))}"


def _keys_at(shape: type[BaseModel], place: Place) -> list[str]:
    """Return the keys that may stand in the table at ``place``."""
    inner: Any = shape
    for step in place:
        if isinstance(step, str) and step in getattr(inner, "__tables__", {}):
            inner = inner.__tables__[step]
    return [field.alias or name for name, field in inner.model_fields.items()]
