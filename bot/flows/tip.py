"""The tip: a list of questions, and after every answer the first one that is still open.

The order of ``ORDER`` is the product: danger before anything else, the honest sentence and consent
before a word is kept, "liên quan cán bộ?" before the place, the exact text before [Gửi]. Editing is
nothing but opening a question again, and a form is nothing but answering many at once.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.flows import opening, place, review, story
from bot.flows.asking import Outcome, Question, refuse, says_nothing
from bot.flows.base import (
    Chose,
    Edited,
    Event,
    Filled,
    NotKept,
    NotSent,
    PhotoKept,
    Said,
    Say,
    Sent,
    State,
    Step,
    Submit,
)
from bot.flows.world import World
from intake.drafts import KIND_LABELS, MAX_TEXT, TipDraft, compose
from intake.receipts import holds_code
from intake.text import clean

ORDER = (
    *opening.QUESTIONS,
    *story.WHAT,
    *place.QUESTIONS,
    *story.DETAILS,
    review.PHRASES,
    review.REVIEW,
)
QUESTIONS: Mapping[str, Question] = {q.name: q for q in (*ORDER, *review.SIDE_ROOMS)}
ON_FORM = ("conflict", "what", "place", "where", "when", "more")
CONFLICTS = frozenset({"no", "yes", "unknown"})
_TOO_LONG = Say("dai_qua", {"n": MAX_TEXT})


def start(state: State, world: World) -> Step:
    """Begin a tip, unless this chat knows who its owner is or no box is open."""
    if world.enrolled:
        return refuse(state, "an_danh_tai_khoan_cong_viec")
    if not world.is_open:
        return refuse(state, "tam_dong")
    begun = state.fresh().but(flow="tip", area_hint=state.area_hint)
    return go_on(place.settle(begun, state.area_hint) if state.area_hint else begun, world)


def go_on(state: State, world: World) -> Step:
    """Ask the first question that is still open; the last one, the preview, always is."""
    question = next(q for q in ORDER if q.is_open(state, world))
    state = state.but(step=question.name)
    return Step(state, _ask(question, state, world))


def _ask(question: Question, state: State, world: World) -> tuple[Say, ...]:
    """Ask a question; a form that comes again says which pictures it need not bring again."""
    says, photos = question.ask(state, world), len(state.draft.photos)
    if not (photos and world.channel.one_page and question.name in ON_FORM):
        return says
    values = {**says[-1].values, "so_anh": photos}
    choices = (*says[-1].choices, "bo_anh")
    return (*says[:-1], replace(says[-1], values=values, choices=choices))


def prompt(state: State, world: World) -> tuple[Say, ...]:
    """Return what asks the current question again."""
    return _ask(QUESTIONS[state.step], state, world)


def has_content(state: State) -> bool:
    """Return whether something would be lost if this draft were thrown away."""
    empty = TipDraft(area_id=state.draft.area_id)
    return state.flow == "tip" and not is_sent(state) and state.draft != empty


def is_sent(state: State) -> bool:
    """Return whether the tip is already with its unit and only its receipt is on screen."""
    return state.flow == "tip" and state.step in review.SENT


def photo_refusal(state: State, world: World) -> NotKept | None:
    """Return why no picture may be kept now, or None when one may."""
    if is_sent(state):
        return NotKept("da_gui_roi")
    if state.step == "contact" or not ("consent" in state.answered or world.channel.one_page):
        return NotKept("chua_luc_nay")
    if len(state.draft.photos) >= world.max_photos:
        return NotKept("du_anh", {"n": world.max_photos})
    return None


def hear(state: State, event: Event, world: World) -> Step:
    """Take one event at the current question."""
    outcome = _hear(state, event, world)
    return outcome if isinstance(outcome, Step) else go_on(outcome, world)


def _hear(state: State, event: Event, world: World) -> Outcome:
    match event:
        case Sent(code):
            return review.show_receipt(state.but(code=code), world)
        case NotSent(reason, values):
            return Step(state, (Say(reason, values), *prompt(state, world)))
        case NotKept(reason, values):
            return refuse(state, reason, **values)
        case Edited():
            return _edited(state, event, world)
        case PhotoKept() if is_sent(state):
            return Step(state, prompt(state, world))
        case Filled():
            fills = _fill_again if is_sent(state) else fill
            return fills(state, event, world)
        case PhotoKept():
            return story.keep_photo(state, event, world)
        case _:
            return _answered(state, event, world)


def _answered(state: State, event: Event, world: World) -> Outcome:
    question = QUESTIONS[state.step]
    match event:
        case Chose(key) if key in question.taps:
            return question.taps[key](state, world)
        case Said() if question.words:
            return question.words(state, event, world)
        case Chose("bo_anh") if question.name in ON_FORM and world.channel.one_page:
            return state.drafted(photos=())
        case _:
            return Step(state, _ask(question, state, world))


def _edited(state: State, edit: Edited, world: World) -> Outcome:
    """Change the draft while it is open; a sent tip cannot be found from a chat."""
    if is_sent(state):
        return refuse(state, "sua_da_gui")
    outcome = story.correct(state, edit)
    if outcome is None:
        return refuse(state, "sua_khong_thay")
    if isinstance(outcome, Step):
        return outcome
    if state.step in ("raise", "phrases", "review"):  # these look at the words
        step = go_on(outcome, world)
        return Step(step.state, (Say("da_sua"), *step.says))
    return refuse(outcome, "da_sua")


# --- a form: many answers at once -----------------------------------------------------------------


def fill(state: State, form: Filled, world: World) -> Outcome:
    """Take all answers of a form, then ask the first that is missing, or show the preview.

    The page itself has shown the danger card, the honest sentence and what sending means. With
    ``send`` the tip goes without a second page, but only when nothing needs to be asked or told.
    """
    if state.flow != "tip":
        begun = start(state, world)
        if begun.state.flow != "tip":
            return begun
        state = begun.state
    state, problems = _fill_words(state.answering("danger", "consent", "more"), form)
    state = _fill_choices(state, form, world).drafted(photos=(*state.draft.photos, *form.photos))
    problems = tuple(_beside_pictures(problem, state) for problem in problems)
    problems = (*problems, *(Say(refused.reason, refused.values) for refused in form.refused))
    state, asked = _fill_place(state, form, world)
    step = asked or go_on(state, world)
    told = step.state.step == "review" and not problems
    if form.send and told and not any(say.key in review.URGENT for say in step.says):
        return Step(step.state, (), Submit())
    return Step(step.state, (*problems, *step.says), step.act)


def _fill_again(state: State, form: Filled, world: World) -> Step:
    """Show the receipt again; to anything that the sent tip does not hold, say that it was late."""
    told, problems = _fill_words(state, form)
    is_new = told.draft != state.draft or problems or form.refused
    return review.remind(state, world) if is_new else Step(state, prompt(state, world))


def _beside_pictures(problem: Say, state: State) -> Say:
    """Return what is said of a form: without words it is not empty when it brought pictures."""
    photos = len(state.draft.photos)
    return Say("anh_thieu_chu", {"n": photos}) if photos and problem.key == "trong" else problem


def _fill_words(state: State, form: Filled) -> tuple[State, tuple[Say, ...]]:
    """Fill the text fields. One box may hold the whole story: only an empty one is asked again."""
    before, problems = state.draft, tuple[Say, ...]()
    for field in ("where", "when", "more"):
        text = clean(form.answers.get(field, ""))
        if len(text) > MAX_TEXT:
            problems = (_TOO_LONG,)
        elif holds_code(text):
            problems = (Say("co_ma"),)
        elif field in form.answers:
            state = state.drafted(**{field: text})
        state = state.answering(field)
    if "what" not in form.answers and "what" in state.answered:
        if len(compose(state.draft)) > MAX_TEXT:  # beside the words that are kept already
            return state.but(draft=before), (_TOO_LONG,)
        return state, problems
    told = story.tell(state.reopening("what"), "what", Said(form.answers.get("what", "")))
    if isinstance(told, Step):
        return state.reopening("what"), told.says
    return told, problems


def _fill_choices(state: State, form: Filled, world: World) -> State:
    conflict, kind = form.answers.get("conflict"), form.answers.get("kind")
    if conflict in CONFLICTS and conflict != state.draft.conflict:
        state = state.drafted(conflict=conflict, to_upper=False).reopening("raise")
        state = state.answering("conflict")
    if kind in KIND_LABELS:
        state = state.drafted(kind=kind)
    contact = clean(form.answers.get("contact", ""))
    if contact and world.offers("named") and not says_nothing(contact):
        fits = len(contact.encode()) <= review.MAX_CONTACT_BYTES
        state = state.drafted(contact=contact) if fits else state
    return state.drafted(calm=True) if form.answers.get("calm") else state


def _fill_place(state: State, form: Filled, world: World) -> tuple[State, Step | None]:
    """Take the chosen area or the typed name; return a step when the name has to be asked again."""
    area, typed = form.answers.get("area"), form.answers.get("place", "").strip()
    if area and world.place(area):
        return place.settle(state, area), None
    if not typed or "conflict" not in state.answered or "what" not in state.answered:
        return state, None
    outcome = place.hear_place(state.reopening("place"), Said(typed), world)
    if isinstance(outcome, Step):
        return outcome.state, Step(outcome.state.but(step="place"), outcome.says)
    return outcome, None
