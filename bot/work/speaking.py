"""Turns what the work flow tells into what is rendered: phrases inside sentences come first."""

from collections.abc import Mapping

from bot.flows.base import Say
from bot.flows.work_shapes import LASTING, Phrase, Phrases, Tell
from bot.wording import Marked, Wording


def say(tell: Tell, wording: Wording, language: str) -> Say:
    """Return a sentence whose values are plain text."""
    values = {name: _text(value, wording, language) for name, value in tell.values.items()}
    labels = {key: str(_text(label, wording, language)) for key, label in tell.labels.items()}
    lasting = {key: _lasting(key, wording, language) for key in tell.choices if key[0] == LASTING}
    return Say(tell.key, values, tell.choices, labels | lasting)


def _text(value: object, wording: Wording, language: str) -> object:
    match value:
        case Phrase(key, values):
            return Marked(wording.say(language, key, _all(values, wording, language)))
        case Phrases(parts, between):
            return Marked(between.join(str(_text(each, wording, language)) for each in parts))
        case _:
            return value


def _all(values: Mapping[str, object], wording: Wording, language: str) -> dict[str, object]:
    return {name: _text(value, wording, language) for name, value in values.items()}


def _lasting(key: str, wording: Wording, language: str) -> str:
    """Return the label of a button that names a check-in: that of its stem."""
    return wording.label(language, key[1:].partition(".")[0])
