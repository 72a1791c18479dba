"""`homthu init`: clashing answers are refused at the question, and a failure leaves nothing."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import homthu
from intake.errors import Conflict
from intake.people import People
from intake.upkeep.operator_words import in_vietnamese
from intake.vault.custody import new_custody

ANSWERS = [
    "33", "tỉnh Thử", "Công an tỉnh Thử",
    "100; phường Một; Công an phường Một", "",
    "https://tin.thu.invalid", "https://ban.thu.invalid", "y", "", "",
    "quantri", "tinh.mot", "Một", "y",
]  # fmt: skip


@pytest.fixture(autouse=True)
def custody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("HOMTHU_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "custody-public.json"
    path.write_text(new_custody().public.model_dump_json())
    return path


def types(folder: Path, answers: list[str]) -> Result:
    """Run `homthu init` in a folder and answer what it asks."""
    words = ["init", "--dir", str(folder / "etc"), "--state-dir", str(folder / "lib" / "state")]
    lines = "\n".join([str(folder / "custody-public.json"), *answers, ""])
    return CliRunner().invoke(homthu.app, words, input=lines)


def typed_before(line: str, *wrong: str) -> list[str]:
    at = ANSWERS.index(line)
    return [*ANSWERS[:at], *wrong, *ANSWERS[at:]]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (typed_before("tinh.mot", "quantri", "QuanTri"), "Quản trị đã dùng tên này"),
        (typed_before(ANSWERS[3], "33; phường Một; trùng mã tỉnh"), "Mã này là mã của tỉnh."),
        (typed_before(ANSWERS[3], "", " "), "Cần ít nhất một xã, phường."),
    ],
)
def test_an_answer_that_clashes_is_asked_again(
    tmp_path: Path, answers: list[str], told: str
) -> None:
    result = types(tmp_path, answers)
    assert result.exit_code == 0, result.output
    assert told in result.output
    assert "Xin ghi đủ ba phần" not in result.output
    assert "Đã ghi." in result.output


@pytest.mark.parametrize("failure", [Conflict("this login is taken"), OSError("the disk is full")])
def test_a_late_failure_takes_back_what_was_written_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: object) -> str:
        raise failure

    other = tmp_path / "etc" / "other.conf"
    other.parent.mkdir()
    other.write_text("kept")
    with monkeypatch.context() as patch:
        patch.setattr(People, "add_officer", fail)
        result = types(tmp_path, ANSWERS)
    assert result.exit_code == 2
    assert f"Không ghi được: {in_vietnamese(failure)}. Lần này" in result.output
    assert {path.name for path in tmp_path.rglob("*")} == {
        "etc", "other.conf", "custody-public.json"
    }  # fmt: skip
    assert types(tmp_path, ANSWERS).exit_code == 0


def test_a_file_that_is_there_already_is_refused_and_stays(tmp_path: Path) -> None:
    database = tmp_path / "lib" / "state" / "homthu.db"
    database.parent.mkdir(parents=True)
    database.write_text("kept")
    result = types(tmp_path, ANSWERS)
    assert result.exit_code == 2
    assert f"đã có {database}" in result.output
    assert [path for path in (tmp_path / "lib").rglob("*") if path.is_file()] == [database]
    assert database.read_text() == "kept"
    assert not (tmp_path / "etc").exists()
