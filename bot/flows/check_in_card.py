"""The card, and what can be changed on it: nothing is filed before [Lưu] is tapped.

The card shows weekday, full date, what it does for the period and what is still missing, so that a
wrong day is seen. Within ten minutes of filing a change needs no reason; later it does.
"""

from collections.abc import Callable
from datetime import date, timedelta

from bot.flows import check_in
from bot.flows import work_words as words
from bot.flows.work_shapes import (
    AddTo,
    Amend,
    FileIt,
    Kept,
    Outcome,
    Phrase,
    WorkDraft,
    WorkState,
    WorkStep,
)
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld
from intake.text import clean

FREE = timedelta(minutes=10)
MOST_PHOTOS = 4
_LONGEST_REASON = 120
REASONS = ("ly_do_go_nham", "ly_do_dem_lai", "ly_do_khac")


# --- the card -------------------------------------------------------------------------------------


def advance(state: WorkState, world: WorkWorld) -> WorkStep:
    """Put the next open question; when there is none, show the card."""
    return check_in.next_question(state, world) or show(state, world)


def show(state: WorkState, world: WorkWorld) -> WorkStep:
    """Show what would be filed; nothing is filed yet."""
    draft = state.draft
    assert draft is not None
    assert draft.done_on is not None
    more = ("chi_tiet",) if draft.kind == "listening_meeting" else ()
    save = "luu_sua" if state.amends else "luu"
    choices = (save, "sua_nhap", *more, "them_anh_to", "bo_nhap")
    key = "the_sua" if state.amends else "the_xac_nhan"
    told = tell(key, world, *choices, **_values(state, draft, draft.done_on, world))
    return WorkStep(state.but(step="card", options=()), (told,))


def _values(state: WorkState, draft: WorkDraft, day: date, world: WorkWorld) -> dict[str, object]:
    effects = () if state.amends else world.foresee(draft)
    return {
        "to": words.cut(owner_name(draft.owner_id, world), 22),
        "viec": words.kind_of(draft.kinds),
        "ngay": words.day(day),
        "so": words.number_of(draft),
        "noi": words.cut(draft.place, 26) or None,
        "chu_tri": words.cut(draft.chair, 20) or None,
        "anh": _attached(draft),
        "ky": words.period_of(effects),
        "con_thieu": words.few(_missing(draft, day, world)),
    }


def _attached(draft: WorkDraft) -> object:
    pictures = len(draft.photos) - draft.voice
    if pictures and draft.voice:
        return Phrase("anh_va_tieng", {"n": pictures})
    if draft.voice:
        return Phrase("co_tieng")
    return Phrase("so_anh", {"n": pictures}) if pictures else None


def _missing(draft: WorkDraft, day: date, world: WorkWorld) -> tuple[Phrase, ...]:
    """Return what the neighbourhood will still owe in these periods when this is filed."""
    owed = world.standing(draft.owner_id, day)
    left = (
        each
        for each in owed
        if words.is_open(each) and each.done + (each.kind in draft.kinds) < each.need
    )
    return tuple(map(words.short_owed, left))


def owner_name(owner_id: str, world: WorkWorld) -> str:
    """Return what the leader calls it; nothing for what they no longer look after."""
    return next((each.name for each in world.owners if each.id == owner_id), "")


