"""The receipt of a check-in: that it is filed, changed or taken back, and the buttons below it.

Its buttons name the check-in and work for ever. The one that changes it leads to the card again,
with a draft of what stands there; the one that takes it back does so at once, within ten minutes.
"""

from bot.flows import check_in_card as card
from bot.flows import work_words as words
from bot.flows.work_shapes import (
    LASTING,
    Filing,
    Outcome,
    Phrase,
    Undo,
    WorkDraft,
    WorkState,
    WorkStep,
)
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld
from intake.work.check_in_shapes import CheckInView

CHANGE = f"{LASTING}sua."
TAKE_BACK = f"{LASTING}go."


def filed(state: WorkState, came: Filing, world: WorkWorld) -> WorkStep:
    """Say that it is filed, what is left, and how it can be taken back."""
    view = came.view
    after = state.quiet().but(
        last_owner=view.owner_id,
        filed=(*(pair for pair in state.filed if pair[0] != state.source),
               (state.source, view.id))[-_REMEMBERED:],
    )  # fmt: skip
    key = "da_ghi_roi" if came.filed.again else "da_ghi_tre" if came.filed.after_close else "da_ghi"
    choices = (f"{CHANGE}{view.id}", f"{TAKE_BACK}{view.id}", "xem_viec")
    told = tell(
        key,
        world,
        *choices,
        viec=words.kind_of(view.counts_as),
        ngay=words.day(view.done_on),
        so=words.number_of(view),
        con_thieu=words.few(_still(view, world)),
    )
    return WorkStep(after, (told,))


_REMEMBERED = 8


def _still(view: CheckInView, world: WorkWorld) -> tuple[Phrase, ...]:
    owed = world.standing(view.owner_id, view.done_on)
    return tuple(words.short_owed(each) for each in owed if words.is_open(each))


def taken_back(state: WorkState, came: Filing, world: WorkWorld) -> WorkStep:
    """Say that a check-in is taken back."""
    view = came.view
    values = {"viec": words.kind_of(view.counts_as), "ngay": words.day(view.done_on)}
    return WorkStep(state, (tell("da_go_buoi", world, "xem_viec", **values),))


def changed(state: WorkState, came: Filing, world: WorkWorld) -> WorkStep:
    """Say that a change is kept."""
    view = came.view
    key = "da_sua_cho_duyet" if came.filed.after_close else "da_sua_buoi"
    values = {
        "viec": words.kind_of(view.counts_as),
        "ngay": words.day(view.done_on),
        "so": words.number_of(view),
    }
    told = tell(key, world, f"{CHANGE}{view.id}", "xem_viec", **values)
    return WorkStep(state.quiet(), (told,))


def tap_lasting(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Carry out a button under an old receipt: it names its check-in and works for ever."""
    if key.startswith(TAKE_BACK):
        return WorkStep(state, act=Undo(key.removeprefix(TAKE_BACK)))
    if not key.startswith(CHANGE):
        return None
    view = world.find(key.removeprefix(CHANGE))
    if view is None or view.state == "voided":
        return WorkStep(state, (tell("khong_thay_buoi", world, "xem_viec"),))
    if state.draft is not None and state.amends != view.id:
        return card.still_open(state, world)
    return card.ask_what(amending(state, view), world)


def amending(state: WorkState, view: CheckInView) -> WorkState:
    """Return the state with a draft that would change a check-in."""
    draft = WorkDraft(
        owner_id=view.owner_id,
        kind=view.kind,
        also=tuple(kind for kind in view.counts_as if kind != view.kind),
        done_on=view.done_on,
        place=view.place,
        people=view.people,
        households=view.households,
        chair=view.chair,
        present=view.present,
        topics=view.topics,
        opinions=view.opinions,
        form=view.form,
        note=view.note,
    )
    settled = ("number", "option", *_ALL_WARNINGS)
    return state.but(draft=draft, amends=view.id, reason="", asks=(), settled=settled, source="")


_ALL_WARNINGS = ("dong_qua", "giong_nhau", "da_co", "qua_cu", "ky_da_khoa")
