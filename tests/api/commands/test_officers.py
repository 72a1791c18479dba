"""`homthu officers add` and `homthu units list`: a wrong id ends in a sentence, ids can be read."""

from typing import Any

import pytest
from typer.testing import CliRunner

import homthu
from intake import foundation
from intake.settings import Settings
from tests.wards import WARD_AREA, Ward


@pytest.fixture
def prompt(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `homthu` over a furnished ward."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HOMTHU_{name.upper()}", raising=False)
    monkeypatch.setattr(foundation.Foundation, "close", lambda _: None)
    monkeypatch.setattr(foundation, "lay", lambda _: ward.foundation)
    return lambda *words: CliRunner().invoke(homthu.app, list(words))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("lan", "Trần Lan", "--unit", "khong-co"), "homthu units list"),
        (("canbo-hoamau", "Trần Lan", "--unit", "{unit}"), "chọn tên khác"),
        (("lan!", "Trần Lan", "--unit", "{unit}"), "cách sửa: tên đăng nhập"),
        (("lan", "Trần Lan", "--unit", "{unit}", "--role", "vua"), "--role là officer"),
    ],
)
def test_what_cannot_be_added_ends_in_a_sentence(
    prompt: Any, ward: Ward, words: tuple[str, ...], told: str
) -> None:
    with ward.intake.read() as view:
        unit = next(each.id for each in view.areas.units() if each.area_id == WARD_AREA)
        login = view.officers.of_unit(unit)[0].login
    typed = [word.format(unit=unit).replace("canbo-hoamau", login) for word in words]
    result = prompt("officers", "add", *typed)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.output


def test_the_ids_of_units_can_be_read(prompt: Any, ward: Ward) -> None:
    with ward.intake.read() as view:
        units = view.areas.units()
    told = prompt("units", "list").stdout
    tree = prompt("areas", "list").stdout
    for unit in units:
        assert f"{unit.id}  {unit.name}  địa bàn {unit.area_id}" in told
        assert f"mã đơn vị {unit.id}" in tree
