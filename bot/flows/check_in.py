"""The questions of a check-in: asked only for what a line left open, one at a time, with buttons.

Nothing is guessed: two kinds, two neighbourhoods, a day that has not come or cannot be, a bare
number that may be people or households are asked (``check-ins-and-reminders.md`` 4). What may be
wrong is asked once and never stands in the way.
"""

from collections.abc import Collection
from datetime import date

from bot.flows import work_words as words
from bot.flows.check_in_day import DAY
from bot.flows.check_in_number import NUMBER
from bot.flows.check_in_question import (
    MOST_OPTIONS,
    Question,
    asked,
    draft_of,
    no_words,
    option,
)
from bot.flows.check_in_what import KIND, UNIT, is_called
from bot.flows.work_shapes import Ask, Outcome, Phrase, WorkDraft, WorkState, WorkStep
from bot.flows.work_words import KINDS, offer, tell
from bot.flows.work_world import ReadLine, WorkWorld

# --- beginning ------------------------------------------------------------------------------------


def begin(state: WorkState, world: WorkWorld, source: str, line: ReadLine) -> WorkState:
    """Return the state with a draft of what a line says; pictures of an open draft stay with it."""
    before = state.draft or WorkDraft()
    owner, unit = _unit(state, world, line)
    draft = WorkDraft(
        owner_id=owner,
        kind=line.kind if line.kind in KINDS else "",
        done_on=line.done_on,
        place=words.cut(line.place or "", 120),
        people=line.people,
        households=line.households,
        photos=before.photos,
        voice=before.voice,
    )
    asks = asks_of(line, set(line.asks) - {"unit", "two_units"})
    begun = state.but(draft=draft, source=source, asks=(*unit, *asks), settled=(), reason="")
    return begun.but(amends="")


def asks_of(line: ReadLine, names: Collection[str]) -> tuple[Ask, ...]:
    """Return what a line leaves open, of these, with what each may mean."""
    return tuple(
        Ask(name=name, options=tuple(map(_text, line.candidates.get(name, ()))))
        for name in line.asks
        if name in names
    )


def blank(state: WorkState, world: WorkWorld, source: str, **known: object) -> WorkState:
    """Return the state with a draft that buttons will fill."""
    draft = WorkDraft(owner_id=_usual(state, world)).but(**known)
    begun = state.but(draft=draft, source=source, asks=(), settled=(), reason="", amends="")
    return begun.but(delay=0.0)


def _unit(state: WorkState, world: WorkWorld, line: ReadLine) -> tuple[str, tuple[Ask, ...]]:
    """Return the neighbourhood that a line means, and what has to be asked about it."""
    several = [*line.candidates.get("unit", ()), *line.candidates.get("two_units", ())]
    named = tuple(map(str, several)) or ((line.unit,) if line.unit else ())
    if not named:
        return _usual(state, world), ()
    held = [each for each in world.owners if any(is_called(each, name) for name in named)]
    if len(named) == 1 and len(held) == 1:
        return held[0].id, ()
    name = "unit" if held else "unit_not_held"
    return "", (Ask(name=name, options=tuple(each.id for each in held)),)


def _usual(state: WorkState, world: WorkWorld) -> str:
    ids = [each.id for each in world.owners]
    if len(ids) == 1:
        return ids[0]
    return state.last_owner if state.last_owner in ids else ""


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


# --- what the plan lets one choose ----------------------------------------------------------------


def _choice_open(state: WorkState, world: WorkWorld) -> bool:
    draft = draft_of(state)
    if draft.kind != "registration" or draft.form or "option" in state.settled:
        return False
    return bool(world.hints(draft.owner_id, draft.kind, draft.done_on or world.today).options)


def _ask_choice(state: WorkState, world: WorkWorld) -> WorkStep:
    draft = draft_of(state)
    hints = world.hints(draft.owner_id, draft.kind, draft.done_on or world.today)
    shown = hints.options[:MOST_OPTIONS]
    labels = {f"muc_{at}": Phrase("chu", {"chu": words.cut(o)}) for at, o in enumerate(shown)}
    state = state.but(step="option", options=shown)
    return WorkStep(state, (offer("hoi_dang_ky", world, labels, "bo_qua_to"),))


def _tap_choice(state: WorkState, key: str, _world: WorkWorld) -> Outcome | None:
    if key == "bo_qua_to":
        return state.settling("option")
    chosen = option(state, key, "muc")
    return state.drafted(form=chosen[:200]).settling("option") if chosen else None


# --- something that the line said and nobody can read ---------------------------------------------


def _other_open(state: WorkState, _world: WorkWorld) -> bool:
    return asked(state, "other") is not None


def _ask_other(state: WorkState, world: WorkWorld) -> WorkStep:
    return WorkStep(state.but(step="other", options=()), (tell("chua_ro", world, "tiep_tuc"),))


def _tap_other(state: WorkState, key: str, _world: WorkWorld) -> Outcome | None:
    return state.settling("other") if key == "tiep_tuc" else None


# --- warnings: asked once, never in the way -------------------------------------------------------

_WARNINGS = {
    "dong_qua": ("dung_vay", "go_lai"),
    "giong_nhau": ("dung_vay", "go_lai"),
    "da_co": ("bo_sung", "buoi_khac", "bo_nhap"),
    "qua_cu": ("dung_vay", "ngay_khac"),
    "ky_da_khoa": ("van_gui", "ngay_khac", "bo_nhap"),
}


def _open_warning(state: WorkState, world: WorkWorld) -> str | None:
    known = {*state.settled, *(("da_co",) if state.amends else ())}
    if set(_WARNINGS) <= known:
        return None
    return next(
        (w for w in world.warnings(draft_of(state)) if w in _WARNINGS and w not in known), None
    )


def _warning_open(state: WorkState, world: WorkWorld) -> bool:
    return _open_warning(state, world) is not None


def _ask_warning(state: WorkState, world: WorkWorld) -> WorkStep:
    warning, draft = _open_warning(state, world), draft_of(state)
    assert warning is not None
    assert draft.done_on is not None
    values = {
        "so": words.number_of(draft),
        "ngay": words.day(draft.done_on),
        "viec": words.kind_of(draft.kinds),
    }
    state = state.but(step="warning", options=(warning,))
    return WorkStep(state, (tell(warning, world, *_WARNINGS[warning], **values),))


def _tap_warning(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    warning = state.options[0] if state.options else ""
    if key in {"dung_vay", "buoi_khac", "van_gui"}:
        return state.settling(warning)
    if key == "go_lai":
        again = state.drafted(people=None, households=None)
        return NUMBER.ask(again.reopening("number"), world)
    if key == "ngay_khac":
        return WorkStep(state.but(step="day", options=()), (tell("go_ngay", world),))
    return None


QUESTIONS = (
    Question("other", _other_open, _ask_other, _tap_other, no_words),
    UNIT,
    KIND,
    DAY,
    NUMBER,
    Question("option", _choice_open, _ask_choice, _tap_choice, no_words),
    Question("warning", _warning_open, _ask_warning, _tap_warning, no_words),
)
BY_NAME = {question.name: question for question in QUESTIONS}


def next_question(state: WorkState, world: WorkWorld, *, warn: bool = True) -> WorkStep | None:
    """Put the first question that is open; None when the draft can be shown on a card.

    Without ``warn`` only what is missing is asked, not what may be wrong.
    """
    for question in QUESTIONS:
        if (warn or question.name != "warning") and question.is_open(state, world):
            return question.ask(state, world)
    return None
