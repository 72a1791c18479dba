"""Details of an activity beyond day, place and number: who chaired, who was there, what was said.

Asked for only where the leader opens them. Whoever chaired is named; nobody else is.
"""

from bot.flows import check_in_card as card
from bot.flows import work_words as words
from bot.flows.check_in_number import LARGEST
from bot.flows.check_in_question import option
from bot.flows.work_shapes import Outcome, Phrase, WorkDraft, WorkState, WorkStep
from bot.flows.work_words import offer, tell
from bot.flows.work_world import WorkWorld
from intake.text import clean

_LONGEST_WORDS = 200
_MOST_CHOICES = 6
_MOST_DIGITS = 3  # a phone number is no name of somebody who chairs
_DETAILS = {
    "sua_chu_tri": "chair",
    "sua_thanh_phan": "present",
    "sua_noi_dung": "topics",
    "sua_y_kien": "opinions",
    "sua_ghi_chu": "note",
}
_DETAIL_ASKS = {
    "chair": "chu_tri",
    "present": "hoi_thanh_phan",
    "topics": "hoi_noi_dung",
    "opinions": "hoi_y_kien",
    "note": "go_ghi_chu",
}


def _ask_detail(state: WorkState, world: WorkWorld) -> WorkStep:
    draft = state.draft or WorkDraft()
    meeting = draft.kind == "listening_meeting"
    few = ("sua_chu_tri", "sua_thanh_phan", "sua_noi_dung", "sua_y_kien") if meeting else ()
    choices = (*few, "sua_ghi_chu", "quay_lai_the")
    return WorkStep(state.but(step="detail", options=()), (tell("chi_tiet_gi", world, *choices),))


def tap_detail(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Ask for one detail: who chaired, who was there, what was spoken of, how many opinions."""
    if key == "chi_tiet":
        return _ask_detail(state, world)
    if key not in _DETAILS:
        return None
    name, draft = _DETAILS[key], state.draft or WorkDraft()
    day = draft.done_on or world.today
    match name:
        case "chair":
            known = world.history(draft.owner_id, draft.kind).chairs
        case "present":
            known = world.hints(draft.owner_id, draft.kind, day).present
        case "topics":
            known = world.hints(draft.owner_id, draft.kind, day).topics
        case _:
            known = ()
    return _offer(state, name, known[:_MOST_CHOICES], world)


def _offer(state: WorkState, name: str, known: tuple[str, ...], world: WorkWorld) -> WorkStep:
    labels = {f"muc_{at}": Phrase("chu", {"chu": words.cut(o)}) for at, o in enumerate(known)}
    told = offer(_DETAIL_ASKS[name], world, labels, "quay_lai_the")
    return WorkStep(state.but(step=name, options=known), (told,))


def tap_choice(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Take one of the offered values; lists may take several."""
    chosen = option(state, key, "muc")
    if chosen is None:
        return None
    draft = state.draft or WorkDraft()
    match state.step:
        case "chair":
            return state.drafted(chair=chosen)
        case "present":
            several = tuple(dict.fromkeys((*draft.present, chosen)))
            return _offer(state.drafted(present=several), "present", state.options, world)
        case "topics":
            several = tuple(dict.fromkeys((*draft.topics, chosen)))
            return _offer(state.drafted(topics=several), "topics", state.options, world)
        case _:
            return None


def type_detail(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    """Take a detail in words, unless they name somebody; who chaired is a name by its nature."""
    tidy = clean(text).replace("\n", " ")[:_LONGEST_WORDS]
    if not tidy:
        return None
    if state.step == "opinions":
        count = tidy.split()[0]
        few = count.isascii() and count.isdecimal() and int(count) <= LARGEST
        return state.drafted(opinions=int(count)) if few else None
    if state.step != "chair" and world.refuses(tidy):
        return card.refused(state, world)
    if state.step == "chair" and sum(letter.isdigit() for letter in tidy) > _MOST_DIGITS:
        return card.refused(state, world)
    draft = state.draft or WorkDraft()
    match state.step:
        case "chair" | "place" | "note":
            return state.drafted(**{state.step: tidy})
        case "present" | "topics":
            several = (*getattr(draft, state.step), tidy)
            return state.drafted(**{state.step: several})
        case _:
            return None
