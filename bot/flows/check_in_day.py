"""The question of the day: day before month, and never rolled into another year by itself."""

import re
from dataclasses import replace
from datetime import date, timedelta

from bot.flows import work_words as words
from bot.flows.check_in_question import (
    ABOUT_DAY,
    MOST_OPTIONS,
    Question,
    asked,
    draft_of,
    option,
)
from bot.flows.work_shapes import Ask, Outcome, WorkState, WorkStep
from bot.flows.work_words import offer, tell
from bot.flows.work_world import WorkWorld
from intake.text import fold

_DAY = re.compile(r"(?:ngay\s*)?(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:\s*[/.\-]\s*(\d{4}|\d{2}))?")
_BARE_DAY = re.compile(r"(?:ngay\s*)?(\d{1,2})")
_AGO = {"hom nay": 0, "nay": 0, "hom qua": 1, "qua": 1, "hom kia": 2}


def _day_open(state: WorkState, _world: WorkWorld) -> bool:
    return draft_of(state).done_on is None or asked(state, "date", "future_date") is not None


def _ask_day(state: WorkState, world: WorkWorld) -> WorkStep:
    future, unsure = asked(state, "future_date"), asked(state, "date")
    if future is not None:
        return _ask_future(state, world, future)
    days = [day_of(value) for value in unsure.options] if unsure else []
    known = [each for each in days if each is not None and each <= world.today][:MOST_OPTIONS]
    if known:
        return _offer_days(state, world, "hoi_ngay_nao", known)
    saturday = world.today - timedelta(days=(world.today.weekday() - 5) % 7 or 7)
    extra = [saturday] if (world.today - saturday).days > 1 else []
    labels = {f"ngay_{at}": words.day(each) for at, each in enumerate(extra)}
    choices = ("hom_nay", "hom_qua", *labels, "ngay_khac")
    state = state.but(step="day", options=tuple(each.isoformat() for each in extra))
    key = "hoi_ngay_nao" if unsure else "hoi_ngay"  # a day was named: 31/11, "hôm nọ"
    return WorkStep(state, (replace(tell(key, world, *choices), labels=labels),))


def _ask_future(state: WorkState, world: WorkWorld, ask: Ask) -> WorkStep:
    days = [each for each in map(day_of, ask.options) if each is not None]
    ahead = max(days, default=None)
    if ahead is None:
        return _offer_days(state, world, "hoi_ngay_nao", [])
    past = [each for each in days if each <= world.today]
    if not past and (before := _year_before(ahead)):
        past = [before]
    return _offer_days(state, world, "ngay_chua_toi", past, ngay=words.day(ahead))


def _offer_days(
    state: WorkState, world: WorkWorld, key: str, days: list[date], **values: object
) -> WorkStep:
    labels = {f"ngay_{at}": words.day(each) for at, each in enumerate(days)}
    state = state.but(step="day", options=tuple(each.isoformat() for each in days))
    return WorkStep(state, (offer(key, world, labels, "ngay_khac", **values),))


def _tap_day(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    chosen = option(state, key, "ngay")
    match key:
        case "hom_nay":
            return _on(state, world.today)
        case "hom_qua":
            return _on(state, world.today - timedelta(days=1))
        case "ngay_khac":
            return WorkStep(state, (tell("go_ngay", world),))
        case _:
            found = day_of(chosen) if chosen else None
            return _on(state, found) if found else None


def _type_day(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    found = typed_day(text, world.today)
    if found is None:
        if _DAY.fullmatch(fold(text)):
            return WorkStep(state, (tell("ngay_khong_co", world),))
        return None
    if found > world.today:
        ahead = Ask(name="future_date", options=(found.isoformat(),))
        return state.but(asks=(ahead, *(each for each in state.asks if each.name != "future_date")))
    return _on(state, found)


def _on(state: WorkState, day: date) -> WorkState:
    return state.drafted(done_on=day).settling("date", "future_date").reopening(*ABOUT_DAY)


def typed_day(text: str, today: date) -> date | None:
    """Return a day that was typed as an answer, day before month; None when there is no such day.

    Without a year it is this year's, even where that has not come yet: the flow asks then.
    """
    folded = fold(text).strip(" .")
    if folded in _AGO:
        return today - timedelta(days=_AGO[folded])
    if found := _DAY.fullmatch(folded):
        day, month, year = int(found[1]), int(found[2]), found[3]
        full = today.year if year is None else int(year) + (2000 if len(year) == 2 else 0)
        return day_of(f"{full:04}-{month:02}-{day:02}")
    if (found := _BARE_DAY.fullmatch(folded)) and int(found[1]) <= today.day:
        return day_of(f"{today.year:04}-{today.month:02}-{int(found[1]):02}")
    return None


def day_of(text: str) -> date | None:
    """Return a day from its ISO form; None when there is no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _year_before(day: date) -> date | None:
    return day_of(f"{day.year - 1:04}-{day.month:02}-{day.day:02}")


DAY = Question("day", _day_open, _ask_day, _tap_day, _type_day)
