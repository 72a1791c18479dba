"""What a question of a check-in is, and what every question asks of the state alike."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.flows.work_shapes import Ask, Outcome, WorkDraft, WorkState, WorkStep
from bot.flows.work_world import WorkWorld

MAIN = ("outreach", "listening_meeting")
MOST_OPTIONS = 6
ABOUT_OWNER = ("dong_qua", "da_co", "giong_nhau", "ky_da_khoa")
ABOUT_DAY = ("da_co", "qua_cu", "ky_da_khoa")
ABOUT_NUMBER = ("dong_qua", "giong_nhau")
"""Warnings that are asked anew when the neighbourhood, the day or the number changes."""

Ready = Callable[[WorkState, WorkWorld], bool]
Put = Callable[[WorkState, WorkWorld], WorkStep]
Tap = Callable[[WorkState, str, WorkWorld], Outcome | None]
Words = Callable[[WorkState, str, WorkWorld], Outcome | None]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: when it is open, how it is put, what its buttons and free words do."""

    name: str
    is_open: Ready
    ask: Put
    tap: Tap
    words: Words


def no_words(_state: WorkState, _text: str, _world: WorkWorld) -> Outcome | None:
    """Leave free words to be read as a line of their own."""
    return None


def asked(state: WorkState, *names: str) -> Ask | None:
    """Return the first of these things that the line left open."""
    return next((ask for ask in state.asks if ask.name in names), None)


def option(state: WorkState, key: str, stem: str) -> str | None:
    """Return what a data button such as ``ngay_1`` stands for."""
    head, _, at = key.rpartition("_")
    known = head == stem and at.isdecimal() and int(at) < len(state.options)
    return state.options[int(at)] if known else None


def draft_of(state: WorkState) -> WorkDraft:
    """Return the draft, an empty one where there is none."""
    return state.draft or WorkDraft()
