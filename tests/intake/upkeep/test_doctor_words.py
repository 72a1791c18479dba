"""The doctor speaks the operator's language, whatever it finds and whoever found it."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.errors import HomThuError, KeyListRejected
from intake.settings import Settings
from intake.upkeep.doctor import examine
from intake.upkeep.doctor_words import in_vietnamese
from tests.wards import Ward

ROOT = Path(__file__).parents[3]
ENGLISH = re.compile(r"(?<![-\w])(?:the|is|of|not|cannot|there|this|run|missing|older)(?![-\w])")
"""Common words; names of jobs, files, settings and commands stay what they are."""
FOUND_BY_OTHERS = ("keylist.py", "service.py", "vault/keyring.py", "vault/segments.py")
KINDS = {"KeyListRejected", "WrongMark", "MissingKey", "SchemaBehind", "DatabaseBusy"}
ONLY_AT_AN_IMPORT = {
    "this segment is no newer than the one in use",
    "others were signing at this moment: import again",
    "this file is not a segment of a key list",
}


def reasons() -> Iterator[str]:
    """Return what these rooms say when they refuse, with "12" for each name and number in it."""
    for name in (*FOUND_BY_OTHERS, "upkeep/backups.py"):
        for node in ast.walk(ast.parse((ROOT / "intake" / name).read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(text))]) if (
                    kind in KINDS
                ):
                    yield text
                case ast.Call(func=ast.Name(id=kind), args=[ast.JoinedStr(values=parts)]) if (
                    kind in KINDS
                ):
                    yield "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "12"
                        for part in parts
                    )


REASONS = sorted(set(reasons()) - ONLY_AT_AN_IMPORT)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_a_refusal_has_its_own_words(reason: str) -> None:
    says = in_vietnamese(KeyListRejected(reason))
    assert says != in_vietnamese(KeyListRejected("never heard of"))
    assert not ENGLISH.search(says)
    assert says.count("12") == reason.count("12")


def test_a_reason_that_nobody_foresaw_is_told_by_its_kind() -> None:
    assert in_vietnamese(KeyListRejected("never heard of")) == "danh sách khóa bị từ chối"
    assert in_vietnamese(HomThuError("never heard of")) == "máy gặp lỗi (error)"


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