def tap_card(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Carry out a button of the card, or one about a draft that asks for the same."""
    act = _ON_CARD.get(key) if state.draft is not None else None
    return act(state, world) if act else None


def _save(state: WorkState, world: WorkWorld) -> WorkStep:
    """File, unless something is not known; warnings are looked at as it is filed.

    What is filed already, by a process that died before it could say so, opens no question.
    """
    return check_in.next_question(state, world, warn=False) or WorkStep(state, act=FileIt())


def ask_before_filing(state: WorkState, world: WorkWorld) -> WorkStep:
    """Ask what has opened since the card was shown; file when it is over again."""
    return check_in.next_question(state, world) or WorkStep(state, act=FileIt(sure=True))


def _add_to(state: WorkState, world: WorkWorld) -> WorkStep:
    assert state.draft is not None
    there = world.same_day(state.draft)
    if not there:
        return advance(state.settling("da_co"), world)
    return WorkStep(state, act=AddTo(there[-1].id))


# --- saving a change ------------------------------------------------------------------------------


def _save_change(state: WorkState, world: WorkWorld) -> WorkStep:
    question = check_in.next_question(state, world)
    if question is not None:
        return question
    view = world.find(state.amends)
    if view is None:
        return WorkStep(state.quiet(), (tell("khong_thay_buoi", world, "xem_viec"),))
    if not state.reason and world.now - view.filed_at > FREE:
        return ask_reason(state, world)
    return WorkStep(state, act=Amend())


def ask_reason(state: WorkState, world: WorkWorld) -> WorkStep:
    """Ask why something that was filed more than ten minutes ago is changed."""
    return WorkStep(state.but(step="reason", options=()), (tell("hoi_ly_do", world, *REASONS),))


def tap_reason(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Take a reason."""
    if key == "ly_do_khac":
        return WorkStep(state.but(step="reason"), (tell("go_ly_do", world),))
    return _with_reason(state, key, world) if key in REASONS else None


def type_reason(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    """Take a reason in the leader's own words, unless they name somebody."""
    if world.refuses(text):
        return refused(state, world)
    return _with_reason(state, clean(text)[:_LONGEST_REASON], world)


def _with_reason(state: WorkState, reason: str, _world: WorkWorld) -> Outcome | None:
    return WorkStep(state.but(reason=reason), act=Amend()) if reason else None


# --- changing the draft ---------------------------------------------------------------------------


def _ask_picture(state: WorkState, world: WorkWorld) -> WorkStep:
    return WorkStep(state, (tell("gui_anh_to", world, "quay_lai_the"),))


def _throw_away(state: WorkState, world: WorkWorld) -> WorkStep:
    return WorkStep(state.quiet(), (tell("da_bo_nhap", world, "xem_viec"),))


def ask_what(state: WorkState, world: WorkWorld) -> WorkStep:
    """Ask which part of the draft is to be changed."""
    more = ("sua_to",) if len(world.owners) > 1 and not state.amends else ()
    choices = ("sua_ngay", "sua_so", "sua_noi", "sua_viec_to", *more, "chi_tiet", "quay_lai_the")
    return WorkStep(state.but(step="what", options=()), (tell("sua_gi_to", world, *choices),))


def tap_what(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Open one part of the draft again."""
    match key:
        case "sua_ngay":
            return state.drafted(done_on=None)
        case "sua_so":
            return state.drafted(people=None, households=None).reopening("number")
        case "sua_viec_to":
            return state.drafted(kind="", also=())
        case "sua_to":
            return state.drafted(owner_id="")
        case "sua_noi":
            return WorkStep(state.but(step="place", options=()), (tell("go_noi", world),))
        case _:
            return None


_ON_CARD: dict[str, Callable[[WorkState, WorkWorld], WorkStep]] = {
    "luu": _save,
    "luu_sua": _save_change,
    "sua_nhap": ask_what,
    "them_anh_to": _ask_picture,
    "quay_lai_the": advance,
    "bo_nhap": _throw_away,
    "bo_sung": _add_to,
}


def refused(state: WorkState, world: WorkWorld) -> WorkStep:
    """Say kindly that nobody is named here, and where that can be told; nothing is kept.

    An open draft is put again below, as it was: its buttons go on working.
    """
    if state.draft is not None:
        again = advance(state, world)
        return WorkStep(again.state, (tell("khong_ten", world), *again.says))
    return WorkStep(state, (tell("khong_ten", world, "mo_trang_kin", "viet_lai"),))


def still_open(state: WorkState, world: WorkWorld) -> WorkStep:
    """Say that a draft is open: it is saved, changed or thrown away before another begins."""
    draft = state.draft
    assert draft is not None
    complete = draft.done_on is not None and draft.kind and draft.owner_id
    choices = (
        ("luu_sua" if state.amends else "luu",)
        if complete and not state.asks
        else ("viet_tiep_to",)
    )
    told = tell("con_nhap", world, *choices, "sua_nhap", "bo_nhap", tom_tat=summary(draft))
    return WorkStep(state.but(step="card"), (told,))


def summary(draft: WorkDraft) -> Phrase:
    """Return a draft in a few words."""
    day = words.day(draft.done_on) if draft.done_on else Phrase("chua_co_ngay")
    kind = words.kind_of(draft.kinds) if draft.kind else Phrase("chua_co_viec")
    return Phrase("tom_tat", {"viec": kind, "ngay": day})


# --- pictures and voice notes ---------------------------------------------------------------------


def attach(state: WorkState, kept: Kept) -> WorkState:
    """Return the state with a picture or a voice note in its draft."""
    draft = state.draft or WorkDraft()
    added = draft.but(photos=(*draft.photos, kept.photo_id), voice=draft.voice or kept.is_voice)
    return state.but(draft=added)


def attachment_refusal(state: WorkState, *, is_voice: bool) -> str | None:
    """Return why no more is taken, before a byte is fetched."""
    draft = state.draft or WorkDraft()
    if is_voice and draft.voice:
        return "co_tieng_roi"
    full = len(draft.photos) - draft.voice >= MOST_PHOTOS
    return "du_anh_to" if full and not is_voice else None
