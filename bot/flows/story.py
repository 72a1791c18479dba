"""The questions in which a resident tells: what, where exactly, when, what else, pictures.

Words go into the draft cleaned and otherwise unchanged: this module must never reword, shorten or
complete what a resident wrote.
"""

from functools import partial

from bot.flows.asking import (
    Outcome,
    Question,
    Words,
    answers,
    asking,
    is_bare_number,
    refuse,
    says_nothing,
    too_little,
    unless_answered,
)
from bot.flows.base import Edited, PhotoKept, Said, Say, Source, State, Step
from bot.flows.world import World
from intake.drafts import MAX_TEXT, compose
from intake.receipts import holds_code
from intake.text import clean

ONLINE = "trên mạng"
UNSURE = "Không rõ"
# What officers read when a button was tapped: Vietnamese whatever language the resident speaks.
WHEN = {
    "dang_dien_ra": "Đang diễn ra",
    "hay_buoi_toi": "Hay buổi tối",
    "da_qua": "Đã qua",
    "khong_ro": UNSURE,
}
KINDS = ("mua_ban", "tu_tap", "trong_cay", "viec_khac")


# --- taking words ---------------------------------------------------------------------------------


def tell(state: State, field: str, said: Said, before: str = "") -> Outcome:
    """Put words into one field of the draft, after what must stand ``before`` them."""
    text = clean(said.text)
    if reason := too_little(text):
        return refuse(state, reason)
    told = state.drafted(**{field: before + text})
    if len(compose(told.draft)) > MAX_TEXT:
        return refuse(state, "dai_qua", n=MAX_TEXT)
    if holds_code(text):
        return refuse(state, "co_ma")
    return _remember(told, field, said.source, text).answering(field)


def _tells(field: str) -> Words:
    """Return what puts free words into one field."""

    def words(state: State, said: Said, _world: World) -> Outcome:
        return tell(state, field, said)

    return words


def _remember(state: State, field: str, source: str, text: str) -> State:
    if not source:
        return state
    return state.but(sources=(*state.sources, Source(message_id=source, field=field, text=text)))


def correct(state: State, edit: Edited) -> Outcome | None:
    """Put the new words of an edited message in place of its old ones; None if there are none."""
    source = next((s for s in state.sources if s.message_id == edit.source), None)
    old = str(getattr(state.draft, source.field) or "") if source else ""
    if source is None or source.text not in old:
        return None
    text = clean(edit.text)
    if reason := too_little(text):
        return refuse(state, reason)
    if holds_code(text):
        return refuse(state, "co_ma")
    changed = state.drafted(**{source.field: old.replace(source.text, text, 1)})
    if len(compose(changed.draft)) > MAX_TEXT:
        return refuse(state, "dai_qua", n=MAX_TEXT)
    newer = source.model_copy(update={"text": text})
    return changed.but(sources=tuple(newer if s is source else s for s in state.sources))


def reopen(state: State, field: str) -> State:
    """Empty a field and ask its question again."""
    others = tuple(source for source in state.sources if source.field != field)
    emptied = {"what": {"what": "", "kind": None}}.get(field, {field: ""})
    return state.drafted(**emptied).but(sources=others, pending=()).reopening(field)


# --- what -----------------------------------------------------------------------------------------


def _pick_kind(kind: str, state: State, _world: World) -> Step:
    return Step(state.drafted(kind=kind), (Say("ke_ngan"),))


# --- where, when, more ----------------------------------------------------------------------------


def _online(state: State, _world: World) -> Step:
    return Step(state.but(pending=(ONLINE,)), (Say("hoi_trang_mang", choices=("khong_ro",)),))


def _hear_where(state: State, said: Said, _world: World) -> Outcome:
    before = f"{ONLINE}, " if state.pending == (ONLINE,) else ""
    if not before and is_bare_number(clean(said.text)):
        return refuse(state, "chi_so_nha")
    outcome = tell(state, "where", said, before)
    return outcome.but(pending=()) if isinstance(outcome, State) else outcome


def _where_unsure(state: State, _world: World) -> State:
    where = ONLINE if state.pending == (ONLINE,) else UNSURE
    return state.drafted(where=where).but(pending=()).answering("where")


def _pick_when(key: str, state: State, _world: World) -> State:
    return state.drafted(when=WHEN[key]).answering("when")


def more_choices(world: World) -> tuple[str, ...]:
    """Return the buttons under "anything else?"."""
    return ("xem_lai_gui", "them_anh") if world.channel.media else ("xem_lai_gui",)


def _ask_more(_state: State, world: World) -> tuple[Say, ...]:
    return (Say("hoi_them", choices=more_choices(world)),)


def _hear_more(state: State, said: Said, world: World) -> Outcome:
    """Add words to what is there; the question stays open until the resident wants the preview."""
    had = state.draft.more
    outcome = tell(state, "more", said, f"{had}\n" if had else "")
    if isinstance(outcome, Step):
        return outcome
    return Step(outcome.reopening("more"), (Say("da_ghi_them", choices=more_choices(world)),))


def keep_photo(state: State, kept: PhotoKept, world: World) -> Outcome:
    """Put a stored, sealed picture into the draft, and its caption into the words."""
    state = state.drafted(photos=(*state.draft.photos, kept.photo))
    if not says_nothing(clean(kept.caption)):
        had = state.draft.more
        told = tell(state, "more", Said(kept.caption, kept.source), f"{had}\n" if had else "")
        state = told.reopening("more") if isinstance(told, State) else state
    if state.step not in ("more", "review"):
        return refuse(state, "anh_da_nhan", n=len(state.draft.photos))
    told_so = Say("anh_da_nhan", {"n": len(state.draft.photos)}, choices=more_choices(world))
    return Step(state.but(step="more").reopening("more"), (told_so,))


def _how_to_send_photos(state: State, _world: World) -> Step:
    return Step(state, (Say("anh", choices=("xem_lai_gui",)),))


WHAT = (
    Question(
        name="what",
        ask=asking("hoi_viec_gi", *KINDS),
        taps={kind: partial(_pick_kind, kind) for kind in KINDS},
        words=_tells("what"),
        is_open=unless_answered("what"),
        free=True,
    ),
)
DETAILS = (
    Question(
        name="where",
        ask=asking("hoi_o_dau", "tren_mang", "khong_ro"),
        taps={"tren_mang": _online, "khong_ro": _where_unsure},
        words=_hear_where,
        is_open=unless_answered("where"),
        free=True,
    ),
    Question(
        name="when",
        ask=asking("hoi_khi_nao", *WHEN),
        taps={key: partial(_pick_when, key) for key in WHEN},
        words=_tells("when"),
        is_open=unless_answered("when"),
        free=True,
    ),
    Question(
        name="more",
        ask=_ask_more,
        taps={
            "xem_lai_gui": answers("more"),
            "them_anh": _how_to_send_photos,
        },
        words=_hear_more,
        is_open=unless_answered("more"),
        free=True,
    ),
)
