"""What leaves for Telegram: messages, files and deletions, each at its chat's turn.

A call waits for its turn, and again when Telegram asks for a rest; what went wrong comes back as
the port's errors (`bot.channels.base`). This module must never log an id, a text or the token.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram import Bot, InputFile, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.channels import telegram_codec as codec
from bot.channels.base import AddressGone, AskedToWait, MayHaveArrived
from bot.channels.pacing import Pacer
from bot.channels.telegram_http import Flooded, may_have_arrived
from bot.messages import Choice, File, Outgoing
from intake.errors import ChannelDown

_TRIES = 3
_LONGEST_PAUSE = 60.0  # a longer rest than this is left to whoever tries the message again
_DELETE_BATCH = 100
_LONGEST_CAPTION = 1024
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

log = logging.getLogger(__name__)
T = TypeVar("T")


class TelegramSender:
    """Sends and deletes for one bot, at its pace."""

    def __init__(self, bot: Bot, pacer: Pacer) -> None:
        self._bot = bot
        self._pacer = pacer

    async def stop(self) -> None:
        """Let nobody wait for a turn any more."""
        await self._pacer.stop()

    async def turn(self, address: str) -> None:
        """Wait until a nudge may leave: all answers go first."""
        await self._pacer.turn(address, nudge=True)

    # --- messages ---------------------------------------------------------------------------------

    async def send(self, address: str, message: Outgoing) -> str:
        """Send one message, its file with it, and return the handle for deleting it.

        Raises:
            ChannelDown, AddressGone: as `bot.channels.base.Channel.send`.
        """
        if message.file is not None:
            return codec.join_ids([await self._send_file(address, message, message.file)])
        nudge = bool(message.data.get("nudge"))  # nobody waits for it: answers go first
        parts = list(codec.pieces(message.text))
        sent: list[int] = []
        for part in parts:
            choices = message.choices if len(sent) == len(parts) - 1 else ()
            try:
                if nudge and (sent or not message.data.get("paced")):
                    await self.turn(address)
                sent.append(await self._send_part(address, part, choices, is_nudge=nudge))
            except ChannelDown:
                if sent:  # half a message is worse than none, and its id would be lost
                    await self.delete(address, [codec.join_ids(sent)])
                raise
        return codec.join_ids(sent)

    async def _send_part(
        self, address: str, text: str, choices: tuple[Choice, ...], *, is_nudge: bool
    ) -> int:
        async def call() -> int:
            message = await self._bot.send_message(
                int(address),
                codec.html(text),
                parse_mode="HTML",
                protect_content=True,
                link_preview_options=_NO_PREVIEW,
                reply_markup=codec.keyboard(choices),
            )
            return message.message_id

        return await self._sent(address, call, is_nudge=is_nudge)

    async def _send_file(self, address: str, message: Outgoing, file: File) -> int:
        """Send a picture or a document with the text under it; it may be saved and passed on."""
        caption = next(codec.pieces(message.text, _LONGEST_CAPTION))
        content = InputFile(file.body, filename=file.name)

        async def call() -> int:
            send = self._bot.send_photo if file.is_picture else self._bot.send_document
            sent = await send(
                int(address),
                content,
                caption=codec.html(caption),
                parse_mode="HTML",
                reply_markup=codec.keyboard(message.choices),
            )
            return sent.message_id

        return await self._sent(address, call)

    async def _sent(
        self, address: str, call: Callable[[], Awaitable[int]], *, is_nudge: bool = False
    ) -> int:
        """Return the number of the message that ``call`` sends.

        Raises:
            ChannelDown, AddressGone: as `send`.
        """
        try:
            return await self._paced(address, call, is_nudge=is_nudge)
        except (Forbidden, ChatMigrated):
            raise AddressGone("the person left") from None
        except BadRequest as error:
            if "chat not found" in error.message.lower():
                raise AddressGone("the person left") from None
            report("Telegram did not take a message", error)
            raise ChannelDown("Telegram did not take a message") from None
        except Flooded as flood:
            report("Telegram asks for a rest", flood)
            raise AskedToWait(flood.seconds) from None
        except TelegramError as error:
            report("Telegram did not take a message", error)
            if may_have_arrived(error):
                raise MayHaveArrived("Telegram did not say whether it took a message") from None
            raise ChannelDown("Telegram did not take a message") from None

    # --- deletions --------------------------------------------------------------------------------

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        """Delete messages on both sides; return those that Telegram did not say are gone."""
        numbers = codec.split_ids(message_ids)
        batches = [numbers[at : at + _DELETE_BATCH] for at in range(0, len(numbers), _DELETE_BATCH)]
        left = [await self._delete_batch(address, batch) for batch in batches]
        return [str(number) for batch in left for number in batch]

    async def _delete_batch(self, address: str, batch: list[int]) -> list[int]:
        try:
            is_done = await self._paced(
                address, lambda: self._bot.delete_messages(int(address), batch)
            )
        except BadRequest:
            # One that is too old fails all: delete the others, and say which are left.
            return [each for each in batch if not await self._delete_one(address, each)]
        except TelegramError as error:
            report("Telegram did not delete messages", error)
            return batch
        return [] if is_done else batch

    async def _delete_one(self, address: str, number: int) -> bool:
        try:
            return await self._paced(
                address, lambda: self._bot.delete_message(int(address), number)
            )
        except BadRequest as error:
            return "not found" in error.message.lower()  # the person was faster
        except TelegramError as error:
            report("Telegram did not delete messages", error)
            return False

    # --- pace -------------------------------------------------------------------------------------

    async def _paced(
        self, address: str, call: Callable[[], Awaitable[T]], *, is_nudge: bool = False
    ) -> T:
        """Call at this address's turn (a nudge has had its own); again after Telegram's pause."""
        attempt = 0
        while True:
            attempt += 1
            if not is_nudge:
                await self._pacer.turn(address)
            try:
                return await call()
            except Flooded as flood:
                self._pacer.hold(address, flood.seconds)
                if is_nudge or attempt == _TRIES or flood.seconds > _LONGEST_PAUSE:
                    raise  # whoever sends a nudge comes again when the rest is over
            except (TypeError, ValueError, KeyError, AttributeError):
                raise TelegramError("the answer has another shape") from None


def report(sentence: str, error: Exception) -> None:
    """Log a constant sentence and the kind of error; its text may hold the token or a reply."""
    log.warning(sentence, extra={"channel": codec.NAME, "reason": type(error).__name__})
