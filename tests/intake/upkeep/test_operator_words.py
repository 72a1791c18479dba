"""The doctor and every command speak the operator's language, whoever found what is wrong."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.errors import HomThuError, KeyListRejected, Misconfigured
from intake.settings import Settings, load_settings
from intake.upkeep.doctor import examine
from intake.upkeep.operator_words import in_vietnamese
from storage.errors import Busy
from tests.wards import Ward

ROOT = Path(__file__).parents[3]
ENGLISH = re.compile(r"(?<![-\w])(?:the|is|of|or|not|cannot|there|this|run|missing|older)(?![-\w])")
"""Common words; names of jobs, files, settings and commands stay what they are."""
ROOMS = ("api", "bot", "intake", "reminders")
STOPS = {
    "Misconfigured", "MissingKey", "KeyListRejected", "WrongMark", "FalsePromise", "SchemaBehind",
    "UnknownProgramme", "BadFile", "BadBackup",
}  # fmt: skip
"""What ends a command or keeps a process from starting, wherever it is found."""
REFUSALS = {"NotValid", "NotFound", "Conflict", "NotTaken"}
"""What `homthu areas`, `units` and `posters` are refused with."""


def said_in(path: Path, kinds: set[str]) -> Iterator[str]:
    """Return what a module says when it refuses, with "12" for each name and number in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(text))]) if (
                kind in kinds
            ):
                yield text
            case ast.Call(func=ast.Name(id=kind), args=[ast.JoinedStr(values=parts)]) if (
                kind in kinds
            ):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "12" for part in parts
                )


def reasons() -> Iterator[str]:
    yield from said_in(ROOT / "homthu.py", STOPS)
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            yield from said_in(path, STOPS)
    yield from said_in(ROOT / "intake" / "service.py", {"DatabaseBusy"})
    for path in (ROOT / "intake" / "country").glob("*.py"):
        yield from said_in(path, REFUSALS)


WHY_UNREADABLE = "the settings file 12 12"  # its three reasons are tried below
REASONS = sorted({reason for reason in reasons() if reason.isascii()} - {WHY_UNREADABLE})


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_a_refusal_has_its_own_words(reason: str) -> None:
    says = in_vietnamese(KeyListRejected(reason))
    assert says != in_vietnamese(KeyListRejected("never heard of"))
    assert not ENGLISH.search(says)
    assert says.count("12") == reason.count("12")


def test_a_reason_that_nobody_foresaw_is_told_by_its_kind() -> None:
    assert in_vietnamese(KeyListRejected("never heard of")) == "danh sách khóa bị từ chối"
    assert in_vietnamese(HomThuError("never heard of")) == "máy gặp lỗi (error)"


def test_words_that_are_vietnamese_already_stay_as_they_are() -> None:
    assert in_vietnamese(Misconfigured("thư mục đã có thứ khác")) == "thư mục đã có thứ khác"
    assert in_vietnamese(Busy("no free connection")) == "cơ sở dữ liệu đang bận"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"base_url = = 1\n", "không phải TOML: dòng 1, cột 12"),
        (b"base_url = ", "không phải TOML: dở dang ở cuối tệp"),
        (b"\xff", "không phải TOML: chữ không phải UTF-8"),
        (b"locale = 5\nmax_photos = 'x'", "cài đặt chưa đúng: "),
    ],
)
def test_settings_that_cannot_be_used_are_told_with_the_place(
    tmp_path: Path, body: bytes, told: str
) -> None:
    config = tmp_path / "cài đặt 1.toml"
    config.write_bytes(body)
    with pytest.raises(Misconfigured) as refused:
        load_settings(config)
    assert told in in_vietnamese(refused.value)
    assert not ENGLISH.search(in_vietnamese(refused.value))


def no_pepper(settings: Settings) -> Settings:
    settings.key_file("pepper.key").unlink()
    return settings


def open_to_others(settings: Settings) -> Settings:
    settings.key_file("pepper.key").chmod(0o644)
    return settings


def cut_short(settings: Settings) -> Settings:
    settings.key_file("pepper.key").write_text("00")
    return settings


def pinned_above(settings: Settings) -> Settings:
    return settings.model_copy(update={"key_list_minimum": {"root": 999}})


def without_backup_key(settings: Settings) -> Settings:
    return settings.model_copy(update={"backup_dir": settings.state_dir})


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (no_pepper, "pepper.key thiếu hoặc không đọc được"),
        (open_to_others, "pepper.key để người khác trên máy đọc được: chạy chmod 600"),
        (cut_short, "pepper.key hỏng: không chứa đúng 32 byte"),
        (pinned_above, "danh sách khóa: phần của root cũ hơn phiên bản 999"),
        (without_backup_key, "backup.pub thiếu hoặc hỏng: chạy homthu backup new-key"),
    ],
)
def test_no_line_of_the_doctor_is_english(
    ward: Ward, harm: Callable[[Settings], Settings], told: str
) -> None:
    says = [finding.says for finding in examine(harm(ward.settings))]
    assert told in says
    assert [line for line in says if ENGLISH.search(line)] == []
