"""Officers mark what they sent; who stands for a body that is gone is asked."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.errors import (
    Conflict,
    NeedsReason,
    NotFound,
    NotValid,
    RoleUnset,
    UnknownItem,
    UnknownProgramme,
)  # fmt: skip
from intake.plans.deadlines import board_on
from intake.plans.working_days import working_days
from intake.work.filing_shapes import FilingView
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import NOVEMBER, OFFICER, PROVINCE, WARD, Town, at, furnish

HANOI = "hanoi-265-2024"
NOW = at("2026-12-16 23:00:00")


@pytest.fixture
def town(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    clock.set(at("2026-11-01 08:00:00"))
    town = furnish(database, clock, tmp_path, neighbourhoods=1)
    town.uses.use(PROVINCE, HANOI, NOVEMBER)
    clock.set(NOW)
    return town


def send(
    town: Town, item: str = "bao-cao-nam", occurrence: str = "2026-12-17", **more: Any
) -> FilingView:
    values: dict[str, Any] = {
        "area_id": WARD, "document_number": "12/BC-UBND", "document_on": date(2026, 12, 15),
        "by": OFFICER, "at": NOW,
    }  # fmt: skip
    return town.filings.mark_sent(HANOI, item, occurrence, **values | more)


def overdue(town: Town, on: date) -> set[str]:
    filed = town.filings.filed(HANOI, WARD)
    board = board_on(town.uses.programme(HANOI), on, working_days(), filed)
    return {late.deadline.id for late in board.late}


def test_a_report_that_is_marked_as_sent_is_no_longer_overdue(town: Town) -> None:
    day = date(2026, 12, 18)
    assert "bao-cao-nam" in overdue(town, day)
    sent = send(town)
    assert (sent.title, sent.document_number, sent.version) == ("Báo cáo năm", "12/BC-UBND", 1)
    assert town.filings.filed(HANOI, WARD) == {"bao-cao-nam": (date(2026, 12, 17),)}
    assert "bao-cao-nam" not in overdue(town, day)
    assert town.filings.filed(HANOI, PROVINCE) == {}


@pytest.mark.parametrize(
    ("item", "occurrence", "error"),
    [
        ("bao-cao-nam", "2026-12-18", UnknownItem),  # not the named day
        ("bao-cao-nam", "17/12", NotValid),
        ("bao-cao-quy", "2026-12-17", UnknownItem),
        ("dang-ky-nam", "2026; DROP", UnknownItem),
    ],
)
def test_what_the_plan_does_not_ask_for_is_not_marked(
    town: Town, item: str, occurrence: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        send(town, item, occurrence)
    assert town.filings.listed(WARD) == ()


def test_a_paper_needs_a_number_a_day_that_has_come_and_a_place(town: Town) -> None:
    for wrong in ({"document_number": " "}, {"document_on": date(2026, 12, 17)}):
        with pytest.raises(NotValid):
            send(town, **wrong)
    with pytest.raises(NotFound):
        send(town, area_id="nowhere")
    with pytest.raises(UnknownProgramme):
        town.filings.filed("khong-co", WARD)
    assert town.filings.listed(WARD) == ()


def test_the_same_report_is_marked_once_and_amended_with_a_reason(town: Town) -> None:
    sent = send(town)
    with pytest.raises(Conflict):
        send(town)
    with pytest.raises(NeedsReason):
        town.filings.amend(sent.id, {"document_number": "13/BC"}, "", OFFICER, NOW)
    with pytest.raises(NotValid):
        town.filings.amend(sent.id, {"item": "x"}, "nhầm", OFFICER, NOW)
    later = NOW + timedelta(days=2)
    amended = town.filings.amend(
        sent.id, {"document_number": "13/BC", "document_on": date(2026, 12, 16)}, "nhầm số",
        "ab" * 16, later,
    )  # fmt: skip
    assert (amended.document_number, amended.version, amended.filed_at) == ("13/BC", 2, NOW)
    (change,) = town.filings.changes(sent.id)
    assert (change.before["document_number"], change.reason) == ("12/BC-UBND", "nhầm số")
    assert change.by == f"officer:{'ab' * 16}"


def test_a_mark_that_is_withdrawn_is_owed_again_and_may_be_set_anew(town: Town) -> None:
    sent = send(town)
    town.filings.withdraw(sent.id, "chưa gửi", OFFICER, NOW)
    assert town.filings.filed(HANOI, WARD) == {}
    with pytest.raises(NotFound):
        town.filings.withdraw(sent.id, "lần nữa", OFFICER, NOW)
    again = send(town, document_number="14/BC")
    assert (again.id, again.version, again.withdrawn) == (sent.id, 3, False)
    assert [view.document_number for view in town.filings.listed(WARD)] == ["14/BC"]
    assert len(town.filings.changes(sent.id)) == 2


def test_a_body_that_is_gone_is_asked_about_before_anything_is_sent_for_it(town: Town) -> None:
    with pytest.raises(RoleUnset):
        send(town, role="ubnd-quan-huyen")
    assert town.filings.holder(HANOI, "ubnd-quan-huyen", WARD) is None
    with pytest.raises(NotValid):
        town.filings.name_holder(HANOI, "ubnd-quan-huyen", PROVINCE, "", OFFICER)
    with pytest.raises(UnknownItem):
        town.filings.name_holder(HANOI, "ubnd-khong-co", PROVINCE, "UBND phường", OFFICER)
    with pytest.raises(NotFound):
        town.filings.name_holder(HANOI, "ubnd-quan-huyen", "nowhere", "UBND phường", OFFICER)
    town.filings.name_holder(HANOI, "ubnd-quan-huyen", PROVINCE, "UBND phường", OFFICER)
    assert town.filings.holder(HANOI, "ubnd-quan-huyen", WARD) == "UBND phường"
    assert send(town, role="ubnd-quan-huyen").role == "ubnd-quan-huyen"
    send(town)  # for the unit itself: another paper
    assert len(town.filings.listed(WARD)) == 2
    assert town.filings.filed(HANOI, WARD, "ubnd-quan-huyen").keys() == {"bao-cao-nam"}
    assert town.filings.filed(HANOI, WARD, "cong-an-xa") == {}


def test_a_body_that_still_stands_needs_no_holder(town: Town) -> None:
    assert town.filings.holder(HANOI, "ubnd-xa", WARD) == "UBND xã, phường, thị trấn"
    assert send(town, role="ubnd-xa").version == 1


def test_a_duty_that_is_marked_as_sent_is_met_and_owed_again_when_withdrawn(town: Town) -> None:
    town.obligations.open_period(date(2026, 12, 1))

    def registered() -> tuple[int, bool, bool]:
        owed = town.obligations.standing(WARD, date(2026, 12, 16))
        return next((o.done, o.met, o.timely) for o in owed if o.duty == "dang-ky-nam")

    assert registered() == (0, False, False)
    sent = send(town, "dang-ky-nam", "2026")
    assert registered() == (1, True, True)
    figures = town.compliance.figures(HANOI, "dang-ky-nam", "2026", WARD)
    assert figures.approved == 1
    town.filings.withdraw(sent.id, "nhầm", OFFICER, NOW)
    assert registered() == (0, False, False)


def test_what_was_sent_before_the_period_was_opened_counts_too(town: Town) -> None:
    send(town, "dang-ky-nam", "2026")
    town.obligations.open_period(date(2026, 12, 1))
    assert town.compliance.figures(HANOI, "dang-ky-nam", "2026", WARD).met == 1


def test_what_has_no_date_is_marked_for_a_time_of_ones_own(town: Town) -> None:
    sent = send(town, "so-ket-nam", "2026")
    assert sent.title == "Sơ kết, đánh giá 01 năm"
    assert town.filings.filed(HANOI, WARD) == {}  # no named day, so nothing for the board
