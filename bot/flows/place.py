"""The questions about the commune and who receives: never guessed, and raised only openly.

The place decides who reads a tip, so near-equal names are asked again; and a tip that will
not go to the ward says so, and waits for a yes, before it goes on. Who receives is decided in
``intake.tips``, never here.
"""

from functools import partial

from bot.flows.asking import Outcome, Question, only_buttons, unless_answered
from bot.flows.base import Said, Say, State, Step
from bot.flows.opening import conflict_yes, leave
from bot.flows.world import Destination, World
from intake.drafts import TipDraft, compose
from intake.officials import speaks_of_officials
from intake.text import clean

MOST_PLACES = 4
OPEN_REASONS = ("can_bo_khong_ro", "can_bo_trong_tin")  # these leave the choice to the resident


def _ask_place(state: State, world: World) -> tuple[Say, ...]:
    found = [place for place in map(world.place, state.pending) if place]
    if not found:
        return (Say("chon_phuong"),)
    if len(found) == 1:
        values, labels = {"noi": found[0].label}, {"dung_noi": found[0].label}
        return (Say("gan_dung_noi", values, ("dung_noi", "cho_khac"), labels),)
    labels = {f"noi_{at}": place.label for at, place in enumerate(found)}
    choices = (*labels, "cho_khac")
    return (Say("trung_ten", {"n": len(found)}, choices=choices, labels=labels),)


def hear_place(state: State, said: Said, world: World) -> Outcome:
    """Take a typed name: one match is certain, several or a near one are asked about.

    Where there is none the tip may go to the unit above.
    """
    found = world.find_places(clean(said.text))
    if len(found) == 1 and not found[0].near:
        return settle(state, found[0].area_id)
    state = state.but(pending=tuple(place.area_id for place in found[:MOST_PLACES]))
    return Step(state, _ask_place(state, world)) if found else _no_such_place(state, world)


def _no_such_place(state: State, _world: World) -> Step:
    says = (Say("khong_thay_noi", choices=("gui_len_tren", "thoat")),)
    return Step(state.but(pending=()), says)


def settle(state: State, area_id: str) -> State:
    """Take one area as the tip's place; another one than before is judged anew."""
    if area_id != state.draft.area_id:
        state = state.drafted(area_id=area_id, to_upper=False).reopening("raise")
    return state.but(pending=()).answering("place")


def _pick_place(at: int, state: State, world: World) -> Outcome:
    if at >= len(state.pending) or world.place(state.pending[at]) is None:
        return Step(state, _ask_place(state.but(pending=()), world))
    return settle(state, state.pending[at])


def _place_unknown(state: State, _world: World) -> State:
    """Send to the top unit, which sorts out where it belongs; that is itself the way up."""
    return state.drafted(area_id=None, to_upper=True).but(pending=()).answering("place", "raise")


def _why_raised(state: State, world: World) -> str | None:
    """Return the sentence that must be agreed to before this draft may go on, or None."""
    draft = state.draft
    if draft.conflict == "yes":
        return "can_bo"
    receiver = world.destination(draft)
    if receiver is None or receiver.raised:
        return "chua_co_hom_thu"
    if draft.conflict == "unknown":
        return "can_bo_khong_ro"
    return "can_bo_trong_tin" if _may_be_about_receiver(state, receiver, world) else None


def _may_be_about_receiver(state: State, receiver: Destination, world: World) -> bool:
    """Return whether a tip "not about officials" speaks of them, and another unit could read it."""
    if "officials" in state.answered or not speaks_of_officials(compose(state.draft)):
        return False
    upper = world.destination(_to_upper(state.draft))
    return upper is not None and upper.unit != receiver.unit


def _to_upper(draft: TipDraft) -> TipDraft:
    return draft.model_copy(update={"to_upper": True})


def _raise_is_open(state: State, world: World) -> bool:
    return "raise" not in state.answered and _why_raised(state, world) is not None


def _ask_raise(state: State, world: World) -> tuple[Say, ...]:
    draft, reason = state.draft, _why_raised(state, world)
    receiver = world.destination(_to_upper(draft) if reason in OPEN_REASONS else draft)
    if receiver is None:
        return (Say("tam_dong", choices=("thoat",)),)
    place = world.place(draft.area_id) if draft.area_id else None
    values = {"cap_tren": receiver.unit, "noi": place.label if place else ""}
    normal = ("gui_binh_thuong",) if reason in OPEN_REASONS else ()
    return (Say(reason or "can_bo", values, choices=("gui_len_tren", *normal, "thoat")),)


def _agree_to_raise(state: State, world: World) -> Outcome:
    reason = _why_raised(state, world)
    if reason == "can_bo_trong_tin":  # the same as "có" at the question about officials
        outcome = conflict_yes(state, world)
        return outcome.answering("raise") if isinstance(outcome, State) else outcome
    if reason == "chua_co_hom_thu" and world.destination(state.draft) is None:
        return Step(state, _ask_raise(state, world))
    # A closed box is passed over by the destination itself; only "không rõ" has to be marked, and
    # a yes to a question whose reason is gone by now, such as a box that has opened since.
    raised = state.drafted(to_upper=True) if reason in ("can_bo_khong_ro", None) else state
    return raised.answering("raise")


def _send_as_usual(state: State, _world: World) -> State:
    """Go on to the ward; what the words say of officials is not asked about again."""
    return state.answering("raise", "officials")


QUESTIONS = (
    Question(
        name="place",
        ask=_ask_place,
        taps={
            **{f"noi_{at}": partial(_pick_place, at) for at in range(MOST_PLACES)},
            "dung_noi": partial(_pick_place, 0),
            "cho_khac": _no_such_place,
            "gui_len_tren": _place_unknown,
            "thoat": leave,
        },
        words=hear_place,
        is_open=unless_answered("place"),
        free=True,
    ),
    Question(
        name="raise",
        ask=_ask_raise,
        taps={
            "gui_len_tren": _agree_to_raise,
            "gui_binh_thuong": _send_as_usual,
            "thoat": leave,
        },
        words=only_buttons,
        is_open=_raise_is_open,
    ),
)
