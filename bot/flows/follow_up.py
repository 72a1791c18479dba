"""Coming back: code, news, and what the reporter wants to add.

A code that nobody knows, an erased tip and a tip without news arrive here as the same event,
``News()``: this module must never say anything that tells them apart, and never print a code.
"""

from collections.abc import Mapping

from bot.flows.asking import Question, asking, only_buttons, refuse, says_nothing, too_little
from bot.flows.base import (
    Add,
    Added,
    Chose,
    Event,
    Filled,
    LookUp,
    News,
    NewsItem,
    NotKept,
    NotSent,
    PhotoKept,
    Said,
    Say,
    State,
    Step,
    Wipe,
)
from bot.flows.review import ask_about
from bot.flows.world import World
from intake.drafts import MAX_TEXT, TipDraft
from intake.errors import BadCode
from intake.receipts import holds_code, is_like_code, normalise
from intake.text import clean, without

STATE_WORDS = frozenset({"dang_xem", "can_them", "da_chuyen", "ket_thuc"})
DONE = ("xong",)
LEAVE = ("thoat",)


def start(state: State, world: World, typed: str = "") -> Step:
    """Ask for the code, or take the one that came along."""
    state = state.fresh().but(flow="follow_up", step="code")
    if not typed.strip():
        return Step(state, prompt(state, world))
    return _hear_code(state, Said(typed), world)


def is_code(text: str) -> bool:
    """Return whether a text is a receipt code, check digits and all."""
    try:
        normalise(text)
    except BadCode:
        return False
    return True


def prompt(state: State, world: World) -> tuple[Say, ...]:
    """Return what asks the current question again."""
    return QUESTIONS[state.step].ask(state, world)


def photo_refusal(state: State, world: World) -> NotKept | None:
    """Return why no picture may be kept now, or None when one may."""
    if state.code is None and not world.channel.one_page:
        return NotKept("chua_luc_nay")
    if len(state.draft.photos) >= world.max_photos:
        return NotKept("du_anh", {"n": world.max_photos})
    return None


def hear(state: State, event: Event, world: World) -> Step:
    """Take one event at the current question."""
    if world.channel.one_page and state.step == "added":
        state = state.but(step="news")  # what arrived before is not told again under a refusal
    match event:
        case News(messages):
            return _show(state, messages)
        case Added():
            state = _emptied(state).but(step="added")
            return Step(state, prompt(state, world))
        case NotSent(reason, values):
            # A look that was refused leaves the question of the code open, and the code forgotten.
            state = state.but(code=None) if state.step == "code" else _emptied(state)
            return Step(state, (Say(reason, values), *prompt(state, world)))
        case NotKept(reason, values):
            return refuse(state, reason, **values)
        case PhotoKept(photo, caption) if state.code:
            with_photo = state.drafted(photos=(*state.draft.photos, photo))
            return _add_photo(with_photo, clean(caption), world)
        case Filled():
            return _fill(state, event, world)
        case _:
            return _answered(state, event, world)


def _answered(state: State, event: Event, world: World) -> Step:
    question = QUESTIONS[state.step]
    match event:
        case Chose(key) if key in question.taps:
            outcome = question.taps[key](state, world)
        case Said() if question.words:
            outcome = question.words(state, event, world)
        case _:
            outcome = state
    return outcome if isinstance(outcome, Step) else Step(outcome, prompt(outcome, world))


def _emptied(state: State) -> State:
    return state.drafted(photos=()).but(pending=(), step="news" if state.code else "code")


# --- the code and what it shows -------------------------------------------------------------------


def _hear_code(state: State, said: Said, _world: World) -> Step:
    try:
        code = normalise(said.text)
    except BadCode:
        dropped = _dropped(state)
        state = _emptied(state).but(code=None, step="code")
        return Step(state, (*dropped, Say("ma_chep_nham", choices=LEAVE)))
    if code == state.code:
        return Step(state, (), LookUp())
    # Another tip may have other readers: what waits goes with the code that it was meant for.
    return Step(_emptied(state).but(code=code, kept=()), _dropped(state), LookUp())


def _dropped(state: State) -> tuple[Say, ...]:
    return (Say("anh_bo_lai"),) if state.draft.photos else ()


def _show(state: State, messages: tuple[NewsItem, ...]) -> Step:
    state = state.but(step="news")
    if not messages:
        return Step(state, (Say("chua_co_tin_moi", choices=DONE),))
    shown = map(_news, _without_old_states(messages))
    return Step(state, (*shown, Say("gui_them_duoc", choices=DONE)))


def _without_old_states(messages: tuple[NewsItem, ...]) -> list[NewsItem]:
    """Leave out the state words that a later one has replaced: only the newest is true."""
    newest = next((each for each in reversed(messages) if each.kind == "state"), None)
    return [each for each in messages if each.kind != "state" or each is newest]


def _news(item: NewsItem) -> Say:
    if item.kind == "state":
        word = item.text if item.text in STATE_WORDS else "dang_xem"
        return Say(f"trang_thai.{word}", private=True)
    key = "hoi_lai" if item.kind == "ask" else "tra_loi"
    return Say(key, {"noi_dung": item.text}, private=True)


