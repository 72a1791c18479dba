"""Health on the officers' port says one word; figures are on a socket of their own."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.counters import Counters
from api.routes.health import create_metrics_app
from intake.upkeep.health import Figures
from tests.api.desks import Desk
from tests.clocks import FixedClock


def test_a_living_desk_says_ok_and_ready(desk: Desk) -> None:
    browser = desk.browser()
    assert browser.get("/healthz").text == "ok\n"
    assert (browser.get("/readyz").status_code, browser.get("/readyz").text) == (200, "ready\n")


@pytest.mark.parametrize("figures", [Figures(False, True), Figures(True, False)])
def test_a_desk_that_cannot_write_or_is_behind_is_not_ready(desk: Desk, figures: Figures) -> None:
    desk.health.wished = figures
    answer = desk.browser().get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "try_later")
    assert desk.browser().get("/healthz").status_code == 200


def test_a_stopped_writer_turns_ready_red(desk: Desk) -> None:
    desk.ward.intake.database.writer.stop()
    assert desk.browser().get("/readyz").status_code == 503


def test_figures_are_not_on_the_officers_port(desk: Desk) -> None:
    for login in ("phuong.binh", "quantri"):
        assert desk.signed_in(login).get("/metrics").status_code == 404


def figures(desk: Desk) -> dict[str, str]:
    """Return every figure of the operator's page by its name."""
    app = create_metrics_app(desk.health, desk.counters)
    answer = TestClient(app).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


def test_the_operator_sees_the_machine_and_no_tip(desk: Desk) -> None:
    tip = desk.tip()
    desk.signed_in("phuong.binh").get(f"/tin/{tip}")
    told = figures(desk)
    assert told["homthu_writer_alive"] == "1"
    assert told["homthu_schema_current"] == "1"
    assert told["homthu_open_sessions"] == "1"
    assert told['homthu_probe_age_days{unit="phuong"}'] == "0"
    assert tip not in str(told)
    assert not [name for name in told if "tip" in name]


def test_open_sessions_fall_when_somebody_leaves_or_is_idle(desk: Desk) -> None:
    binh = desk.signed_in("phuong.binh")
    binh.get("/hang-tin")
    desk.signed_in("phuong.chi").get("/hang-tin")
    assert figures(desk)["homthu_open_sessions"] == "2"
    binh.post("/dang-xuat")
    assert figures(desk)["homthu_open_sessions"] == "1"
    desk.ward.clock.advance(timedelta(minutes=16))
    assert figures(desk)["homthu_open_sessions"] == "0"


def test_an_unproved_key_is_told_as_not_a_number(desk: Desk) -> None:
    desk.health.wished = Figures(True, True, {'ph"uong': None})
    assert figures(desk)['homthu_probe_age_days{unit="ph\\"uong"}'] == "NaN"


def test_counts_show_only_whole_days_and_only_in_fives(clock: FixedClock) -> None:
    counters = Counters(clock)
    for _ in range(13):
        counters.add("sign_ins")
        counters.add_answer(404)
    assert set(counters.yesterday().values()) == {0}
    clock.advance(timedelta(days=1))
    assert counters.yesterday()["sign_ins"] == 15
    assert counters.yesterday()["answers_4xx"] == 15
    clock.advance(timedelta(days=2))
    assert set(counters.yesterday().values()) == {0}
