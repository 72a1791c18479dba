"""Who is reminded of what, and when: each rule of the ladder as one sentence."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from reminders.forecast import after, forecast
from reminders.policy import (
    SECOND,
    DigestDue,
    OpenDraft,
    OpenDuty,
    PersonState,
    Told,
    due_nudges,
    judge,
)
from tests.reminders.owing import at, due_on, leader, month, officer, owed, quarter, report

JUNE = month("2026-06")  # rungs on 16/6, 23/6, 26/6, 29/6, 30/6 and 1/7
LATE_IN_JUNE = tuple(Told(date(2026, 6, day)) for day in (1, 2, 3, 4, 5))


def rungs(state: PersonState, now: datetime) -> list[str]:
    """Return the rungs of the day's only message; none where there is none."""
    found = due_nudges(state, now)
    assert len(found) <= 1
    return [rung for nudge in found for _, rung in nudge.rungs]


# --- the ladder -----------------------------------------------------------------------------------


def test_a_leader_who_files_nothing_hears_six_times_and_no_more() -> None:
    state, heard = leader(owed(JUNE)), list[tuple[str, str]]()
    for day in range(75):
        now = at("2026-05-20") + timedelta(days=day)
        for nudge in due_nudges(state, now.replace(hour=0)):
            heard.append((f"{nudge.not_before:%d/%m %H:%M}", nudge.rungs[0][1]))
            state = after(state, nudge)
    assert heard == [
        ("16/06 08:00", "-14"), ("23/06 08:00", "-7"), ("26/06 08:00", "-3"),
        ("29/06 18:30", "-1"), ("30/06 08:00", "0"), ("01/07 08:00", "+1"),
    ]  # fmt: skip


def test_who_files_before_the_first_rung_hears_nothing() -> None:
    done = leader(owed(JUNE, done=1, stopped="filed"))
    assert not [
        n for day in range(1, 31) for n in due_nudges(done, at("2026-06-01").replace(day=day))
    ]


@pytest.mark.parametrize("stopped", ["filed", "exempt", "asked", "closed"])
def test_a_duty_that_is_settled_or_being_decided_is_not_mentioned(stopped: str) -> None:
    other = month("2026-06", "hop-lang-nghe")
    state = leader(owed(JUNE, stopped=stopped), owed(other))
    (nudge,) = due_nudges(state, at("2026-06-16"))
    assert [line.title for line in nudge.lines()] == ["hop-lang-nghe"]


def test_rungs_that_were_past_when_a_duty_appeared_are_skipped() -> None:
    state = leader(owed(JUNE, appeared_at=at("2026-06-24", "10:00")))
    assert rungs(state, at("2026-06-24", "14:00")) == []
    assert rungs(state, at("2026-06-26")) == ["-3"]


def test_a_duty_that_appears_in_the_middle_of_a_rungs_day_waits_for_the_next() -> None:
    midday = leader(owed(JUNE, appeared_at=at("2026-06-23", "10:00")))
    early = leader(owed(JUNE, appeared_at=at("2026-06-23", "00:00")))
    assert rungs(midday, at("2026-06-23", "14:00")) == []
    assert rungs(early, at("2026-06-23", "14:00")) == ["-7"]


def test_only_the_newest_rung_is_sent_after_days_without_a_tick() -> None:
    assert rungs(leader(owed(JUNE)), at("2026-06-27")) == ["-3"]
    assert rungs(leader(owed(JUNE)), at("2026-06-29", "19:00")) == ["-1"]


def test_a_rung_that_was_missed_for_36_hours_is_sent_once_with_days_counted_anew() -> None:
    state = leader(owed(JUNE, sent=frozenset({"-14"})))
    (nudge,) = due_nudges(state, at("2026-06-24", "20:00"))
    assert (nudge.rungs[0][1], nudge.lines()[0].days_left) == ("-7", 6)
    assert due_nudges(after(state, nudge), at("2026-06-25")) == ()


