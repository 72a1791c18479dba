"""Marking in a chat that something was sent: which, the document's number, its day, one yes.

Nothing is sent from here: the mark stops the reminders. Pure.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from bot.flows import work_words as words
from bot.flows.ward_shapes import MarkSent, NameHolder, WardWorld
from bot.flows.work_shapes import Outcome, Phrase, WorkState, WorkStep
from bot.flows.work_words import offer, tell
from bot.flows.work_world import WorkWorld
from intake.plans.boards import Sendable
from intake.text import clean, is_empty

CHOICE = "muc_"
WHICH, WHO, NUMBER, DAY, SURE = "w_gui", "w_thay", "w_so", "w_ngay", "w_gui_that"
STEPS = frozenset({WHICH, WHO, NUMBER, DAY, SURE})
_MOST = 8
_LONGEST_NUMBER, _LONGEST_NAME = 80, 200
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")
_NOT_LONG_AGO = timedelta(days=100)


def show(state: WorkState, ward: WardWorld, world: WorkWorld) -> WorkStep:
    """Show what can be marked as sent."""
    found = ward.sendable()[:_MOST]
    if not found:
        told = tell("khong_con_muc", world, "p_thieu", phuong=ward.name)
        return WorkStep(state.but(step="menu", options=()), (told,))
    labels = {f"{CHOICE}{at}": Phrase("chu", {"chu": _label(s)}) for at, s in enumerate(found)}
    told = offer("gui_muc_nao", world, labels, "p_thoi")
    return WorkStep(state.but(step=WHICH, options=tuple(each.key for each in found)), (told,))


def begin(state: WorkState, item: Sendable, ward: WardWorld, world: WorkWorld) -> WorkStep:
    """Begin to mark one item as sent."""
    return _chosen(state.but(options=(item.key,)), ward, world)


def _label(item: Sendable) -> str:
    last = item.last_good_on
    if last is None:
        return words.cut(item.title, 40)
    return f"{words.cut(item.title, 40)} (hết {last.day}/{last.month}/{last.year})"


def tap(state: WorkState, key: str, ward: WardWorld, world: WorkWorld) -> Outcome | None:
    """Take a button of these steps."""
    if key == "p_thoi":
        told = tell("chua_danh_dau", world, "p_gui", "xem_viec")
        return WorkStep(state.but(step="menu", options=()), (told,))
    if state.step == WHICH and key.startswith(CHOICE):
        at = key.removeprefix(CHOICE)
        if not at.isdecimal() or int(at) >= len(state.options):
            return show(state, ward, world)
        return _chosen(state.but(options=(state.options[int(at)],)), ward, world)
    if state.step == DAY and key in {"p_nay", "p_qua"}:
        on = world.today - timedelta(days=key == "p_qua")
        return _on(state, on, ward, world)
    if state.step == SURE and key == "p_da_gui":
        item, number, on = state.options
        return WorkStep(state, act=MarkSent(item, number, date.fromisoformat(on)))
    return again(state, ward, world)


def say(state: WorkState, text: str, ward: WardWorld, world: WorkWorld) -> Outcome | None:
    """Take words as the document's number or day."""
    if state.step == NUMBER:
        number = clean(text).replace("\n", " ")
        if not any(c.isdigit() for c in number) or len(number) > _LONGEST_NUMBER:
            return WorkStep(state, (tell("so_van_ban_sai", world, "p_thoi"),))
        return again(state.but(step=DAY, options=(state.options[0], number)), ward, world)
    if state.step == WHO:
        holder = clean(text).replace("\n", " ")
        if is_empty(holder) or len(holder) > _LONGEST_NAME:
            return again(state, ward, world)
        return WorkStep(state, act=NameHolder(state.options[0], holder))
    if state.step == DAY:
        on = read_day(text, world.today)
        if on is None or on > world.today:
            return WorkStep(state, (tell("ngay_van_ban_sai", world, "p_nay", "p_qua", "p_thoi"),))
        return _on(state, on, ward, world)
    return None


def _chosen(state: WorkState, ward: WardWorld, world: WorkWorld) -> WorkStep:
    """Ask who stands for a body that is gone, or else for the document's number."""
    item = _find(ward.sendable(), state.options[0])
    step = WHO if item is not None and item.unset else NUMBER
    return again(state.but(step=step), ward, world)


def _on(state: WorkState, on: date, ward: WardWorld, world: WorkWorld) -> WorkStep:
    options = (*state.options[:2], on.isoformat())
    return again(state.but(step=SURE, options=options), ward, world)


def again(state: WorkState, ward: WardWorld, world: WorkWorld) -> WorkStep:
    """Put the question of the current step."""
    item = _find(ward.sendable(), state.options[0] if state.options else "")
    if state.step == WHICH:
        return show(state, ward, world)
    if item is None:
        after = show(state, ward, world)
        return WorkStep(after.state, (tell("muc_khong_con", world), *after.says))
    title = words.cut(item.title, 90)
    if state.step == WHO:
        asked = tell("hoi_co_quan_thay", world, "p_thoi", muc=title, co_quan=item.unset)
        return WorkStep(state, (asked,))
    if state.step == NUMBER:
        return WorkStep(state, (tell("go_so_van_ban", world, "p_thoi", muc=title),))
    if state.step == DAY:
        asked = tell("hoi_ngay_van_ban", world, "p_nay", "p_qua", "p_thoi", so=state.options[1])
        return WorkStep(state, (asked,))
    _, number, on = state.options
    values: dict[str, object] = {"ngay": words.day(date.fromisoformat(on)), "so": number}
    values["han"] = words.day(item.last_good_on) if item.last_good_on else None
    card = tell("the_da_gui", world, "p_da_gui", "p_thoi", muc=title, **values)
    return WorkStep(state, (card,))


def done(state: WorkState, ward: WardWorld, world: WorkWorld) -> WorkStep:
    """Say that it is marked; or go on, now that somebody stands for the body that is gone."""
    if state.step == WHO:
        return _chosen(state, ward, world)
    number = state.options[1] if len(state.options) > 1 else ""
    told = tell("da_danh_dau", world, "p_gui", "xem_viec", so=number)
    return WorkStep(state.but(step="menu", options=()), (told,))


def read_day(text: str, today: date) -> date | None:
    """Return a day written as day/month, perhaps with a year.

    Without one, a day to come is last year's where that is not long ago: 28/12 typed in January.
    Else it stays to come, and is asked again.
    """
    found = _DAY.fullmatch(text.strip())
    if not found:
        return None
    day, month, year = int(found[1]), int(found[2]), int(found[3] or today.year)
    try:
        read = date(year, month, day)
        if found[3] or read <= today:
            return read
        before = date(year - 1, month, day)
        return before if today - before < _NOT_LONG_AGO else read
    except ValueError:
        return None


def _find(items: Sequence[Sendable], key: str) -> Sendable | None:
    return next((each for each in items if each.key == key), None)