# --- adding ---------------------------------------------------------------------------------------


def _hear_addition(state: State, said: Said, world: World) -> Step:
    text = clean(said.text)
    if reason := too_little(text):
        return refuse(state, reason)
    if is_like_code(text):  # who is told to check the code types it once more
        return _hear_code(state, said, world)
    if len(text) > MAX_TEXT:
        return refuse(state, "dai_qua", n=MAX_TEXT)
    if holds_code(text):
        return refuse(state, "co_ma")
    return _offer(state, text, world)


def _add_photo(state: State, caption: str, world: World) -> Step:
    """Add a picture with its caption; one that makes a code or too much is left out, and said so.

    One that comes while something is asked about the words before it goes with them.
    """
    words = "\n".join([*state.pending, *([] if says_nothing(caption) else [caption])])
    left_out: tuple[Say, ...] = ()
    if holds_code(words):
        left_out = (Say("co_ma"),)
    elif len(words) > MAX_TEXT:
        left_out = (Say("dai_qua", {"n": MAX_TEXT}),)
    if left_out:
        words = "".join(state.pending)
    step = _offer(state, words, world) if words else Step(state, (), Add(""))
    return Step(step.state, (*left_out, *step.says), step.act)


def _offer(state: State, text: str, world: World) -> Step:
    """Add the text, unless something in it may give the reporter away: then ask first.

    So may its minute, where danger to life sends it at once.
    """
    state = state.but(pending=(text,))
    if _open_phrases(state, world):
        state = state.but(step="phrases")
        return Step(state, _ask_phrase(state, world))
    if world.offers("calm") and world.is_urgent(TipDraft(what=text)):
        state = state.but(step="urgent")
        return Step(state, prompt(state, world))
    return _send(state, calm=False)


def _send(state: State, *, calm: bool) -> Step:
    return Step(state.but(step="news"), (), Add("".join(state.pending), calm))


def _send_now(state: State, _world: World) -> Step:
    return _send(state, calm=False)


def _send_later(state: State, _world: World) -> Step:
    return _send(state, calm=True)


def _open_phrases(state: State, world: World) -> list[str]:
    return [p for p in world.telling_phrases("".join(state.pending)) if p not in state.kept]


def _ask_phrase(state: State, world: World) -> tuple[Say, ...]:
    return (ask_about("".join(state.pending), _open_phrases(state, world)[0]),)


def _cut_phrase(state: State, world: World) -> Step:
    left = without("".join(state.pending), _open_phrases(state, world)[0])
    if says_nothing(left):
        return refuse(_emptied(state), "trong")
    return _offer(state, left, world)


def _keep_phrase(state: State, world: World) -> Step:
    kept = (*state.kept, _open_phrases(state, world)[0])
    return _offer(state.but(kept=kept), "".join(state.pending), world)


def _rewrite(state: State, _world: World) -> Step:
    again = state.but(pending=(), step="news")  # pictures that came with the words wait for others
    return Step(again, (Say("go_lai", choices=DONE),))


def _done(state: State, _world: World) -> Step:
    return Step(state.fresh(), (Say("da_thoat"),), Wipe(messages=True))


def _fill(state: State, form: Filled, world: World) -> Step:
    """Take a form: a code to look up, or words and pictures to add under the code."""
    typed, text = form.answers.get("code", ""), form.answers.get("add", "")
    refused = tuple(Say(each.reason, each.values) for each in form.refused)
    if typed:
        found = _hear_code(state, Said(typed), world)
        if found.act is None or not (text.strip() or form.photos):
            return found
        state, refused = found.state.but(step="news"), (*found.says, *refused)
    if state.code is None:
        return Step(state, (*refused, *prompt(state, world)))
    state = state.drafted(photos=(*state.draft.photos, *form.photos))
    if form.photos and not text.strip():
        return Step(state, refused, Add(""))
    if refused and not text.strip():
        return Step(state, (*refused, *prompt(state, world)))
    step = _hear_addition(state, Said(text), world)
    return Step(step.state, (*refused, *step.says), step.act)


QUESTIONS: Mapping[str, Question] = {
    question.name: question
    for question in (
        Question("code", asking("xem_tin", *LEAVE), {"thoat": _done}, _hear_code),
        Question(
            "news", asking("gui_them_duoc", *DONE), {"xong": _done}, _hear_addition, free=True
        ),
        Question("added", asking("da_gui_them", *DONE), {"xong": _done}, _hear_addition, free=True),
        Question(
            name="phrases",
            ask=_ask_phrase,
            taps={"bo_cho_do": _cut_phrase, "sua_lai": _rewrite, "giu_nguyen": _keep_phrase},
            words=only_buttons,
        ),
        Question(
            name="urgent",
            ask=asking("gap", "gui", "khong_gap"),
            taps={"gui": _send_now, "khong_gap": _send_later},
            words=only_buttons,
        ),
    )
}
