"""The Telegram channel: introduces the bot, fetches, and hands updates to the dialogue.

Telegram's library serves as codec and HTTP client only: no ``Application``, no memory of chats. An
update is acknowledged after the dialogue has committed it, never before; answers leave by API calls
only (`bot.channels.telegram_sending`). This module must never log an id, a text or the token.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, cast
from urllib.parse import urlencode

from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import BadRequest, TelegramError

from bot.channels import telegram_codec as codec
from bot.channels.albums import Albums
from bot.channels.base import Capabilities
from bot.channels.pacing import PACE, Pace, Pacer, Timer, growing_pauses
from bot.channels.telegram_http import BotRequest
from bot.channels.telegram_sending import TelegramSender, report
from bot.messages import Attachment, Incoming, Outgoing
from intake.errors import BadPicture, ChannelDown

BASE_URL = "https://api.telegram.org/bot"
BASE_FILE_URL = "https://api.telegram.org/file/bot"
LARGEST_FILE = 20 * 1024 * 1024
_LONGEST_PAUSE = 60.0  # between two tries to introduce the bot
_CONNECTIONS = 16
_ALLOWED = json.dumps(codec.ALLOWED_UPDATES)

Menu = Mapping[str, Sequence[tuple[str, str]]]
"""Commands and their descriptions, by language code; the first language is the default."""

log = logging.getLogger(__name__)


class Listener(Protocol):
    """What the dialogue offers to a door of chats."""

    async def handle(self, incoming: Incoming) -> None:
        """Take one step; returns after its commit, the answers follow by themselves."""
        ...


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram posts updates, and the secret by which we know it is Telegram."""

    url: str
    secret: str


