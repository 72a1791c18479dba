"""The shapes of the conversation about work: where it stands, what was done, what the bot wants.

Made as those of the tip flow are (``bot.flows.base``): a pure step takes a state, an event and a
world, and returns a state, what to say and at most one act. Nothing here ever holds a tip.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.flows.base import Chose, Commanded, Edited, Lost, NotKept, Said
from bot.flows.ward_shapes import Drawn, Reminded, WardAct
from bot.flows.wish_shapes import Addressed, Asked, CalendarAct, WishAct
from bot.messages import File
from intake.work.check_in_shapes import CheckInView, Filed

LASTING = "@"
"""A button whose key begins so works for ever: it names a check-in, not a place in a prompt."""


class WorkDraft(BaseModel):
    """What is known of one activity so far; empty fields are asked or left empty."""

    model_config = ConfigDict(frozen=True)
    owner_id: str = ""
    kind: str = ""
    also: tuple[str, ...] = ()
    done_on: date | None = None
    place: str = ""
    people: int | None = None
    households: int | None = None
    chair: str = ""
    present: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    opinions: int | None = None
    form: str = ""
    note: str = ""
    photos: tuple[str, ...] = ()
    voice: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind that it is meant to count for."""
        return (self.kind, *self.also)

    def but(self, **changes: object) -> "WorkDraft":
        """Return this draft with some fields changed."""
        return self.model_copy(update=changes)


class Ask(BaseModel):
    """Something that a line left open: ``name`` as in the reader, what it may mean as text."""

    model_config = ConfigDict(frozen=True)
    name: str
    options: tuple[str, ...] = ()


class Shown(BaseModel):
    """One message as it stands on a page: its buttons as (key, label, token), its file's name."""

    model_config = ConfigDict(frozen=True)
    text: str
    choices: tuple[tuple[str, str, str], ...] = ()
    file: str = ""
    picture: bool = False


class WorkState(BaseModel):
    """Where the conversation with one leader stands."""

    model_config = ConfigDict(frozen=True)
    step: str = "menu"
    language: str = "vi"
    invite: str = ""  # the hash of a code that was shown and waits for a yes
    draft: WorkDraft | None = None
    source: str = ""  # the message that the draft began with
    delay: float = 0.0  # seconds by which that message reached us late
    amends: str = ""  # the check-in that the draft would change
    reason: str = ""  # why, once ten minutes have gone by
    asks: tuple[Ask, ...] = ()  # what the line left open
    settled: tuple[str, ...] = ()  # questions and warnings of this draft that are answered
    options: tuple[str, ...] = ()  # what the data buttons of the prompt stand for
    waiting: tuple[str, str] | None = None  # a line (text, source) that came while a draft was open
    last_owner: str = ""
    filed: tuple[tuple[str, str], ...] = ()  # message and the check-in that came of it, newest last
    seen: tuple[str, ...] = ()
    tapped: str = ""
    offered: tuple[str, ...] = ()
    nonce: str = ""
    asked: str = ""
    earlier: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # older prompts and their buttons
    shown: tuple[Shown, ...] = ()  # what was said last, where the channel is a page

    def but(self, **changes: object) -> "WorkState":
        """Return this state with some fields changed."""
        return self.model_copy(update=changes)

    def drafted(self, **changes: object) -> "WorkState":
        """Return this state with some fields of the draft changed."""
        return self.but(draft=(self.draft or WorkDraft()).but(**changes))

    def settling(self, *names: str) -> "WorkState":
        """Return this state with some questions answered."""
        left = tuple(ask for ask in self.asks if ask.name not in names)
        return self.but(settled=tuple(dict.fromkeys((*self.settled, *names))), asks=left)

    def reopening(self, *names: str) -> "WorkState":
        """Return this state with some questions open again."""
        return self.but(settled=tuple(name for name in self.settled if name not in names))

    def quiet(self) -> "WorkState":
        """Return this state without any draft; what else is remembered stays."""
        return WorkState(
            language=self.language,
            last_owner=self.last_owner,
            filed=self.filed,
            seen=self.seen,
            tapped=self.tapped,
            nonce=self.nonce,
            asked=self.asked,
            offered=self.offered,
            earlier=self.earlier,
        )


# --- words that are put together ------------------------------------------------------------------


class Phrase(NamedTuple):
    """A sentence of the wording inside another; its values may be phrases too."""

    key: str
    values: Mapping[str, object] = {}


class Phrases(NamedTuple):
    """Several phrases with something between them."""

    parts: tuple[Phrase, ...]
    between: str = ", "


@dataclass(frozen=True, slots=True)
class Tell:
    """One sentence to a leader; values and labels may be phrases."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    choices: tuple[str, ...] = ()
    labels: Mapping[str, Phrase] = field(default_factory=dict[str, Phrase])
    file: File | None = None


# --- what was heard -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture or a voice note was kept; ``caption`` is what stood under it."""

    photo_id: str
    is_voice: bool = False
    caption: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """What came of filing, adding, changing or taking back."""

    filed: Filed

    @property
    def view(self) -> CheckInView:
        """The check-in as it stands now."""
        return self.filed.check_in


@dataclass(frozen=True, slots=True)
class Told:
    """An act was done that gives nothing back."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An act was refused; ``reason`` is a wording key."""

    reason: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


WorkHeard = Said | Edited | Chose | Commanded | Lost | NotKept | Kept
WorkResult = Filing | Told | Failed | Drawn | Asked | Addressed | Reminded
WorkEvent = WorkHeard | WorkResult


# --- what the flow wants done ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Enrol:
    """Use the invite up and enrol this chat; ``Told`` comes back."""


@dataclass(frozen=True, slots=True)
class Decline:
    """Use the invite up, enrol nobody, and tell the ward."""


@dataclass(frozen=True, slots=True)
class FileIt:
    """File the draft; ``Filing`` or ``Failed`` comes back.

    Unless ``sure``, it fails ("hoi_truoc") where something should be asked that was not.
    """

    sure: bool = False


@dataclass(frozen=True, slots=True)
class AddTo:
    """Add the draft's pictures and words to a check-in; ``Filing`` or ``Failed`` comes back."""

    check_in_id: str


@dataclass(frozen=True, slots=True)
class Amend:
    """Change the check-in that the draft amends; ``Filing`` or ``Failed`` comes back."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take a check-in back; ``Filing`` or ``Failed`` comes back."""

    check_in_id: str


@dataclass(frozen=True, slots=True)
class AskExemption:
    """Ask the ward to let somebody off; ``Told`` or ``Failed`` comes back."""

    obligation_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """End the leader's work in this house; ``Told`` comes back and nothing is kept of the chat."""


OwnAct = Enrol | Decline | FileIt | AddTo | Amend | Undo | AskExemption | WishAct | Leave
WorkAct = OwnAct | WardAct | CalendarAct


@dataclass(frozen=True, slots=True)
class WorkStep:
    """The result of one pure step."""

    state: WorkState
    says: tuple[Tell, ...] = ()
    act: WorkAct | None = None


Outcome = WorkState | WorkStep
"""What an answer leads to: a state means "ask whatever is open next", a step comes first."""
