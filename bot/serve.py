"""The process that faces strangers: its few secrets, its channels, its app, its minute job.

It holds the session keys, the receipts' salt and public keys: nothing that opens a tip. Building it
fails where a sentence that residents would read is not true of the settings. The demo phone is
handed in, never imported here.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from starlette.routing import Route

from bot.channels.base import Channel
from bot.channels.telegram import TelegramChannel, Webhook
from bot.channels.telegram_webhook import PATH, POLICIES, routes
from bot.channels.web import WebChannel
from bot.dialogue import Dialogue
from bot.leading import Lead
from bot.notices import Notices
from bot.opening import open_telegram, read_secret
from bot.pages import Pages
from bot.policy import RoutePolicy
from bot.polling import Poller
from bot.promises import check_promises
from bot.restocking import Restocking
from bot.webhooks import OpenWork, create_pages, create_public_app
from bot.wording import Wording
from bot.work.asking_back import WorkQuestions
from bot.work.nudging import WorkNudges
from bot.work.opening import open_work
from intake.errors import HomThuError
from intake.follow_up import FollowUp
from intake.foundation import SESSION, Foundation
from intake.limits import Allowance, Buckets
from intake.media import PictureCleaner
from intake.nudging.shapes import NudgeByHand
from intake.settings import Settings
from intake.tips import Tips
from intake.vault.drafts import SessionKeys

_SWEEP_EVERY = 60.0  # seconds
_ASK_BACK_EVERY = 5.0  # seconds until a leader is told what the ward asks
_LOOK_EVERY = 0.05  # seconds between two looks whether housekeeping has turned the session key
_POLL_LEASE = 60.0  # seconds; longer than one question for updates
_MENU = ("bao", "xem", "trogiup")  # commands whose button label says what they do

log = logging.getLogger(__name__)


class ExtraDoor(Protocol):
    """A channel with pages of its own that only some installations have: the demo phone."""

    @property
    def channel(self) -> Channel:
        """The chat."""
        ...

    @property
    def policies(self) -> Mapping[str, RoutePolicy]:
        """One line of policy for each of its routes."""
        ...

    def routes(self, dialogue: Dialogue, pages: Pages) -> list[Route]:
        """Return its routes."""
        ...


class _Telegram(NamedTuple):
    channel: TelegramChannel
    poller: Poller | None
    webhook: Webhook | None


class BotProcess:
    """What ``homthu serve bot`` runs."""

    def __init__(
        self,
        foundation: Foundation,
        extra: ExtraDoor | None = None,
        allowances: dict[str, Allowance] | None = None,
        by_hand: NudgeByHand | None = None,
    ) -> None:
        settings = self._settings = foundation.settings
        self._wording = Wording.load()
        tips, self._pool = foundation.tips()
        follow_up = FollowUp(foundation.intake, tips, foundation.salt(), foundation.code_cost())
        looks = _LOOK_EVERY if settings.bot_processes == 1 else 0.0
        session_keys = SessionKeys.load(settings.key_file(SESSION), looks)
        limits = Buckets(foundation.clock, settings.bot_processes, allowances)
        self._pictures = PictureCleaner()
        work = open_work(
            foundation.intake, settings, self._wording, limits, self._pictures, by_hand
        )
        self.dialogue = Dialogue(
            foundation.intake,
            tips=tips,
            follow_up=follow_up,
            session_keys=session_keys,
            places=foundation.places,
            wording=self._wording,
            settings=settings,
            limits=limits,
            pictures=self._pictures,
            work=work,
        )
        web = WebChannel(settings)
        self._telegram = self._open_telegram(foundation)
        chats = [*([self._telegram.channel] if self._telegram else []),
                 *([extra.channel] if extra else [])]  # fmt: skip
        for channel in (web, *chats):
            self.dialogue.join(channel)
        check_promises(self._wording, settings, [channel.capabilities for channel in (web, *chats)])
        reached = {channel.capabilities.name: channel for channel in chats}
        self.messenger = Notices(self._wording, reached)
        self._questions = WorkQuestions(foundation.intake, work, reached, self.dialogue.lock)
        self.nudges = WorkNudges(
            foundation.intake, work, reached, self.dialogue.lock, settings.console_url
        )

        self.app: Any = create_public_app(
            self.dialogue, web, tips, foundation.places, self._wording, settings, session_keys,
            limits, foundation.clock,
            ready=self._is_ready(foundation),
            telegram_name=settings.telegram.name if settings.telegram else None,
            work=OpenWork(work, foundation.intake, self.dialogue.lock),
            extra_routes=self._extra_routes(extra, tips),
            extra_policies={**POLICIES, **(extra.policies if extra else {})},
        )  # fmt: skip
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin: decoders, codes, chats, the minute job; what is out of reach holds nothing up.

        A picture that comes before a decoder is warm waits for it.
        """
        work = (
            self._pictures.start(),
            Restocking(self._pool).run(),
            self._sweep(),
            self._ask_back(),
        )
        self._tasks = [asyncio.create_task(each) for each in work]
        if self._telegram:
            channel, poller, webhook = self._telegram
            await channel.start(_menu(self._wording), webhook)
            if poller:
                self._tasks.append(asyncio.create_task(poller.run()))

    async def stop(self) -> None:
        """End: finish what is being answered, then let go."""
        if self._telegram and self._telegram.poller:
            await self._telegram.poller.stop()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.dialogue.settle(), 2)
        if self._telegram:
            await self._telegram.channel.stop()
        await self._pictures.stop()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_EVERY)
            try:
                await self.dialogue.sweep()
            except HomThuError as error:
                log.warning("the minute job waits for the next minute", extra={"code": error.code})
            except Exception:  # whatever one minute brings, the next has its work too
                log.exception("the minute job failed")

    async def _ask_back(self) -> None:
        while True:
            await asyncio.sleep(_ASK_BACK_EVERY)
            try:
                await self._questions.tell()
            except HomThuError as error:
                log.warning("the ward's questions wait a little", extra={"code": error.code})
            except Exception:  # one question must not hold up those to come
                log.exception("the ward's questions could not be told")

    def _open_telegram(self, foundation: Foundation) -> _Telegram | None:
        chosen = self._settings.telegram
        if chosen is None:
            return None
        channel = open_telegram(chosen, self._settings.bot_processes)
        if chosen.mode == "poll":
            lead = Lead(foundation.intake, "telegram", _place(self._settings), _POLL_LEASE)
            return _Telegram(channel, Poller(channel, self.dialogue, lead=lead), None)
        secret = read_secret(chosen.webhook_secret_file)
        url = f"{self._settings.base_url.rstrip('/')}{PATH}"
        return _Telegram(channel, None, Webhook(url, secret))

    def _extra_routes(self, extra: ExtraDoor | None, tips: Tips) -> list[Route]:
        found: list[Route] = []
        if self._telegram and self._telegram.webhook:
            found += routes(self._telegram.channel, self.dialogue, self._telegram.webhook.secret)
        if extra:
            pages = create_pages(self._wording, self._settings, tips)
            found += extra.routes(self.dialogue, pages)
        return found

    def _is_ready(self, foundation: Foundation) -> Callable[[], bool]:
        def ready() -> bool:
            if not foundation.intake.database.writer.alive:
                return False
            try:
                foundation.intake.check_schema()
                return bool(foundation.key_list.current.parents)
            except HomThuError:
                return False

        return ready


def _place(settings: Settings) -> str:
    """Return where this process stands: one that is started again there goes on at once."""
    return f"{socket.gethostname()}:{settings.public_port}"


def _menu(wording: Wording) -> dict[str, list[tuple[str, str]]]:
    return {
        language: [(name, wording.label(language, name)) for name in _MENU]
        for language in wording.languages
    }