def test_a_clock_that_is_set_back_repeats_nothing_and_sends_nothing_older() -> None:
    state = leader(owed(JUNE, sent=frozenset({"-3"})))
    for day in ("2026-06-26", "2026-06-24", "2026-06-16", "2026-05-30"):
        assert rungs(state, at(day)) == []
    assert rungs(state, at("2026-06-29", "18:30")) == ["-1"]


def test_the_early_rungs_are_for_who_has_done_nothing_yet() -> None:
    begun = leader(owed(JUNE, done=1, need=2))
    assert rungs(begun, at("2026-06-16")) == []
    assert rungs(begun, at("2026-06-23")) == ["-7"]


def test_late_is_said_on_the_day_after_and_only_to_the_one_who_owes() -> None:
    state = leader(owed(JUNE, sent=frozenset({"-14", "-7", "-3", "-1", "0"})))
    (nudge,) = due_nudges(state, at("2026-07-01"))
    assert (nudge.rungs[0][1], nudge.lines()[0].days_left, nudge.lines()[0].is_late) == (
        "+1", -1, True,
    )  # fmt: skip
    assert due_nudges(leader(owed(JUNE, part="deputy")), at("2026-07-01")) == ()


@pytest.mark.parametrize(
    ("now", "head", "deputy"),
    [("2026-06-16", "-14", ""), ("2026-06-23", "-7", ""), ("2026-06-26", "-3", "-3"),
     ("2026-06-29", "-1", "-1"), ("2026-06-30", "0", "")],
)  # fmt: skip
def test_a_deputy_hears_near_the_end_and_a_substitute_like_the_head(
    now: str, head: str, deputy: str
) -> None:
    for part, rung in (("head", head), ("substitute", head), ("deputy", deputy)):
        assert "".join(rungs(leader(owed(JUNE, part=part)), at(now))) == rung


# --- one message a day ----------------------------------------------------------------------------


def test_all_open_duties_stand_in_one_message_the_most_urgent_first() -> None:
    soon, tired = due_on("2026-06-24"), month("2026-05")
    state = leader(
        owed(JUNE, "TDP2"), owed(JUNE, "TDP1"), owed(soon), owed(quarter("2026-06-01")),
        owed(month("2026-07")), owed(tired, sent=frozenset({"+1"})),
    )  # fmt: skip
    (nudge,) = due_nudges(state, at("2026-06-23"))
    told = [(line.title, line.owner_name) for line in nudge.lines()]
    assert told == [
        ("rieng", "Tổ 1"), ("tuyen-truyen-quy", "Tổ 1"),
        ("tuyen-truyen-thang", "Tổ 1"), ("tuyen-truyen-thang", "Tổ 2"),
    ]  # fmt: skip
    assert [rung for _, rung in nudge.rungs] == ["-1", "-7", "-7", "-7"]
    assert nudge.urgency == 1


def test_what_is_late_stands_last_as_long_as_its_ladder_lasts() -> None:
    may = owed(month("2026-05"), sent=frozenset({"+1"}))
    state = leader(may, owed(due_on("2026-06-05")))
    (nudge,) = due_nudges(state, at("2026-06-02"))
    assert [line.is_late for line in nudge.lines()] == [False, True]
    assert [rung for _, rung in nudge.rungs] == ["-3"]


def test_nobody_hears_twice_in_a_day() -> None:
    told = leader(owed(JUNE), told=(Told(date(2026, 6, 16)),))
    assert judge(told, at("2026-06-16", "15:00")).why == "told"
    assert rungs(told, at("2026-06-17")) == ["-14"], "the rung is still wanted on the next day"


def test_the_hour_is_eight_and_half_past_six_on_the_evening_before_the_last_day() -> None:
    state = leader(owed(JUNE))
    hours = {
        day: f"{due_nudges(state, at(day, '00:05'))[0].not_before:%H:%M}"
        for day in ("2026-06-16", "2026-06-26", "2026-06-29", "2026-06-30", "2026-07-01")
    }
    assert list(hours.values()) == ["08:00", "08:00", "18:30", "08:00", "08:00"]
    assert f"{due_nudges(state, at('2026-06-30'))[0].ends_at:%H:%M}" == "11:15"
    assert f"{due_nudges(state, at('2026-06-30', '15:00'))[0].ends_at:%H:%M}" == "21:00"


