"""What follows a nudge: its buttons work for ever and lead straight to what is owed. Pure.

A button names an obligation. One that is met, closed or no longer this leader's in the meantime
says so and shows what is left.
"""

from datetime import date, datetime, timedelta

from bot.flows import check_in, ward_sending, work_menu
from bot.flows import check_in_card as card
from bot.flows import work_words as words
from bot.flows.base import Commanded
from bot.flows.nudge_words import EXCUSE, LATER, LOG, MISSING, SENT, SNOOZE, STAND_IN, TROUBLE
from bot.flows.ward_desk import obey as obey_ward
from bot.flows.wish_shapes import Asked, AskStandIn, Snooze, TellTrouble
from bot.flows.work_shapes import Outcome, WorkState, WorkStep
from bot.flows.work_words import KINDS, tell
from bot.flows.work_world import WorkWorld
from intake.text import clean, is_empty
from intake.work.obligations import Owed

HINDERED = "hinder?"
_SNOOZING, _ASKING, _TELLING = "snoozing", "asking", "telling"
_LONGEST = 200
_BEFORE = timedelta(days=1)  # of the last good day: that nudge comes in any case


def tap(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Carry out a button of a nudge."""
    for stem, act in _ACTS.items():
        if key.startswith(stem):
            if state.draft is not None:
                return card.still_open(state, world)
            return act(state, key.removeprefix(stem), world)
    return None


def _log(state: WorkState, about: str, world: WorkWorld) -> Outcome:
    """Begin the check-in of that neighbourhood and kind."""
    owed = find(about, world)
    if owed is None:
        return _over(state, world)
    if owed.kind not in KINDS:
        return work_menu.show(state, world)
    return check_in.blank(state, world, "", kind=owed.kind, owner_id=owed.owner_id)


def _later(state: WorkState, about: str, world: WorkWorld) -> Outcome:
    """Be quiet until the day before the last one: it is done, and will be written down."""
    owed = find(about, world)
    if owed is None or owed.last_good_on is None:
        return _over(state, world)
    until = owed.last_good_on - _BEFORE
    if until <= world.today:
        last = words.day(owed.last_good_on)
        told = tell("ghi_hom_nay", world, f"{LOG}{about}", "xem_viec", ngay=last)
        return WorkStep(state.but(step="menu", options=()), (told,))
    return _snoozed(state, until, "da_de_sau")


def _snooze(state: WorkState, day: str, world: WorkWorld) -> Outcome:
    until = _read(day)
    if until is None or until <= world.today:
        shown = work_menu.show(state, world)
        return WorkStep(shown.state, (tell("hen_qua_roi", world), *shown.says))
    return _snoozed(state, until, "da_hen")


def _snoozed(state: WorkState, until: date, key: str) -> WorkStep:
    return WorkStep(state.but(step=_SNOOZING, options=(key, until.isoformat())), act=Snooze(until))


def _excuse(state: WorkState, about: str, world: WorkWorld) -> Outcome:
    owed = find(about, world)
    return _over(state, world) if owed is None else work_menu.ask_why(state, about, world)


def _stand_in(state: WorkState, about: str, world: WorkWorld) -> Outcome:
    if find(about, world) is None:
        return _over(state, world)
    return WorkStep(state.but(step=_ASKING, options=()), act=AskStandIn(about))


def _trouble(state: WorkState, about: str, world: WorkWorld) -> Outcome:
    if find(about, world) is None:
        return _over(state, world)
    state = state.but(step=HINDERED, options=(about,))
    return WorkStep(state, (tell("go_vuong_mac", world, "xem_viec"),))


def _sent(state: WorkState, about: str, world: WorkWorld) -> Outcome:
    """Begin to mark that report as sent, for the ward's own people."""
    ward = world.ward
    if ward is None:
        told = tell("danh_dau_o_ban", world, "xem_viec")
        return WorkStep(state.but(step="menu", options=()), (told,))
    item = ward.sendable_about(about)
    return ward_sending.show(state, ward, world) if item is None else (
        ward_sending.begin(state, item, ward, world)
    )  # fmt: skip


def _missing(state: WorkState, _about: str, world: WorkWorld) -> Outcome:
    return obey_ward(state, Commanded("thieu"), world) or work_menu.show(state, world)


_ACTS = {
    LOG: _log,
    LATER: _later,
    SNOOZE: _snooze,
    EXCUSE: _excuse,
    STAND_IN: _stand_in,
    TROUBLE: _trouble,
    SENT: _sent,
    MISSING: _missing,
}


def say(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    """Take words as what stands in the way, unless they name somebody."""
    if state.step != HINDERED or not state.options:
        return None
    said = clean(text).replace("\n", " ")[:_LONGEST]
    if is_empty(said):
        return WorkStep(state, (tell("go_vuong_mac", world, "xem_viec"),))
    if world.refuses(said):
        return card.refused(state, world)
    return WorkStep(state.but(step=_TELLING), act=TellTrouble(state.options[0], said))


def came(state: WorkState, asked: Asked | None, world: WorkWorld) -> WorkStep | None:
    """Say what came of it; None where it was not of a nudge."""
    rest = state.but(step="menu", options=())
    if asked is not None:
        return WorkStep(rest, (tell("da_nho", world, "xem_viec", ten=words.cut(asked.name, 40)),))
    if state.step == _TELLING:
        return WorkStep(rest, (tell("da_bao_vuong", world, "xem_viec"),))
    if state.step != _SNOOZING:
        return None
    key, until = state.options
    day = words.day(date.fromisoformat(until))
    return WorkStep(rest, (tell(key, world, "nhac_lai", "xem_viec", ngay=day),))


def find(about: str, world: WorkWorld) -> Owed | None:
    """Return something of this leader's that is still owed."""
    standing = (each for o in world.owners for each in world.standing(o.id, world.today))
    return next((each for each in standing if each.obligation_id == about and words.is_open(each)),
                None)  # fmt: skip


def _over(state: WorkState, world: WorkWorld) -> WorkStep:
    shown = work_menu.show(state, world)
    return WorkStep(shown.state, (tell("viec_da_xong", world), *shown.says))


def _read(day: str) -> date | None:
    try:
        return datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
