"""What a person will hear on a coming day, if nothing is filed until then. Pure.

Goes from day to day, because what is sent on one day settles what is left for the next.
"""

from dataclasses import replace
from datetime import date, datetime, time

from intake.nudging.windows import at
from intake.plans.calendar import DAY
from intake.ports import VIETNAM
from reminders.policy import judge
from reminders.states import DigestDue, DueNudge, OpenDuty, PersonState, Told, Verdict


def forecast(
    state: PersonState, now: datetime, day: date, digests: tuple[DigestDue, ...] = ()
) -> Verdict:
    """Return what would leave on ``day``; ``digests`` are those of that day.

    On a day to come nobody is busy yet. A draft that is open now is taken to be open then.
    """
    today = now.astimezone(VIETNAM).date()
    current, moment = state, now
    while today < day:
        for nudge in judge(current, moment).nudges:
            current = after(current, nudge)
        today += DAY
        moment = at(today, time())
        current = replace(current, busy=False, digests=digests if today == day else ())
    return judge(current, moment)


def after(state: PersonState, nudge: DueNudge) -> PersonState:
    """Return the state once a message was sent."""
    happened: dict[bytes, set[str]] = {}
    for subject, rung in nudge.rungs:
        happened.setdefault(subject, set()).add(rung)
    duties = tuple(_told(duty, happened.get(duty.subject, set())) for duty in state.duties)
    draft = replace(nudge.draft, told=True) if nudge.draft else state.draft
    told = Told(nudge.day, nudge.slot, nudge.not_before)
    return replace(state, duties=duties, draft=draft, told=(*state.told, told))


def _told(duty: OpenDuty, rungs: set[str]) -> OpenDuty:
    return replace(duty, sent=duty.sent | rungs) if rungs else duty
