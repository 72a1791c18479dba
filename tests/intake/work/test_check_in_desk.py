"""Check-ins after the close, before the ward, and as buttons."""

from datetime import date

import pytest

from intake.errors import (
    Conflict,
    Flagged,
    NeedsReason,
    NotFound,
)  # fmt: skip
from intake.work.check_ins import CheckInDraft, Filer
from tests.clocks import FixedClock
from tests.intake.work.november import DAY, EVENING, TO, done
from tests.intake.work_side import (
    NOVEMBER,
    OFFICER,
    OTHER_WARD,
    TEMPLATE,
    WARD,
    Town,
    at,
)  # fmt: skip

# --- after the close ------------------------------------------------------------------------------


@pytest.fixture
def closed(town: Town, clock: FixedClock) -> Town:
    """November is over and frozen; the first neighbourhood has met it."""
    town.file(TO, DAY, source="before")
    clock.set(at("2026-12-11 00:00:00"))
    town.obligations.close_due(clock.now())
    return town


def test_a_check_in_for_a_closed_period_is_kept_apart_and_changes_no_figure(
    closed: Town, clock: FixedClock
) -> None:
    draft = CheckInDraft(owner_id=f"{WARD}-02", kind="outreach", done_on=date(2026, 11, 30))
    assert closed.check_ins.foresee(draft, date(2026, 12, 11)).warnings == ("ky_da_khoa",)
    filed = closed.file(f"{WARD}-02", date(2026, 11, 30), clock.now())
    assert filed.after_close and [(e.closed, e.done) for e in filed.effects] == [(True, 0)]
    assert [e.done for e in closed.check_ins.foresee(draft, date(2026, 12, 11)).effects] == [0]
    apart = closed.check_ins.after_close([WARD], NOVEMBER, date(2026, 11, 30))
    assert [c.id for c in apart] == [filed.check_in_id]
    figures = closed.compliance.figures(TEMPLATE, "tuyen-truyen-thang", "2026-11", WARD)
    assert (figures.met, figures.expected) == (1, 3)


def test_an_amendment_after_the_close_is_listed_apart_and_changes_no_figure(
    closed: Town, clock: FixedClock, leader: Filer
) -> None:
    seen = closed.check_ins.mine(closed.leader)[0]
    before = closed.compliance.figures(TEMPLATE, "tuyen-truyen-thang", "2026-11", WARD)
    closed.check_ins.withdraw(seen.id, "không đúng", leader, clock.now())
    assert closed.compliance.figures(TEMPLATE, "tuyen-truyen-thang", "2026-11", WARD) == before
    apart = closed.check_ins.after_close([WARD], NOVEMBER, date(2026, 11, 30))
    assert [(c.id, c.state) for c in apart] == [(seen.id, "voided")]


# --- the ward -------------------------------------------------------------------------------------


def test_the_ward_accepts_in_bulk_what_is_not_flagged(town: Town) -> None:
    plain = [town.file(f"{WARD}-0{n}", DAY).check_in_id for n in (1, 2)]
    odd = town.file(f"{WARD}-03", DAY, people=5_000).check_in_id
    waiting = town.check_ins.review_list([WARD])
    assert waiting[0].id == odd and len(waiting) == 3
    assert town.check_ins.review_list([OTHER_WARD]) == ()
    with pytest.raises(Flagged):
        town.check_ins.approve([*plain, odd], OFFICER)
    assert len(town.check_ins.review_list([WARD])) == 3
    assert town.check_ins.approve(plain, OFFICER) == 2
    assert town.check_ins.approve(plain, OFFICER) == 0
    assert town.check_ins.approve([odd], OFFICER) == 1
    assert town.check_ins.review_list([WARD]) == ()
    figures = town.compliance.figures(TEMPLATE, "tuyen-truyen-thang", "2026-11", WARD)
    assert (figures.met, figures.approved) == (3, 3)
    with pytest.raises(NotFound):
        town.check_ins.approve(["ab" * 16], OFFICER)


def test_what_is_sent_back_does_not_count_until_it_is_answered(town: Town, leader: Filer) -> None:
    filed = town.file(TO, DAY)
    town.check_ins.approve([filed.check_in_id], OFFICER)
    with pytest.raises(NeedsReason):
        town.check_ins.send_back(filed.check_in_id, "", OFFICER)
    town.check_ins.send_back(filed.check_in_id, "Ai chủ trì?", OFFICER)
    assert done(town) == (0, False, False)
    seen = town.check_ins.find(filed.check_in_id)
    assert (seen.state, seen.question) == ("returned", "Ai chủ trì?")
    with pytest.raises(Conflict):
        town.check_ins.approve([filed.check_in_id], OFFICER)
    later = at("2026-12-03 08:00:00")
    town.check_ins.amend(filed.check_in_id, {"chair": "Bí thư"}, "trả lời", leader, later)
    assert done(town) == (1, True, True)  # the filing time stays
    seen = town.check_ins.find(filed.check_in_id)
    assert (seen.state, seen.question, seen.chair) == ("filed", "", "Bí thư")


def test_what_was_approved_and_is_changed_waits_for_the_ward_again(
    town: Town, leader: Filer
) -> None:
    filed = town.file(TO, DAY)
    town.check_ins.approve([filed.check_in_id], OFFICER)
    town.check_ins.amend(filed.check_in_id, {"people": 30}, "đếm lại", leader, EVENING)
    assert [c.id for c in town.check_ins.review_list([WARD])] == [filed.check_in_id]
    figures = town.compliance.figures(TEMPLATE, "tuyen-truyen-thang", "2026-11", WARD)
    assert (figures.met, figures.approved) == (1, 0)


# --- buttons --------------------------------------------------------------------------------------


def test_buttons_come_from_what_was_told_before_newest_first(town: Town) -> None:
    for day, people, place in ((1, 40, "Nhà văn hóa"), (5, 45, "Sân đình"), (9, 40, "Nhà văn hóa")):
        town.file(TO, date(2026, 11, day), people=people, place=place, chair=f"Đ/c {day}")
    town.file(TO, date(2026, 11, 10), kind="listening_meeting", people=12)
    remembered = town.check_ins.history(TO, "outreach")
    assert remembered.people == (40, 45)
    assert remembered.places == ("Nhà văn hóa", "Sân đình")
    assert remembered.chairs == ("Đ/c 9", "Đ/c 5", "Đ/c 1")


def test_a_leader_sees_the_newest_of_what_they_look_after(town: Town) -> None:
    ids = [town.file(f"{WARD}-0{n}", date(2026, 11, n)).check_in_id for n in (1, 2, 3)]
    town.file(f"{WARD}-01", date(2026, 11, 4), filer=Filer.officer(OFFICER))
    town.clock.set(EVENING)
    assert len(town.check_ins.mine(town.leader)) == 4
    assert town.check_ins.mine(town.leader, 2)[1].id == ids[2]
    assert town.check_ins.mine("ab" * 16) == ()


def test_a_second_leader_of_the_same_neighbourhood_may_put_it_right(town: Town) -> None:
    deputy = "cd" * 16
    from storage.work_tables import Leader

    town.insert(Leader(id=bytes.fromhex(deputy), name="Cô Ba", added_on=NOVEMBER))
    town.hold(TO, leader=deputy)
    filed = town.file(TO, DAY)
    changed = town.check_ins.amend(
        filed.check_in_id, {"people": 9}, "", Filer.leader(deputy), EVENING
    )
    assert changed.version == 2