def test_an_evening_before_that_was_missed_does_not_wait_for_another_evening() -> None:
    friday = due_on("2026-06-22")  # a Monday: T−1 has moved to Friday 19/6
    (nudge,) = due_nudges(leader(owed(friday)), at("2026-06-20", "07:10"))
    assert (f"{nudge.not_before:%d %H:%M}", nudge.rungs[0][1]) == ("20 08:00", "-1")


def test_a_sunday_holds_a_rung_back_unless_it_is_the_last_or_the_one_before() -> None:
    state = leader(owed(month("2026-05"), sent=frozenset({"0"})))
    first = owed(due_on("2026-06-06"))  # late on Sunday 7/6
    assert judge(leader(first), at("2026-06-07")).why == "quiet"
    assert rungs(leader(first), at("2026-06-08")) == ["+1"]
    monday = owed(due_on("2026-06-22"))
    assert rungs(leader(monday), at("2026-06-21")) == ["-1"]
    assert rungs(state, at("2026-06-01")) == ["+1"]


def test_nothing_leaves_in_tet_and_the_last_message_before_it_says_so() -> None:
    state = leader(owed(month("2026-02")))
    (nudge,) = due_nudges(state, at("2026-02-13"))
    assert (nudge.rungs[0][1], nudge.holiday) == ("-7", (date(2026, 2, 14), date(2026, 2, 22)))
    for day in range(14, 23):
        assert judge(state, at(f"2026-02-{day}")).why == "quiet"
    assert due_nudges(state, at("2026-02-23"))[0].holiday is None


# --- the month's six ------------------------------------------------------------------------------


def test_six_a_month_are_the_most_and_officers_have_no_such_bound() -> None:
    told = tuple(Told(date(2026, 6, day)) for day in range(1, 7))
    assert judge(leader(owed(JUNE), told=told), at("2026-06-30")).why == "cap"
    assert rungs(officer(owed(JUNE), told=told), at("2026-06-30")) == ["0"]


def test_the_last_two_days_keep_their_place_where_ladders_meet() -> None:
    other = due_on("2026-06-12")
    state = leader(owed(JUNE), owed(other), owed(month("2026-05"), sent=frozenset({"0"})))
    heard: list[tuple[int, str]] = []
    for day in range(1, 31):
        for nudge in due_nudges(state, at("2026-06-01", "00:00").replace(day=day)):
            heard.append((day, nudge.rungs[0][1]))
            state = after(state, nudge)
    assert len(heard) == 6
    last = {(11, "-1"), (12, "0"), (29, "-1"), (30, "0")}
    assert last <= set(heard)


def test_a_place_is_kept_for_a_t0_before_a_t_minus_one_takes_it() -> None:
    state = leader(owed(JUNE), told=LATE_IN_JUNE)
    assert judge(state, at("2026-06-29", "18:30")).why == "cap"
    assert rungs(state, at("2026-06-30")) == ["0"]


def test_the_month_begins_anew() -> None:
    told = tuple(Told(date(2026, 6, day)) for day in range(1, 7))
    assert rungs(leader(owed(JUNE), told=told), at("2026-07-01")) == ["+1"]


# --- what a person asks for -----------------------------------------------------------------------


def test_a_pause_is_kept_to_its_last_day_even_on_t0() -> None:
    state = leader(owed(JUNE), paused_until=date(2026, 6, 29))
    assert judge(state, at("2026-06-29", "18:30")).why == "paused"
    assert rungs(state, at("2026-06-30")) == ["0"]


def test_until_the_day_asked_for_only_the_last_two_are_sent_and_then_one_comes() -> None:
    state = leader(
        owed(JUNE, sent=frozenset({"-14"})), snoozed_until=date(2026, 6, 25),
        told=(Told(date(2026, 6, 16)),),
    )  # fmt: skip
    assert judge(state, at("2026-06-23")).why == "snoozed"
    (nudge,) = due_nudges(state, at("2026-06-25"))
    assert [rung for _, rung in nudge.rungs] == ["-7", "snooze-2026-06-25"]
    assert due_nudges(after(state, nudge), at("2026-06-26"))[0].rungs[0][1] == "-3"
    far = replace(state, snoozed_until=date(2026, 7, 3))
    assert rungs(far, at("2026-06-29", "18:30")) == ["-1"]


