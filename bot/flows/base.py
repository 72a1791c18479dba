"""The shapes that every flow shares: state, what was heard, what to say, and the act to perform.

A flow is a pure function ``hear(state, event, world) -> Step``. It never touches a channel, a
database, a clock or a key. When it needs something done it returns an ``Act``; the dialogue
performs it and calls the flow again with the result as the next event, before one commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from intake.drafts import KeptPhoto, TipDraft

Flow = Literal["start", "tip", "follow_up"]


class Source(BaseModel):
    """Which message gave which words of the draft, so that an edit of it finds them again."""

    model_config = ConfigDict(frozen=True)
    message_id: str
    field: str
    text: str


class State(BaseModel):
    """Where one dialogue stands; lives only inside the sealed draft row."""

    model_config = ConfigDict(frozen=True)
    flow: Flow = "start"
    step: str = "welcome"
    language: str = "vi"
    draft: TipDraft = TipDraft()
    answered: tuple[str, ...] = ()  # questions of the tip that need not be asked again
    sources: tuple[Source, ...] = ()
    kept: tuple[str, ...] = ()  # telling phrases that the reporter wants to keep
    code: str | None = None  # the code just drawn, or the one typed to come back
    area_hint: str | None = None  # from a poster
    pending: tuple[str, ...] = ()  # flow-private: candidate area ids, a text to be added …
    offered: tuple[str, ...] = ()  # choice keys of the last prompt, in order
    nonce: str = ""  # the last prompt's token: a tap on an older button is recognised
    asked: str = ""  # what the last prompt asked, as a mark
    unsure: tuple[str, str, str] | None = None  # a command, the bare word, its message's id
    earlier: tuple[tuple[str, str], ...] = ()  # older prompts: token and mark
    push: bool = False

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Keep what a resident wrote out of every traceback and log line."""
        return [("flow", self.flow), ("step", self.step)]

    def but(self, **changes: object) -> "State":
        """Return this state with some fields changed."""
        return self.model_copy(update=changes)

    def drafted(self, **changes: object) -> "State":
        """Return this state with some fields of the draft changed."""
        return self.but(draft=self.draft.model_copy(update=changes))

    def answering(self, *questions: str) -> "State":
        """Return this state with these questions marked as answered."""
        return self.but(answered=tuple(dict.fromkeys((*self.answered, *questions))))

    def reopening(self, *questions: str) -> "State":
        """Return this state with these questions open again."""
        return self.but(answered=tuple(q for q in self.answered if q not in questions))

    def fresh(self) -> "State":
        """Return a state that remembers nothing but the language."""
        return State(language=self.language)


# --- what a person did, or what an act gave back --------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """Free text; ``source`` is the message's id, so that a later edit can be matched."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Edited:
    """The new text of an older message."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Chose:
    """A button, or its number or label typed."""

    key: str


@dataclass(frozen=True, slots=True, repr=False)
class Commanded:
    """A slash command, such as ``xem``, or ``start`` with a payload; ``plain`` without the slash.

    A bare word may also be somebody's name ("Huy", "Bảo"): ``said`` is that message as it was
    typed, so that it can still become the answer to a question.
    """

    name: str
    argument: str = ""
    plain: bool = False
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A tap on a button of an older prompt; ``expired`` when no dialogue is open any more."""

    expired: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Filled:
    """Several answers at once (a form): step name to text; ``send`` asks to submit right away.

    ``photos`` are stored already, ``refused`` says what was not.
    """

    answers: Mapping[str, str]
    photos: tuple[KeptPhoto, ...] = ()
    refused: tuple["NotKept", ...] = ()
    send: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class PhotoKept:
    """A picture was cleaned, sealed and stored with the draft."""

    photo: KeptPhoto
    caption: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class NotKept:
    """Something was refused and not stored; ``reason`` is a wording key such as ``vi_tri``."""

    reason: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """The tip is in this unit of work; ``code`` is its receipt."""

    code: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The tip or the addition could not be prepared; ``reason`` is a wording key."""

    reason: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


class NewsItem(NamedTuple):
    """One thing that the unit said: a reply, a question, or a state word (a wording key)."""

    kind: Literal["reply", "ask", "state"]
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class News:
    """The answer to a code: messages, oldest first; empty means "nothing new" (or no such code)."""

    messages: tuple[NewsItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """Text or pictures were added under the code."""


Heard = Said | Edited | Chose | Commanded | Lost | Filled | PhotoKept | NotKept
Result = Sent | NotSent | News | Added
Event = Heard | Result


# --- what a flow wants ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Say:
    """One sentence of the wording, with its values and buttons (choice keys)."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    choices: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])  # for choices made of data
    private: bool = False


@dataclass(frozen=True, slots=True)
class Submit:
    """Seal the draft and put it into this unit of work; ``Sent`` or ``NotSent`` comes back."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Derive from ``state.code`` and read what may be shown; ``News`` or ``NotSent`` comes back."""


@dataclass(frozen=True, slots=True, repr=False)
class Add:
    """Add ``text`` and pictures under ``state.code``; ``Added`` or ``NotSent`` comes back.

    ``calm``: the reporter said that it is not urgent, whatever its words say.
    """

    text: str
    calm: bool = False


@dataclass(frozen=True, slots=True)
class Wipe:
    """Forget the draft and bury what was seen; ``messages``: delete them in the chat as well."""

    messages: bool = False


@dataclass(frozen=True, slots=True)
class KeepAddress:
    """Seal this chat's address to the relay key for the tip just sent."""


@dataclass(frozen=True, slots=True)
class StopPush:
    """Seal this chat's address as a stop request; unless a receipt is on screen, wipe as well."""

    wipe: bool = True


Act = Submit | LookUp | Add | Wipe | KeepAddress | StopPush


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """The result of one pure step."""

    state: State
    says: tuple[Say, ...] = ()
    act: Act | None = None
