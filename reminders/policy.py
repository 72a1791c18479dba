"""Who is reminded of what, and when: pure rules over what is true about one person.

Nothing is read here, neither a clock nor a row: whoever asks hands in everything in a
``PersonState``. The same question is put twice, when a message is planned and again when it is
about to leave, each time with what is true then (`docs/reminders.md`).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from intake.nudging.windows import (
    AFTERNOON,
    EVENING_HOUR,
    FIRST_HOUR,
    SECOND_HOUR,
    Opening,
    SendingDays,
    at,
    opening,
)
from intake.ports import VIETNAM
from reminders.calendar import LATE_FOR, Step, step_on
from reminders.states import (
    DigestDue,
    Due,
    DueNudge,
    OpenDraft,
    OpenDuty,
    OwedItem,
    Part,
    PersonState,
    Told,
    Verdict,
    line_of,
)

__all__ = ["SECOND", "DigestDue", "Due", "DueNudge", "OpenDraft", "OpenDuty", "OwedItem", "Part",
           "PersonState", "SendingDays", "Told", "Verdict", "due_nudges", "judge",
           "line_of"]  # fmt: skip

MONTHLY_CAP = 6
SECOND = "second"
"""The slot of the officers' second hour on the day before the last."""
SECOND_RUNG = "-1 second"
LEAST_URGENT = 999
_ORDINARY = 2
_LAST_DAYS = 2  # T−1 and T0, of each duty


def due_nudges(state: PersonState, now: datetime) -> tuple[DueNudge, ...]:
    """Return what is to leave on the day of ``now``: at most one message, two for officers' T−1.

    A message may be returned before its hour: it leaves from ``not_before`` to ``ends_at``.
    """
    return judge(state, now).nudges


def judge(state: PersonState, now: datetime, *, by_hand: bool = False) -> Verdict:
    """Return what is to leave on the day of ``now``, and why where nothing is.

    ``by_hand``: the ward asks for it; then every open duty is listed, whatever its ladder says, and
    all else stays as it is: hours, one a day, the cap. Words: nothing, left, paused, busy, snoozed,
    draft, told, quiet, cap, over.
    """
    today = now.astimezone(VIETNAM).date()
    if why := _kept_from(state, today):
        return Verdict((), why)
    turn = _turn(state, today, by_hand=by_hand)
    first = _first(state, turn, now)
    second = _second(state, turn, now, first.nudges)
    return Verdict((*first.nudges, *second), "" if second else first.why)


def _kept_from(state: PersonState, today: date) -> str:
    if state.left:
        return "left"
    if state.paused_until is not None and today <= state.paused_until:
        return "paused"
    return "busy" if state.busy else ""


# --- whose turn it is -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Turn:
    """The open duties of one person on one day: all that are listed, and those that are due."""

    day: date
    listed: tuple[Due, ...]
    due: tuple[Due, ...]
    rank: int
    """0 where a T0 is among what is due, 1 where a T−1 is, else 2."""
    by_hand: bool
    why: str


def _turn(state: PersonState, today: date, *, by_hand: bool) -> _Turn:
    found: list[Due] = []
    snoozed = state.snoozed_until is not None and today < state.snoozed_until
    held = False
    for duty in state.duties:
        if duty.stopped:
            continue
        step = _wanted(duty, today, officer=state.officer)
        if snoozed and ((step is not None and not step.is_last) or (by_hand and step is None)):
            held, step = True, None
        rungs = (step.rung,) if step else ()
        rungs += _asked_for(state, duty, today, by_hand=by_hand and not snoozed)
        if rungs or _is_listed(duty, today):
            found.append(Due(duty, step or step_on(duty.item.steps, today), rungs))
    found.sort(key=lambda due: _order(due, today))
    due = tuple([each for each in found if each.rungs])
    rank = min([_rank(each) for each in due], default=_ORDINARY)
    return _Turn(today, tuple(found), due, rank, by_hand, "snoozed" if held else "nothing")


def _wanted(duty: OpenDuty, today: date, *, officer: bool) -> Step | None:
    """Return the newest step, if it is this person's, was not sent, and was not past before."""
    step = step_on(duty.item.steps, today)
    if step is None or step.rung in duty.sent:
        return None
    if duty.part == "deputy" and not step.deputies:
        return None
    if step.is_early and duty.done:
        return None
    if duty.appeared_at > at(step.day, _hour(step, officer=officer)):
        return None
    if duty.sent and any(s.rung in duty.sent for s in duty.item.steps if s.days > step.days):
        return None  # the clock was set back
    return step


def _asked_for(
    state: PersonState, duty: OpenDuty, today: date, *, by_hand: bool
) -> tuple[str, ...]:  # fmt: skip
    """Return the rungs that stand in no ladder: the leader or the ward asked for them."""
    found: list[str] = [f"hand-{today.isoformat()}"] if by_hand else []
    asked = state.snoozed_until
    if asked is not None and duty.sent and asked <= today <= asked + LATE_FOR:
        rung = f"snooze-{asked.isoformat()}"
        found += [] if rung in duty.sent else [rung]
    return tuple(found)