def test_the_day_asked_for_brings_a_message_though_no_rung_falls_on_it() -> None:
    state = leader(owed(JUNE, sent=frozenset({"-7"})), snoozed_until=date(2026, 6, 25))
    assert rungs(state, at("2026-06-25")) == ["snooze-2026-06-25"]
    done = leader(owed(JUNE, sent=frozenset({"-7"}), stopped="filed"))
    assert due_nudges(replace(done, snoozed_until=date(2026, 6, 25)), at("2026-06-25")) == ()


def test_the_button_offers_the_next_friday_or_what_is_left_before_the_evening_before() -> None:
    state = leader(owed(JUNE))
    assert due_nudges(state, at("2026-06-16"))[0].snooze_on == date(2026, 6, 19)
    assert due_nudges(state, at("2026-06-26"))[0].snooze_on == date(2026, 6, 27)
    assert due_nudges(state, at("2026-06-29", "18:30"))[0].snooze_on is None
    assert due_nudges(state, at("2026-06-30"))[0].snooze_on is None
    assert due_nudges(state, at("2026-07-01"))[0].snooze_on == date(2026, 7, 3)


def test_in_the_middle_of_a_conversation_nothing_is_planned() -> None:
    assert judge(leader(owed(JUNE), busy=True), at("2026-06-16")).why == "busy"


def test_an_open_draft_is_mentioned_once_instead_of_the_duties() -> None:
    draft = OpenDraft(b"draft".rjust(16, b"."))
    state = leader(owed(JUNE), draft=draft)
    (nudge,) = due_nudges(state, at("2026-06-16"))
    assert (nudge.rungs, nudge.lines()) == (((draft.subject, "draft"),), ())
    told = after(state, nudge)
    assert judge(told, at("2026-06-23")).why == "draft"
    assert rungs(replace(told, draft=None), at("2026-06-23")) == ["-7"]


def test_who_has_left_hears_nothing() -> None:
    assert judge(leader(owed(JUNE), left=True), at("2026-06-30")).why == "left"


# --- the ward -------------------------------------------------------------------------------------


def test_officers_hear_of_a_report_from_30_days_before_and_twice_on_the_day_before() -> None:
    state, heard = officer(owed(report("2026-06-17"))), list[str]()
    for day in range(60):
        for hour in ("00:00", "16:00"):
            now = at("2026-05-10", hour) + timedelta(days=day)
            for nudge in due_nudges(state, now):
                heard.append(f"{nudge.not_before:%d/%m %H} {nudge.rungs[0][1]}")
                state = after(state, nudge)
    assert heard == [
        "15/05 08 -30", "02/06 08 -14", "09/06 08 -7", "12/06 08 -3",
        "15/06 08 -1", "15/06 16 -1 second", "16/06 08 0", "18/06 08 +1",
        "22/06 08 +3",  # 20/6 is a Saturday: held, officers' late rungs wait for Monday
        "24/06 08 +7",
    ]  # fmt: skip


def test_there_is_no_second_message_where_the_first_left_in_the_afternoon() -> None:
    state = officer(owed(report("2026-06-17")))
    (first,) = due_nudges(state, at("2026-06-15", "14:30"))
    assert first.slot == ""
    assert due_nudges(after(state, first), at("2026-06-15", "16:00")) == ()
    assert [n.slot for n in due_nudges(state, at("2026-06-15", "07:00"))] == ["", SECOND]


def test_the_second_message_falls_away_once_the_report_is_sent() -> None:
    state = officer(owed(report("2026-06-17")))
    first = due_nudges(state, at("2026-06-15", "07:00"))[0]
    sent = replace(after(state, first), duties=(owed(report("2026-06-17"), stopped="filed"),))
    assert due_nudges(sent, at("2026-06-15", "16:00")) == ()


