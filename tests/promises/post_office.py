"""A Telegram that behaves as badly as the real one may: it repeats itself, late and out of order.

It also keeps the books that a phone does not: every message that any chat was ever shown.
"""

import asyncio
import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import httpx

from tests.bot.telegram_server import TelegramServer
from tests.bot.telegram_shapes import ApiError, Hook

SECRET = "promises-webhook-secret"
_CODE = re.compile(r"(?<!\d)(?:\d{4} ){5}\d{4}(?!\d)")
_LATEST = 2.0  # seconds after which a repeated update comes at the latest
_HANG = 3.0


def code_in(text: str) -> str | None:
    """Return the receipt code that a text tells."""
    found = _CODE.search(text)
    return found[0].replace(" ", "") if found else None


class PostOffice(TelegramServer):
    """Telegram with books and bad habits."""

    def __init__(self, seed: int = 0, repeats: float = 0.0) -> None:
        super().__init__()
        self._rng = random.Random(seed)
        self._repeats = repeats
        self._late: set[asyncio.Task[None]] = set()
        self.receipts: defaultdict[int, list[str]] = defaultdict(list)  # chat → codes told
        self.shown: Counter[int] = Counter()  # chat → messages that the bot ever sent there
        self.troubles: list[str] = []  # what happens to the next receipts: "502", "429", "hang"
        self.troubled = 0
        self.repeated = 0
        self.conflicts = 0  # questions for updates that were asked while another one was open
        self._asking_now = 0

    # --- out
    # ----------------------------------------------------------------------------------------

    def _do_send_message(self, fields: dict[str, Any]) -> Any:
        code = code_in(fields["text"])
        trouble = None
        with self._lock:
            if code and self.troubles:
                trouble = self.troubles.pop(0)
                self.troubled += 1
        if trouble in ("502", "429"):
            raise ApiError(int(trouble), "Bad Gateway" if trouble == "502" else "Too Many Requests")
        sent = super()._do_send_message(fields)
        with self._lock:
            chat = int(fields["chat_id"])
            self.shown[chat] += 1
            if code and code not in self.receipts[chat]:
                self.receipts[chat].append(code)
        return _late_answer(sent) if trouble == "hang" else sent

    # --- in
    # -----------------------------------------------------------------------------------------

    async def _post(self, client: httpx.AsyncClient, hook: Hook, update: dict[str, Any]) -> None:
        await super()._post(client, hook, update)
        taken = update["update_id"] not in self._state.updates
        if taken and self._rng.random() < self._repeats:
            again = asyncio.create_task(self._post_again(hook, update))
            self._late.add(again)
            again.add_done_callback(self._late.discard)

    async def _post_again(self, hook: Hook, update: dict[str, Any]) -> None:
        """Deliver an update once more after others have come, as if its answer had been lost."""
        await asyncio.sleep(self._rng.uniform(0, _LATEST))
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret or ""}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=10, verify=False) as client:
                await client.post(hook.url, json=update, headers=headers)
        except httpx.HTTPError:
            return
        self.repeated += 1

    def until_quiet(self) -> None:
        """Wait until every repeat has been delivered and nothing waits."""
        self.until(lambda: not self._late and not self.waiting, 60)

    async def _do_get_updates(self, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        with self._lock:
            if self._asking_now:
                self.conflicts += 1
            self._asking_now += 1
        try:
            return await super()._do_get_updates(fields)
        finally:
            with self._lock:
                self._asking_now -= 1


async def _late_answer(sent: dict[str, Any]) -> dict[str, Any]:
    await asyncio.sleep(_HANG)
    return sent
