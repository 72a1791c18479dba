"""`homthu reminders stop` and `resume`: the switch of everything, for whoever is at the server."""

from typing import Any

import pytest
from typer.testing import CliRunner

import homthu
from intake.nudging.stops import EVERYWHERE, stopped_areas, stops_seen, switch_of
from intake.ports import SystemClock
from intake.service import Intake
from intake.settings import Settings
from storage.database import Database


@pytest.fixture
def intake(database: Database) -> Intake:
    database.upgrade()
    return Intake(database, SystemClock())


@pytest.fixture
def prompt(intake: Intake, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path) -> Any:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HOMTHU_{name.upper()}", raising=False)
    url = database.url.render_as_string(hide_password=False)
    for name, value in {"DATABASE_URL": url, "STATE_DIR": tmp_path, "DEMO": "true"}.items():
        monkeypatch.setenv(f"HOMTHU_{name}", str(value))
    return lambda *words: CliRunner().invoke(homthu.app, ["reminders", *words])


def acts(intake: Intake) -> list[tuple[str, str, str]]:
    with intake.read() as view:
        return [(row.actor, row.act, row.subject) for row in view.audit.rows(0)]


def test_everything_is_stopped_and_let_run_again_and_both_stand_in_the_audit_chain(
    intake: Intake, prompt: Any
) -> None:
    told = prompt("stop")
    assert (told.exit_code, "Đã dừng mọi tin nhắc" in told.stdout) == (0, True)
    with intake.read() as view:
        assert stopped_areas(view) == {""}
        (stop,) = stops_seen(view, None)
    assert stop.by == "người vận hành máy chủ"
    assert "từ trước" in prompt("stop").stdout
    assert "Đã cho chạy lại" in prompt("resume").stdout
    assert "không có gì để cho chạy lại" in prompt("resume").stdout
    assert acts(intake) == [("operator", "nudges.stop", ""), ("operator", "nudges.resume", "")]


def test_what_an_area_has_stopped_stays_stopped_and_is_named(intake: Intake, prompt: Any) -> None:
    now = intake.clock.now()
    for name in (EVERYWHERE, switch_of("D1-01")):
        intake.write_now(lambda tx, name=name: tx.nudges.stop(name, now, "officer:01"))
    told = prompt("resume")
    assert "Vẫn dừng riêng ở: D1-01" in told.stdout
    with intake.read() as view:
        assert stopped_areas(view) == {"D1-01"}
