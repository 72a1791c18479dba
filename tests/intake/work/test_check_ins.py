"""Filing, changing, taking back and reviewing what was done."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from intake.errors import (
    Conflict,
    FutureDay,
    NeedsReason,
    NotAllowed,
    NotAsked,
    NotFound,
    NotHeld,
    NotValid,
    TooLate,
)  # fmt: skip
from intake.work.check_ins import CheckInDraft, Filer
from tests.intake.work.november import DAY, EVENING, TO, done, effects
from tests.intake.work_side import (
    OFFICER,
    OTHER_WARD,
    WARD,
    Town,
    area,
    at,
)  # fmt: skip

# --- filing ---------------------------------------------------------------------------------------


def test_a_check_in_counts_for_the_period_of_its_own_day(town: Town) -> None:
    filed = town.file(TO, DAY, people=45, place="Nhà văn hóa")
    assert effects(filed) == [("Tuyên truyền hằng tháng", 1, 1, True)]
    assert filed.effects[0].period_label == "tháng 11/2026"
    assert done(town) == (1, True, True)
    assert done(town, kind="listening_meeting") == (0, False, False)
    seen = town.check_ins.find(filed.check_in_id)
    assert (seen.people, seen.place, seen.state, seen.commune_id) == (
        45,
        "Nhà văn hóa",
        "filed",
        WARD,
    )
    assert seen.filed_by == f"leader:{town.leader}" and not seen.by_phone


def test_the_same_message_files_nothing_twice(town: Town) -> None:
    first = town.file(TO, DAY, source="telegram:7:1")
    again = town.file(TO, DAY, source="telegram:7:1", people=99)
    assert (again.check_in_id, again.again, first.again) == (first.check_in_id, True, False)
    assert done(town) == (1, True, True)
    assert town.check_ins.find(first.check_in_id).people is None
    assert len(town.check_ins.mine(town.leader)) == 1


def test_filing_time_decides_and_not_the_day_on_which_it_was_done(town: Town) -> None:
    town.file(TO, date(2026, 11, 30), at("2026-11-30 23:59:59"))
    town.file(f"{WARD}-02", date(2026, 11, 30), at("2026-12-01 00:00:00"))
    assert done(town) == (1, True, True)
    assert done(town, f"{WARD}-02") == (1, True, False)


def test_one_meeting_may_serve_two_duties(town: Town) -> None:
    filed = town.file(TO, DAY, kind="listening_meeting", also_counts_as=("outreach",))
    assert {e.title for e in filed.effects} == {
        "Họp lắng nghe ý kiến nhân dân", "Tuyên truyền hằng tháng"
    }  # fmt: skip
    assert done(town) == done(town, kind="listening_meeting") == (1, True, True)


def test_the_card_says_before_filing_what_filing_then_does(town: Town) -> None:
    draft = CheckInDraft(owner_id=TO, kind="outreach", done_on=DAY)
    foreseen = town.check_ins.foresee(draft, DAY).effects
    assert done(town) == (0, False, False)
    assert foreseen == town.file(TO, DAY).effects


def test_a_leader_files_only_for_what_is_theirs_that_day(town: Town) -> None:
    stranger = Filer.leader(secrets.token_bytes(16).hex())
    with pytest.raises(NotHeld):
        town.file(TO, DAY, filer=stranger)
    with pytest.raises(NotHeld):
        town.file(WARD, DAY)
    with pytest.raises(NotFound):
        town.file("nowhere", DAY)
    assert done(town) == (0, False, False)


def test_an_officer_files_for_a_leader_by_phone_and_it_says_so(town: Town) -> None:
    filed = town.file(TO, DAY, filer=Filer.officer(OFFICER))
    seen = town.check_ins.find(filed.check_in_id)
    assert (seen.filed_by, seen.by_phone) == (f"officer:{OFFICER}", True)
    assert done(town) == (1, True, True)


def test_a_day_that_has_not_come_is_refused(town: Town) -> None:
    with pytest.raises(FutureDay):
        town.file(TO, date(2026, 11, 13), EVENING)
    town.file(TO, date(2026, 11, 13), at("2026-11-13 00:00:00"))


def test_nothing_is_filed_for_a_unit_that_was_not_there_that_day(town: Town) -> None:
    town.areas(area(f"{WARD}-77", "neighbourhood", WARD, valid_to=date(2026, 11, 10)))
    town.hold(f"{WARD}-77")
    town.file(f"{WARD}-77", date(2026, 11, 9), EVENING)
    with pytest.raises(Conflict):
        town.file(f"{WARD}-77", date(2026, 11, 10), EVENING)


@pytest.mark.parametrize("field", ["note", "place", "form"])
def test_names_of_people_are_refused_and_nothing_is_kept(town: Town, field: str) -> None:
    with pytest.raises(NotValid) as refused:
        town.file(TO, DAY, **{field: "anh Hùng số 12 bán ma túy, 0912 345 678"})
    assert "Hùng" not in str(refused.value)
    assert done(town) == (0, False, False)
    town.file(TO, DAY, **{field: "tuyên truyền phòng chống mua bán ma túy"})


def test_a_tip_box_is_opened_by_two_officers_and_never_by_a_leader(town: Town) -> None:
    two = {"kind": "tip_box", "present": ("Trung úy A", "Thượng úy B"), "slips": 3}
    with pytest.raises(NotAllowed):
        town.file(TO, DAY, **two)
    officer = Filer.officer(OFFICER, by_phone=False)
    with pytest.raises(NotValid):
        town.file(TO, DAY, filer=officer, **two | {"present": ("Trung úy A",)})
    with pytest.raises(NotValid):
        town.file(TO, DAY, filer=officer, **two | {"slips": None})
    filed = town.file(TO, DAY, filer=officer, **two)
    assert town.check_ins.find(filed.check_in_id).slips == 3


def test_two_who_file_at_once_both_count(town: Town) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: town.file(TO, DAY), range(16)))
    assert done(town) == (16, True, True)


def test_one_message_that_arrives_eight_times_at_once_is_one_check_in(town: Town) -> None:
    with ThreadPoolExecutor(8) as pool:
        filed = list(pool.map(lambda _: town.file(TO, DAY, source="zalo:1"), range(8)))
    assert len({one.check_in_id for one in filed}) == 1
    assert sum(not one.again for one in filed) == 1
    assert done(town) == (1, True, True)


# --- warnings -------------------------------------------------------------------------------------


def warnings(town: Town, **draft: object) -> tuple[str, ...]:
    values = {"owner_id": TO, "kind": "outreach", "done_on": DAY} | draft
    return town.check_ins.foresee(CheckInDraft(**values), DAY).warnings  # type: ignore[arg-type]


def test_more_people_than_live_there_are_asked_about_and_never_refused(town: Town) -> None:
    assert warnings(town, people=120) == ()
    assert warnings(town, people=5_000) == ("dong_qua",)
    assert town.file(TO, DAY, people=5_000).flags == ("dong_qua",)
    assert warnings(town, owner_id=f"{OTHER_WARD}-01", people=5_000) == ()  # nobody counted them


def test_a_second_filing_of_the_same_meeting_is_asked_about(town: Town) -> None:
    filed = town.file(TO, DAY)
    assert warnings(town) == ("da_co",)
    assert warnings(town, kind="listening_meeting") == ()
    assert [c.id for c in town.check_ins.same_day(TO, "outreach", DAY)] == [filed.check_in_id]
    town.check_ins.undo(filed.check_in_id, Filer.leader(town.leader), EVENING)
    assert warnings(town) == ()


def test_what_was_not_asked_about_is_not_filed_and_what_was_is(town: Town) -> None:
    first = town.file(TO, DAY, asked=())
    assert first.check_in == town.check_ins.find(first.check_in_id)
    with pytest.raises(NotAsked):
        town.file(TO, DAY, people=5_000, asked=("da_co",))
    assert done(town) == (1, True, True)
    second = town.file(TO, DAY, people=5_000, asked=("da_co", "dong_qua", "number"))
    assert second.flags == ("dong_qua", "da_co")
    assert town.file(TO, DAY, source="again", asked=("da_co",)).check_in_id
    assert town.file(TO, DAY, source="again", asked=()).again, "what is filed opens no question"


def test_an_old_activity_is_asked_about_from_the_61st_day(town: Town) -> None:
    assert "qua_cu" not in warnings(town, done_on=DAY - timedelta(days=60))
    assert "qua_cu" in warnings(town, done_on=DAY - timedelta(days=61))


def test_the_same_number_three_months_running_is_asked_about(town: Town) -> None:
    town.file(TO, date(2026, 9, 5), people=45)
    assert warnings(town, people=45) == ()
    town.file(TO, date(2026, 10, 5), people=45)
    assert warnings(town, people=45) == ("giong_nhau",)
    assert warnings(town, people=46) == warnings(town) == ()
    town.file(TO, date(2026, 10, 25), people=44)
    assert warnings(town, people=45) == ()


# --- changing -------------------------------------------------------------------------------------


def test_within_ten_minutes_it_is_taken_back_without_a_word(town: Town, leader: Filer) -> None:
    filed = town.file(TO, DAY)
    undone = town.check_ins.undo(filed.check_in_id, leader, EVENING + timedelta(minutes=10))
    assert effects(undone) == [("Tuyên truyền hằng tháng", 0, 1, False)]
    assert done(town) == (0, False, False)
    with pytest.raises(Conflict):
        town.check_ins.undo(filed.check_in_id, leader, EVENING)


def test_later_it_is_taken_back_with_a_reason_only(town: Town, leader: Filer) -> None:
    filed, later = town.file(TO, DAY), EVENING + timedelta(minutes=10, seconds=1)
    with pytest.raises(TooLate):
        town.check_ins.undo(filed.check_in_id, leader, later)
    with pytest.raises(NeedsReason):
        town.check_ins.withdraw(filed.check_in_id, " ", leader, later)
    assert done(town) == (1, True, True)
    town.check_ins.withdraw(filed.check_in_id, "ghi nhầm tổ", leader, later)
    assert done(town) == (0, False, False)
    assert [c.reason for c in town.check_ins.changes(filed.check_in_id)] == ["ghi nhầm tổ"]


def test_an_amendment_keeps_what_stood_there_and_by_whom(town: Town, leader: Filer) -> None:
    filed = town.file(TO, DAY, people=45)
    town.check_ins.amend(filed.check_in_id, {"people": 54}, "", leader, EVENING)
    later = EVENING + timedelta(hours=1)
    with pytest.raises(NeedsReason):
        town.check_ins.amend(filed.check_in_id, {"people": 55}, "", leader, later)
    town.check_ins.amend(filed.check_in_id, {"place": "Sân đình"}, "nhầm chỗ", leader, later)
    seen = town.check_ins.find(filed.check_in_id)
    assert (seen.people, seen.place, seen.version, seen.filed_at) == (54, "Sân đình", 3, EVENING)
    first, second = town.check_ins.changes(filed.check_in_id)
    assert (first.before["details"], second.before["details"]) == ({"people": 45}, {"people": 54})
    assert (second.reason, second.by) == ("nhầm chỗ", f"leader:{town.leader}")


def test_an_amendment_moves_it_to_the_period_of_the_new_day(town: Town, leader: Filer) -> None:
    filed = town.file(TO, DAY)
    moved = town.check_ins.amend(
        filed.check_in_id, {"done_on": date(2026, 10, 31)}, "", leader, EVENING
    )
    assert moved.effects == ()
    assert done(town) == (0, False, False)


def test_an_amendment_moves_it_to_another_neighbourhood_and_kind(town: Town, leader: Filer) -> None:
    filed = town.file(TO, DAY)
    changes = {"owner_id": f"{WARD}-02", "kind": "listening_meeting"}
    town.check_ins.amend(filed.check_in_id, changes, "", leader, EVENING)
    assert done(town) == (0, False, False)
    assert done(town, f"{WARD}-02", "listening_meeting") == (1, True, True)
    with pytest.raises(NotHeld):
        town.check_ins.amend(filed.check_in_id, {"owner_id": WARD}, "", leader, EVENING)


def test_what_took_place_after_it_was_filed_is_a_new_check_in(town: Town, leader: Filer) -> None:
    filed = town.file(TO, date(2026, 11, 3), at("2026-11-03 20:00:00"))
    with pytest.raises(FutureDay):
        town.check_ins.amend(filed.check_in_id, {"done_on": DAY}, "nhầm ngày", leader, EVENING)


@pytest.mark.parametrize(
    "changes", [{"people": -1}, {"kind": "party"}, {"unknown": 1}, {"done_on": "31/11/2026"}]
)
def test_an_amendment_that_makes_no_sense_changes_nothing(
    town: Town, leader: Filer, changes: dict[str, object]
) -> None:
    filed = town.file(TO, DAY, people=45)
    with pytest.raises(NotValid):
        town.check_ins.amend(filed.check_in_id, changes, "", leader, EVENING)
    assert town.check_ins.find(filed.check_in_id).version == 1


def test_somebody_elses_check_in_is_not_changed(town: Town) -> None:
    filed = town.file(TO, DAY)
    stranger = Filer.leader("ab" * 16)
    with pytest.raises(NotHeld):
        town.check_ins.undo(filed.check_in_id, stranger, EVENING)
    with pytest.raises(NotHeld):
        town.check_ins.amend(filed.check_in_id, {"people": 1}, "", stranger, EVENING)
    with pytest.raises(NotFound):
        town.check_ins.undo("zz", stranger, EVENING)


def test_more_is_added_to_a_meeting_that_is_filed_already(town: Town, leader: Filer) -> None:
    filed = town.file(TO, DAY, note="phát tờ rơi")
    photo = town.check_ins.keep_photo("image/jpeg", b"jpeg", EVENING)
    added = town.check_ins.add_to(
        filed.check_in_id, leader, EVENING + timedelta(days=1), photo_ids=[photo],
        note="chiếu phim", also_counts_as=["listening_meeting"],
    )  # fmt: skip
    assert {e.done for e in added.effects} == {1}
    seen = town.check_ins.find(filed.check_in_id)
    assert (seen.note, seen.photos) == ("phát tờ rơi\nchiếu phim", 1)
    assert seen.counts_as == ("outreach", "listening_meeting")


def test_pictures_wait_for_their_check_in_and_are_forgotten_without_one(town: Town) -> None:
    kept, loose = (town.check_ins.keep_photo("image/jpeg", bytes([n]), EVENING) for n in (1, 2))
    filed = town.file(TO, DAY, photo_ids=(kept,))
    assert town.check_ins.forget_loose_photos(EVENING) == 0
    assert town.check_ins.forget_loose_photos(EVENING + timedelta(seconds=1)) == 1
    assert [p.id for p in town.check_ins.photos(filed.check_in_id)] == [kept]
    with pytest.raises(NotFound):
        town.file(f"{WARD}-02", DAY, photo_ids=(loose,))
    assert done(town, f"{WARD}-02") == (0, False, False)
    with pytest.raises(NotFound):  # another's picture
        town.file(f"{WARD}-02", DAY, photo_ids=(kept,))
    with pytest.raises(NotValid):
        town.check_ins.keep_photo("text/html", b"", EVENING)
