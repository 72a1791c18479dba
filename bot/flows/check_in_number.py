"""The question of how many came: people or households, and nobody is made to remember."""

import re

from bot.flows.check_in_question import (
    ABOUT_NUMBER,
    MOST_OPTIONS,
    Question,
    asked,
    draft_of,
    option,
)
from bot.flows.work_shapes import Outcome, Phrase, WorkState, WorkStep
from bot.flows.work_words import offer
from bot.flows.work_world import WorkWorld
from intake.text import fold

COUNTED = frozenset(
    {"outreach", "listening_meeting", "school", "pledge", "training", "business_meeting"}
)
"""Kinds for which it is asked how many came."""
LARGEST = 1_000_000
_NUMBER = re.compile(
    r"(?:khoang|tam|co|duoc|chung|hon|gan)?\s*(\d{1,7})\s*(nguoi|ng|n|ho dan|ho|h|gia dinh)?"
)


def _number_open(state: WorkState, _world: WorkWorld) -> bool:
    draft = draft_of(state)
    if asked(state, "people_or_households", "number"):
        return True
    unknown = draft.people is None and draft.households is None
    return unknown and draft.kind in COUNTED and "number" not in state.settled


def _ask_number(state: WorkState, world: WorkWorld) -> WorkStep:
    either = asked(state, "people_or_households")
    if either is not None and either.options and either.options[0].isdecimal():
        n = either.options[0]
        labels = {"so_0": Phrase("so_nguoi", {"n": n}), "so_1": Phrase("so_ho", {"n": n})}
        state = state.but(step="number", options=(f"people:{n}", f"households:{n}"))
        told = offer("hoi_nguoi_hay_ho", world, labels, so=n)
        return WorkStep(state, (told,))
    values = _likely_numbers(state, world)
    labels = {
        f"so_{at}": Phrase("so_ho" if unit == "households" else "so_nguoi", {"n": n})
        for at, (unit, n) in enumerate(values)
    }
    key = "hoi_so_ho" if draft_of(state).kind == "pledge" else "hoi_so_nguoi"
    options = tuple(f"{unit}:{n}" for unit, n in values)
    state = state.but(step="number", options=options)
    return WorkStep(state, (offer(key, world, labels, "khong_nho"),))


def _likely_numbers(state: WorkState, world: WorkWorld) -> list[tuple[str, str]]:
    """Return the numbers between which a line left the choice, or else those of earlier times."""
    draft, ask = draft_of(state), asked(state, "number")
    unit = "households" if draft.kind == "pledge" else "people"
    named = [each for each in ask.options if each.isdecimal()] if ask else []
    if named:
        return [(unit, each) for each in named[:MOST_OPTIONS]]
    history = world.history(draft.owner_id, draft.kind)
    past = history.households if unit == "households" else history.people
    return [(unit, str(n)) for n in past[:3]]


def _tap_number(state: WorkState, key: str, _world: WorkWorld) -> Outcome | None:
    chosen = option(state, key, "so")
    if key == "khong_nho":
        return counted(state, people=None, households=None)
    if chosen is None:
        return None
    unit, _, n = chosen.partition(":")
    return counted(state, **{unit: int(n)})


def _type_number(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    folded = fold(text).strip(" .")
    if asked(state, "people_or_households") and folded in {"nguoi", "ho"}:
        return _tap_number(state, "so_0" if folded == "nguoi" else "so_1", world)
    found = _NUMBER.fullmatch(folded)
    if found is None or int(found[1]) > LARGEST:
        return None
    unit = (found[2] or "")[:2]
    households = unit in {"ho", "h", "gi"} or (not unit and draft_of(state).kind == "pledge")
    if not unit and asked(state, "people_or_households"):
        return None
    return counted(state, **{"households" if households else "people": int(found[1])})


def counted(state: WorkState, **numbers: int | None) -> WorkState:
    """Return the state with a number of people or households, and what depends on it open."""
    done = state.drafted(**numbers).settling("number", "people_or_households")
    return done.reopening(*ABOUT_NUMBER)


NUMBER = Question("number", _number_open, _ask_number, _tap_number, _type_number)
