"""The questions of which neighbourhood and which kind; two of either are asked, never guessed."""

import re

from bot.flows.check_in_question import (
    ABOUT_OWNER,
    MAIN,
    MOST_OPTIONS,
    Question,
    asked,
    draft_of,
    option,
)
from bot.flows.work_shapes import Outcome, Phrase, WorkState, WorkStep
from bot.flows.work_words import KINDS, offer, tell
from bot.flows.work_world import Owner, ReadLine, WorkWorld
from intake.text import fold

_LONGEST_NAME = 40


def is_called(owner: Owner, typed: str) -> bool:
    """Return whether a leader may mean this neighbourhood by what they typed."""
    digits = re.findall(r"\d+", typed)
    if digits:
        return set(map(int, digits)) <= set(map(int, re.findall(r"\d+", owner.name)))
    return bool(typed.strip()) and fold(typed) in fold(owner.name)


def _unit_open(state: WorkState, _world: WorkWorld) -> bool:
    return not draft_of(state).owner_id


def _ask_unit(state: WorkState, world: WorkWorld) -> WorkStep:
    ask = asked(state, "unit", "unit_not_held")
    held = [o for o in world.owners if ask is None or not ask.options or o.id in ask.options]
    shown: list[Owner] = held[:MOST_OPTIONS]
    key = "khong_phu_trach" if ask and ask.name == "unit_not_held" else "hoi_to"
    labels = {f"to_{at}": Phrase("chu", {"chu": each.name}) for at, each in enumerate(shown)}
    state = state.but(step="unit", options=tuple(each.id for each in shown))
    return WorkStep(state, (offer(key, world, labels),))


def _tap_unit(state: WorkState, key: str, _world: WorkWorld) -> Outcome | None:
    owner = option(state, key, "to")
    if owner is None:
        return None
    chosen = state.drafted(owner_id=owner).but(last_owner=owner)
    return chosen.settling("unit", "unit_not_held").reopening(*ABOUT_OWNER)


def _type_unit(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    found = [each for each in world.owners if is_called(each, text)]
    if len(found) != 1 or len(text) > _LONGEST_NAME:
        return None
    chosen = state.drafted(owner_id=found[0].id).but(last_owner=found[0].id)
    return chosen.settling("unit", "unit_not_held")


def _kind_open(state: WorkState, _world: WorkWorld) -> bool:
    return not draft_of(state).kind or asked(state, "kind", "two_kinds") is not None


def _ask_kind(state: WorkState, world: WorkWorld) -> WorkStep:
    ask = asked(state, "two_kinds", "kind")
    named = tuple(kind for kind in ask.options if kind in KINDS and kind != "other") if ask else ()
    offered = named[: MOST_OPTIONS - 2] or MAIN
    both = ("ca_hai",) if len(offered) == 2 else ()
    choices = (*(f"v_{kind}" for kind in offered), *both, "viec_khac_to")
    state = state.but(step="kind", options=offered)
    return WorkStep(state, (tell("hoi_viec", world, *choices),))


def _tap_kind(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    if key == "viec_khac_to":
        others = tuple(f"v_{kind}" for kind in KINDS if kind not in MAIN)
        return WorkStep(state, (tell("hoi_viec_khac", world, *others),))
    if key == "ca_hai":
        return _both(state, world)
    kind = key.removeprefix("v_")
    if not key.startswith("v_") or kind not in KINDS:
        return None
    chosen = state.drafted(kind=kind, also=()).settling("kind", "two_kinds")
    return chosen.reopening("da_co", "number")


def _both(state: WorkState, world: WorkWorld) -> Outcome:
    """Let one meeting count for two duties where the programme's rule says so; else ask for one."""
    first, second = state.options if len(state.options) == 2 else MAIN
    draft = draft_of(state)
    if not world.joins(draft.owner_id, draft.done_on or world.today):
        choices = (f"v_{first}", f"v_{second}")
        return WorkStep(state, (tell("tinh_rieng", world, *choices),))
    joined = state.drafted(kind=first, also=(second,))
    return joined.settling("kind", "two_kinds").reopening("da_co")


def _type_kind(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    folded = fold(text)
    if folded in {"ca hai", "ca 2", "2 viec", "hai viec"}:
        return _both(state, world)
    line = world.read(text)
    bare = line.done_on is None and line.people is None and line.households is None
    if line.kind in KINDS and bare and not asked_in(line, "two_kinds"):
        return _tap_kind(state, f"v_{line.kind}", world)
    return None


def asked_in(line: ReadLine, *names: str) -> bool:
    """Return whether a line leaves one of these open."""
    return any(name in line.asks for name in names)


UNIT = Question("unit", _unit_open, _ask_unit, _tap_unit, _type_unit)
KIND = Question("kind", _kind_open, _ask_kind, _tap_kind, _type_kind)
