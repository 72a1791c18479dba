"""`homthu areas`: the table without a database, and lists taken in and undone at the prompt."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

import homthu
from intake import foundation
from intake.settings import Settings
from tests.wards import WARD_AREA, Ward

HEAD = "ward_code,own_code,unit_name,kind"


@pytest.fixture(autouse=True)
def no_settings_from_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HOMTHU_{name.upper()}", raising=False)


@contextmanager
def _stay_open(ward: Ward) -> Iterator[Any]:
    ground = ward.foundation
    yield SimpleNamespace(intake=ground.intake, places=ground.places, close=lambda: None)


@pytest.fixture
def prompt(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `homthu areas` over a furnished ward."""

    def lay(_: Settings) -> Any:
        with _stay_open(ward) as ground:
            return ground

    monkeypatch.setattr(foundation, "lay", lay)

    def run(*words: object) -> Any:
        ward.clock.advance(minutes=1)
        return CliRunner().invoke(homthu.app, ["areas", *(str(word) for word in words)])

    return run


def standing(ward: Ward) -> set[str]:
    with ward.intake.read() as view:
        return {row.id for row in view.areas.all()}


def written(folder: Path, *lines: str) -> Path:
    path = folder / "to.csv"
    path.write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    return path


def test_the_country_is_counted_without_settings_or_database(tmp_path: Path) -> None:
    result = CliRunner().invoke(homthu.app, ["areas", "count", "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert list(told) == ["provinces", "communes", "by_province"]
    assert (told["provinces"], told["communes"]) == (34, 3321)
    assert (told["by_province"]["01"], told["by_province"]["33"]) == (126, 104)
    words = CliRunner().invoke(homthu.app, ["areas", "count"]).stdout
    assert "01  thành phố Hà Nội: 126" in words


def test_a_list_is_previewed_taken_and_undone_at_the_prompt(
    prompt: Any, ward: Ward, tmp_path: Path
) -> None:
    before = standing(ward)
    path = written(tmp_path, f"{WARD_AREA},11,Tổ 11,tổ dân phố", f"{WARD_AREA},12,Tổ 12,TDP")
    dry = prompt("import", path, "--dry-run")
    assert dry.exit_code == 0
    assert f"{WARD_AREA}-12  Tổ 12" in dry.stdout
    assert "Thêm 2." in dry.stdout
    assert standing(ward) == before
    taken = prompt("import", path)
    assert taken.exit_code == 0
    assert standing(ward) - before == {f"{WARD_AREA}-11", f"{WARD_AREA}-12"}
    import_id = taken.stdout.strip().rsplit(" ", 1)[-1]
    assert import_id in prompt("imports").stdout
    assert "Tổ 11" in prompt("tree", WARD_AREA).stdout
    undone = prompt("undo", import_id)
    assert undone.exit_code == 0
    assert standing(ward) == before
    again = prompt("undo", import_id)
    assert again.exit_code == 2
    assert again.stderr.strip() == "Không làm được: lần nhập này đã được hoàn tác"


def test_a_faulty_list_ends_with_its_faults_and_exit_2(
    prompt: Any, ward: Ward, tmp_path: Path
) -> None:
    before = standing(ward)
    path = written(tmp_path, f"{WARD_AREA},11,Tổ 11,tổ dân phố", "99999,12,Tổ 12,TDP")
    for words in (("import", path), ("import", path, "--dry-run")):
        result = prompt(*words)
        assert result.exit_code == 2
        assert "Dòng 3: không có địa bàn nào mang ward_code này; cách sửa:" in result.stderr
        assert "1 lỗi; chưa ghi gì." in result.stderr
    assert standing(ward) == before
    lost = prompt("import", tmp_path / "khong-co.csv")
    assert lost.exit_code == 2
    assert "cách sửa" in lost.stderr


def test_the_country_merging_and_ending_work_at_the_prompt(prompt: Any, ward: Ward) -> None:
    assert "1 tỉnh, 104 xã" in prompt("country", "--province", "33").stdout
    assert prompt("country", "--province", "00").exit_code == 2
    first, second = f"{WARD_AREA}-03", f"{WARD_AREA}-04"
    assert prompt("merge", first, "--into", second, "--on", "2027-01-01").exit_code == 0
    assert "thôi từ 1/1/2027" in prompt("tree", WARD_AREA).stdout
    assert prompt("merge", first, "--into", second, "--on", "2027-01-01").exit_code == 2
    assert prompt("end", second, "--on", "2028-01-01").exit_code == 0
    assert prompt("end", second, "--on", "mai").exit_code == 2
