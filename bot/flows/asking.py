"""What a question is, and the few answers that every question gives alike.

A flow is a table of questions. A question says how it is asked, what each of its buttons does, what
it does with free words, and when it is open. What a button or words return is an ``Outcome``: a
``State`` means "answered, ask whatever is open next"; a ``Step`` means "this comes first".
Nothing here may look at a channel's name or keep anything.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from bot.flows.base import Said, Say, State, Step
from bot.flows.world import World

Outcome = State | Step
Ask = Callable[[State, World], tuple[Say, ...]]
Tap = Callable[[State, World], Outcome]
Words = Callable[[State, Said, World], Outcome]
IsOpen = Callable[[State, World], bool]

MIN_LETTERS = 2  # fewer letters or digits than this say nothing: ".", "?", forty emoji


def always(_state: State, _world: World) -> bool:
    """Hold: the question can always be asked."""
    return True


class Question(NamedTuple):
    """One question: ``words=None`` means that only its buttons count.

    ``free`` when any words may be its answer, a person's name among them.
    """

    name: str
    ask: Ask
    taps: Mapping[str, Tap]
    words: Words | None = None
    is_open: IsOpen = always
    free: bool = False


def asking(key: str, *choices: str) -> Ask:
    """Return an ``ask`` that always says one sentence with the same buttons."""
    says = (Say(key, choices=choices),)

    def ask(_state: State, _world: World) -> tuple[Say, ...]:
        return says

    return ask


def answers(question: str, **changes: object) -> Tap:
    """Return a tap that answers a question, with what it changes in the draft."""

    def tap(state: State, _world: World) -> State:
        return state.drafted(**changes).answering(question)

    return tap


def unless_answered(name: str) -> IsOpen:
    """Return an ``is_open`` that holds until the question is marked as answered."""

    def is_open(state: State, _world: World) -> bool:
        return name not in state.answered

    return is_open


def go_back(state: State, _world: World) -> State:
    """Change nothing: whatever is open is asked again."""
    return state


def only_buttons(state: State, _said: Said, _world: World) -> Step:
    """Ask for one of the buttons; the words are not kept."""
    return refuse(state, "chon_mot_nut")


def refuse(state: State, reason: str, **values: object) -> Step:
    """Say why something was not taken; the question and its buttons stay as they are."""
    return Step(state, (Say(reason, values),))


def is_bare_number(text: str) -> bool:
    """Return whether a cleaned text is a number and nothing that says of what."""
    return text.rstrip(".)").isdecimal()


def too_little(text: str) -> str | None:
    """Return why a cleaned text is no answer yet, as a wording key; None when it is one."""
    if not says_nothing(text):
        return None
    return "chi_co_so" if is_bare_number(text) else "trong"


def says_nothing(text: str) -> bool:
    """Return whether a cleaned text is empty or nearly so."""
    return sum(letter.isalnum() for letter in text) < MIN_LETTERS
