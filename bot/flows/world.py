"""What a flow may look at: the protocol of the world of one step, and what it gives back.

Read-only and without secrets. ``bot.world`` stands behind it; a test may stand there as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from intake.drafts import TipDraft


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """The part of a channel's capabilities that flows may read."""

    name: str
    anonymity_text: str
    deletes: bool
    media: bool
    push: bool
    conflict_allowed: bool
    one_page: bool = False  # a form: several questions answered at once


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A commune that a typed name may mean."""

    area_id: str
    label: str  # "phường Thượng Hồng, Hưng Yên"
    near: bool = False  # not quite what was typed: never taken without asking


@dataclass(frozen=True, slots=True)
class Destination:
    """Who would receive the draft: names for the screen. ``raised`` = the ward's box is closed.

    ``above`` is "" where nobody but oversight stands above: it is named in the reader's language.
    """

    unit: str
    above: str
    raised: bool = False


class World(Protocol):
    """Read-only facts for one step; pure, no secrets."""

    @property
    def channel(self) -> ChannelFacts:
        """What this channel can do and which honest sentence it shows."""
        ...

    @property
    def facts(self) -> Mapping[str, object]:
        """Values for wording: don_vi, hotline, dia_chi_web, so_phut and others."""
        ...

    @property
    def enrolled(self) -> bool:
        """True in a chat that is enrolled for work: the tip flow does not start there."""
        ...

    @property
    def max_photos(self) -> int:
        """How many pictures one tip, or one addition, may hold."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that a person may choose, the default first."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether any box can take a tip now; when not, nothing may be typed."""
        ...

    def offers(self, feature: str) -> bool:
        """Return whether ``push``, ``named`` or ``calm`` (a random minute) is switched on."""
        ...

    def find_places(self, typed: str) -> tuple[PlaceFound, ...]:
        """Return the communes that a typed name may mean, best first; several, or near: ask."""
        ...

    def place(self, area_id: str) -> PlaceFound | None:
        """Return one area by id, of any level."""
        ...

    def poster_area(self, code: str) -> str | None:
        """Return the area behind a poster's code; None when unknown or replaced."""
        ...

    def destination(self, draft: TipDraft) -> Destination | None:
        """Return who would receive it; None when no unit has a valid key."""
        ...

    def telling_phrases(self, text: str) -> tuple[str, ...]:
        """Return the pieces of ``text`` that may give the reporter away."""
        ...

    def is_urgent(self, draft: TipDraft) -> bool:
        """Return whether the words say danger to life."""
        ...