class TelegramChannel:
    """One bot."""

    capabilities = Capabilities(
        name=codec.NAME,
        buttons=True,
        deletes=True,
        media=True,
        push=True,
        max_text=codec.MAX_TEXT,
        max_media_bytes=LARGEST_FILE,
        anonymity_text="an_danh.telegram",
    )

    def __init__(
        self,
        token: str,
        *,
        base_url: str = BASE_URL,
        base_file_url: str = BASE_FILE_URL,
        proxy: str | None = None,
        messages_per_second: float = PACE.per_second,
        timer: Timer | None = None,
    ) -> None:
        """Open nothing yet.

        Raises:
            Misconfigured: a proxy of a kind that cannot be used.
        """
        self._request = BotRequest(proxy=proxy, connections=_CONNECTIONS)
        self._polling_request = BotRequest(proxy=proxy, connections=2)
        self._bot = Bot(
            token,
            base_url=base_url,
            base_file_url=base_file_url,
            request=self._request,
            get_updates_request=self._polling_request,
        )
        self._timer = timer or Timer()
        pacer = Pacer(self._timer, Pace(messages_per_second, PACE.burst))
        self._sender = TelegramSender(self._bot, pacer)
        self._albums = Albums(self._timer, self._sender.send)
        self._tasks: set[asyncio.Task[None]] = set()
        self.ready = asyncio.Event()
        self.unreadable = 0
        """Updates that could not be read: acknowledged, counted, otherwise forgotten."""

    # --- life -------------------------------------------------------------------------------------

    async def start(self, menu: Menu, webhook: Webhook | None = None) -> None:
        """Introduce the bot in the background; an unreachable Telegram holds nothing up.

        Without ``webhook`` the bot is set for polling.
        """
        self._spawn(self._introduce(menu, webhook))

    async def stop(self) -> None:
        """Send what still waits for an album's end, then close."""
        await self._albums.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sender.stop()
        await self._request.shutdown()
        await self._polling_request.shutdown()

    async def _introduce(self, menu: Menu, webhook: Webhook | None) -> None:
        for pause in growing_pauses(1, _LONGEST_PAUSE):
            try:
                await self._introduce_once(menu, webhook)
            except TelegramError as error:
                report("Telegram has not taken the bot's settings yet", error)
                await self._timer.sleep(pause)
            else:
                self.ready.set()
                return

    async def _introduce_once(self, menu: Menu, webhook: Webhook | None) -> None:
        await self._bot.get_me()
        if webhook is None:
            await self._bot.delete_webhook(drop_pending_updates=False)
        else:
            await self._bot.set_webhook(
                webhook.url,
                secret_token=webhook.secret,
                allowed_updates=codec.ALLOWED_UPDATES,
                drop_pending_updates=False,
            )
        for position, (language, entries) in enumerate(menu.items()):
            commands = [BotCommand(name, description) for name, description in entries]
            if position == 0:
                await self._bot.set_my_commands(commands)
            await self._bot.set_my_commands(commands, language_code=language)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- in ---------------------------------------------------------------------------------------

    def read(self, raw: object) -> codec.Heard | None:
        """Return what an update says to the dialogue; None when there is nothing to answer."""
        try:
            return codec.read_update(raw)
        except codec.UnreadableUpdate as unreadable:
            self.unreadable += 1
            log.warning("an update could not be read", extra={"channel": codec.NAME})
            return unreadable.heard

    async def take(self, heard: codec.Heard, dialogue: Listener) -> None:
        """Have the dialogue take one step; returns when it is committed.

        Raises:
            TryLater: nothing was kept; the update must come again.
        """
        address = heard.incoming.address
        if not heard.album:
            self._albums.something_else_came(address)
            await dialogue.handle(heard.incoming)
        else:
            self._albums.photo_came(address)
            await dialogue.handle(heard.incoming)
            self._albums.photo_came(address)  # cleaning a picture may take longer than the quiet
        if heard.tap is not None:
            self._spawn(self._answer_tap(heard.tap))

    async def updates(self, offset: int, seconds: int, limit: int = 100) -> list[object]:
        """Ask for updates from ``offset`` on, waiting up to ``seconds`` for the first.

        Raises:
            ChannelDown: Telegram did not answer, or not with updates.
        """
        query = urlencode(
            {
                "offset": offset,
                "timeout": seconds,
                "limit": limit,
                "allowed_updates": _ALLOWED,
            }
        )
        # Not ``Bot.get_updates``: one unreadable update would fail, and quote, the whole batch.
        try:
            result: object = await self._polling_request.post(
                f"{self._bot.base_url}/getUpdates?{query}", read_timeout=seconds + 10
            )
        except TelegramError as error:
            report("Telegram gave no updates", error)
            raise ChannelDown("Telegram gave no updates") from None
        return cast("list[object]", result) if isinstance(result, list) else []

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """Return the attachment's bytes; nothing is asked for when it says it is too large.

        Raises:
            BadPicture: larger than ``limit`` bytes or than Telegram hands out.
            ChannelDown: Telegram did not hand it out.
        """
        if attachment.size > limit:
            raise BadPicture("the file is too large")
        try:
            file = await self._bot.get_file(attachment.ref)
            if (file.file_size or 0) > limit:
                raise BadPicture("the file is too large")
            data = bytes(await file.download_as_bytearray(read_timeout=30))
        except BadRequest:
            raise BadPicture("Telegram does not hand the file out") from None
        except (TelegramError, RuntimeError) as error:
            report("Telegram did not hand out a file", error)
            raise ChannelDown("Telegram did not hand out a file") from None
        if len(data) > limit:
            raise BadPicture("the file is too large")
        return data

    # --- out --------------------------------------------------------------------------------------

    async def send(self, address: str, message: Outgoing) -> str:
        """Send one message and return the handle for deleting it; "" while an album comes in.

        Raises:
            ChannelDown: not delivered; may be tried again.
            AddressGone: the person blocked the bot; never try again.
        """
        if self._albums.keeps(address, message):
            return ""
        await self._albums.flush(address)
        return await self._sender.send(address, message)

    async def turn(self, address: str) -> None:
        """Wait until a nudge may leave: all answers go first."""
        await self._sender.turn(address)

    async def show_menu(self, address: str, entries: Sequence[tuple[str, str]]) -> None:
        """Show a chat commands of its own; none: those of everybody. Never raises."""
        scope = BotCommandScopeChat(int(address))
        try:
            if entries:
                await self._bot.set_my_commands([BotCommand(*one) for one in entries], scope=scope)
            else:
                await self._bot.delete_my_commands(scope=scope)
        except (TelegramError, RuntimeError) as error:
            report("Telegram did not take a chat's commands", error)

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        """Delete messages on both sides; return those that Telegram did not say are gone."""
        return await self._sender.delete(address, message_ids)

    async def _answer_tap(self, tap: str) -> None:
        with suppress(TelegramError):  # too late is no harm: the button stops spinning by itself
            await self._bot.answer_callback_query(tap)
