"""Turns what the work flow tells into messages: phrases inside sentences come first."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.channels.base import Channel
from bot.flows.base import Say
from bot.flows.work_shapes import LASTING, Phrase, Phrases, Shown, Tell, WorkState
from bot.messages import Outgoing
from bot.rendering import Voice, render
from bot.wording import DEFAULT, Marked, Wording
from bot.work.hearing import offering
from intake.settings import Settings

ON_A_PAGE = {
    "moi_to_truong": "trang.moi_to_truong",
    "da_nhan_viec": "trang.da_nhan_viec",
    "da_nhan_roi": "trang.da_nhan_roi",
    "da_thoi": "trang.da_thoi",
    "chua_duoc_moi": "trang.chua_duoc_moi",
    "giup_to_truong": "trang.giup_to_truong",
    "chat_cong_viec": "trang.chat_cong_viec",
    "khong_ten": "trang.khong_ten",
}
"""Sentences that a page says in its own words: it is no chat, and it can remind nobody."""


class Speaker:
    """Renders sentences to leaders in the voice of a channel."""

    def __init__(
        self, wording: Wording, settings: Settings, facts: Mapping[str, object] | None = None
    ) -> None:
        self._wording = wording
        self._demo = settings.demo
        self._facts = facts or {"dia_chi_web": f"{settings.base_url.rstrip('/')}/gui-tin"}

    def speak(
        self, tells: Sequence[Tell], state: WorkState, channel: Channel
    ) -> tuple[tuple[Outgoing, ...], WorkState]:
        """Render what is told, and note which buttons it offers under which nonce.

        Buttons of an earlier sentence, but lasting ones, lead to the last question again.
        """
        nonce, spent = secrets.token_hex(4), secrets.token_hex(4)
        offer = next((each for each in reversed(tells) if each.choices), None)
        if offer is not None:
            state = offering(state, offer, nonce)
        voice, is_page = self._voice(channel, state.language), channel.capabilities.page
        told = [
            message
            for each in tells
            for message in self._render(
                _for_page(each) if is_page else each, voice, nonce if each is offer else spent
            )
        ]
        return tuple(told), state.but(shown=tuple(map(_shown, told))) if is_page else state

    def plain(self, channel: Channel, key: str, **values: object) -> tuple[Outgoing, ...]:
        """Return one sentence to somebody whose form of address nobody knows."""
        tell = Tell(key, {"xh": "bạn", "Xh": "Bạn", **values})
        tell = _for_page(tell) if channel.capabilities.page else tell
        says = [say(tell, self._wording, DEFAULT)]
        return render(says, self._wording, self._facts, self._voice(channel, DEFAULT), "")

    def _render(self, tell: Tell, voice: Voice, nonce: str) -> tuple[Outgoing, ...]:
        """Return the messages of one sentence; its file goes with the last of them."""
        says = [say(tell, self._wording, voice.language)]
        *first, last = render(says, self._wording, self._facts, voice, nonce)
        return (*first, last if tell.file is None else replace(last, file=tell.file))

    def _voice(self, channel: Channel, language: str) -> Voice:
        capabilities = channel.capabilities
        most = None if capabilities.page else capabilities.max_text
        return Voice(language, capabilities.buttons, most, self._demo)

    def phrase(self, phrase: Phrase | Phrases, language: str) -> str:
        """Return a phrase as text."""
        return str(_text(phrase, self._wording, language))

    def label(self, key: str, language: str) -> str:
        """Return what stands on a button, lasting or not."""
        return self._wording.label(language, key.removeprefix(LASTING).partition(".")[0])


def _for_page(tell: Tell) -> Tell:
    return replace(tell, key=ON_A_PAGE.get(tell.key, tell.key))


def _shown(message: Outgoing) -> Shown:
    return Shown(
        text=message.text,
        choices=tuple((each.key, each.label, each.token) for each in message.choices),
        file=message.file.name if message.file else "",
        picture=message.file is not None and message.file.is_picture,
    )


def say(tell: Tell, wording: Wording, language: str) -> Say:
    """Return a sentence whose values are plain text."""
    values = {name: _text(value, wording, language) for name, value in tell.values.items()}
    labels = {key: str(_text(label, wording, language)) for key, label in tell.labels.items()}
    lasting = {key: _lasting(key, wording, language) for key in tell.choices if key[0] == LASTING}
    return Say(tell.key, values, tell.choices, lasting | labels)


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