def _is_listed(duty: OpenDuty, today: date) -> bool:
    steps = duty.item.steps
    return duty.part != "deputy" and bool(steps) and steps[0].day <= today <= steps[-1].until


def _order(due: Due, today: date) -> tuple[bool, date, str, str]:
    item = due.duty.item
    return item.last_good_on < today, item.safe_on, item.title, due.duty.owner_name


# --- the messages of the day ------------------------------------------------------------------


def _first(state: PersonState, turn: _Turn, now: datetime) -> Verdict:
    """Return the day's message."""
    told = state.draft is not None and state.draft.told
    if not turn.due and not state.digests:
        return Verdict((), turn.why)
    if told and not state.digests:
        return Verdict((), "draft")
    if any(each.day == turn.day and not each.slot for each in state.told):
        return Verdict((), "told")
    if not state.days.may_send(turn.day, officer=state.officer, last=turn.rank < _ORDINARY):
        return Verdict((), "quiet")
    if not state.officer and _is_full(state, turn):
        return Verdict((), "cap")
    hour = _hour_of(turn, officer=state.officer)
    window = opening(turn.day, hour, now, last_day=turn.rank == 0)
    if window is None:
        return Verdict((), "over")
    if state.draft is not None:
        draft = state.draft if turn.due and not told else None
        return Verdict((_nudge(state, turn, window, draft=draft, listed=()),))
    return Verdict((_nudge(state, turn, window),))


def _second(
    state: PersonState, turn: _Turn, now: datetime, first: tuple[DueNudge, ...]
) -> tuple[DueNudge, ...]:  # fmt: skip
    """Return the officers' second message on T−1: none where the first left in the afternoon."""
    if not state.officer or state.draft is not None:
        return ()
    noon = at(turn.day, AFTERNOON[0])
    today = [each for each in state.told if each.day == turn.day]
    late = any((each.at or now) >= noon for each in today if not each.slot)
    if late or any(each.slot for each in today) or any(n.not_before >= noon for n in first):
        return ()
    listed = tuple(replace(due, rungs=_second_rungs(due, turn.day)) for due in turn.listed)
    window = opening(turn.day, SECOND_HOUR, now, last_day=False)
    if window is None or not any(due.rungs for due in listed):
        return ()
    if not state.days.may_send(turn.day, officer=True, last=True):
        return ()
    bare = replace(state, digests=())
    return (_nudge(bare, turn, window, slot=SECOND, listed=listed),)


def _second_rungs(due: Due, today: date) -> tuple[str, ...]:
    step, duty = due.step, due.duty
    if step is None or step.days != -1 or step.day != today or duty.item.sort != "deadline":
        return ()
    if duty.appeared_at > at(today, SECOND_HOUR) or SECOND_RUNG in duty.sent:
        return ()
    return (SECOND_RUNG,)


def _nudge(
    state: PersonState, turn: _Turn, window: Opening, *, slot: str = "",
    draft: OpenDraft | None = None, listed: tuple[Due, ...] | None = None,
) -> DueNudge:  # fmt: skip
    shown = turn.listed if listed is None else listed
    nearest = [(due.duty.item.safe_on - turn.day).days for due in turn.listed]
    return DueNudge(
        state.leader_id, turn.day, slot, window.not_before, window.ends_at,
        min((left for left in nearest if left >= 0), default=LEAST_URGENT), shown, state.digests,
        draft, state.days, state.officer,
    )  # fmt: skip


# --- hours, the cap, the break ----------------------------------------------------------------


def _rank(due: Due) -> int:
    step = due.step
    return _rank_of(step) if step is not None and step.rung in due.rungs else _ORDINARY


def _rank_of(step: Step) -> int:
    return -step.days if step.is_last else _ORDINARY


def _hour(step: Step, *, officer: bool) -> time:
    return EVENING_HOUR if step.days == -1 and not officer else FIRST_HOUR


def _hour_of(turn: _Turn, *, officer: bool) -> time:
    """Return the day's hour: a leader's T−1 in the evening, if it is today's and no T0 is due.

    What the ward asks for leaves as soon as it may.
    """
    if officer or turn.by_hand or turn.rank != 1:
        return FIRST_HOUR
    fresh = any(d.step and d.step.day == turn.day and _rank(d) == 1 for d in turn.due)
    return EVENING_HOUR if fresh else FIRST_HOUR


def _is_full(state: PersonState, turn: _Turn) -> bool:
    """Return whether the month's messages are used up, or kept for a T−1 or T0 still to come."""
    month = (turn.day.year, turn.day.month)
    used = sum((each.day.year, each.day.month) == month for each in state.told)
    if used + _LAST_DAYS * len(state.duties) < MONTHLY_CAP:
        return False
    kept = {
        step.day
        for duty in state.duties
        for step in duty.item.steps
        if not duty.stopped and step.day > turn.day and (step.day.year, step.day.month) == month
        and _rank_of(step) < turn.rank and step.rung not in duty.sent
        and (duty.part != "deputy" or step.deputies)
    }  # fmt: skip
    return used + len(kept) >= MONTHLY_CAP