def test_a_roll_up_goes_in_the_days_one_message_and_alone_where_nothing_is_owed() -> None:
    digest = DigestDue(b"digest".rjust(16, b"."), "digest")
    (alone,) = due_nudges(officer(digests=(digest,)), at("2026-06-15", "00:10"))
    assert (alone.rungs, f"{alone.not_before:%H:%M}") == (((digest.subject, "digest"),), "08:00")
    both = officer(owed(report("2026-06-17")), digests=(digest,))
    first = due_nudges(both, at("2026-06-16"))
    assert [rung for _, rung in first[0].rungs] == ["0", "digest"]
    drafting = replace(both, draft=OpenDraft(b"d" * 16, told=True))
    assert [rung for _, rung in due_nudges(drafting, at("2026-06-16"))[0].rungs] == ["digest"]


# --- by hand --------------------------------------------------------------------------------------


def test_the_ward_may_nudge_between_the_rungs_and_it_leaves_at_once() -> None:
    state = leader(owed(JUNE, sent=frozenset({"-14"})))
    (nudge,) = judge(state, at("2026-06-18", "10:20"), by_hand=True).nudges
    assert (nudge.rungs[0][1], f"{nudge.not_before:%H:%M}") == ("hand-2026-06-18", "10:20")
    evening = judge(state, at("2026-06-29", "09:30"), by_hand=True).nudges[0]
    assert [rung for _, rung in evening.rungs] == ["-1", "hand-2026-06-29"]
    assert f"{evening.not_before:%H:%M}" == "09:30"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"paused_until": date(2026, 6, 20)}, "paused"),
        ({"snoozed_until": date(2026, 6, 19)}, "snoozed"),
        ({"told": (Told(date(2026, 6, 18)),)}, "told"),
        ({"told": LATE_IN_JUNE}, "cap"),
        ({"duties": ()}, "nothing"),
        ({"duties": (owed(JUNE, stopped="asked"),)}, "nothing"),
        ({"left": True}, "left"),
    ],
)
def test_what_the_ward_asks_for_keeps_to_all_other_rules(
    change: dict[str, object], why: str
) -> None:
    state = replace(leader(owed(JUNE)), **change)  # type: ignore[arg-type]
    verdict = judge(state, at("2026-06-18", "10:20"), by_hand=True)
    assert (verdict.nudges, verdict.why) == ((), why)


def test_by_hand_nothing_leaves_at_night_or_on_a_sunday() -> None:
    state = leader(owed(JUNE))
    assert judge(state, at("2026-06-18", "20:45"), by_hand=True).why == "over"
    assert judge(state, at("2026-06-21", "09:00"), by_hand=True).why == "quiet"


# --- beforehand -----------------------------------------------------------------------------------


def test_a_day_to_come_shows_what_is_left_once_the_days_before_have_had_theirs() -> None:
    state, now = leader(owed(JUNE), busy=True), at("2026-06-22", "17:00")
    assert forecast(state, now, date(2026, 6, 22)).why == "busy"
    assert forecast(state, now, date(2026, 6, 23)).nudges[0].rungs[0][1] == "-7"
    assert forecast(state, now, date(2026, 6, 24)).nudges == ()
    assert forecast(state, now, date(2026, 6, 30)).nudges[0].lines()[0].days_left == 0


def test_the_same_question_has_the_same_answer() -> None:
    state = leader(owed(JUNE), owed(quarter("2026-06-01")))
    assert due_nudges(state, at("2026-06-16")) == due_nudges(state, at("2026-06-16"))


def test_a_duty_without_a_ladder_is_never_mentioned_by_itself() -> None:
    bare: OpenDuty = owed(replace(JUNE, steps=()))
    assert due_nudges(leader(bare), at("2026-06-30")) == ()


def test_the_day_asked_for_on_a_sunday_waits_for_monday_though_t0_was_sent() -> None:
    may = owed(month("2026-05"), sent=frozenset({"0"}))  # T0 is Friday 29/5, the end Sunday 31/5
    state = leader(may, snoozed_until=date(2026, 5, 31))
    assert judge(state, at("2026-05-31", "08:00")).why == "quiet"
    assert rungs(state, at("2026-06-01")) == ["+1", "snooze-2026-05-31"]
