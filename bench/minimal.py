"""The limit: the least program that does what a tip needs, over HTTP, with the same writer.

``python -m bench.minimal CONFIG``. ``POST /tip`` parses the form, seals for the same recipients and
commits the same rows through the same Core writer; ``POST /step`` parses Telegram's update and does
so with a chat's row, at the last step but one with the tip's, at the last with what is left behind.
``GET /bare`` does nothing. No dialogue, no rule, no page, no reply, no code drawn.
"""

import asyncio
import json
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update

from api.commands.listening import Listener
from api.commands.processes import Process, run_process
from bench.load import STORY
from intake.foundation import SESSION, Foundation, lay
from intake.settings import load_settings
from intake.vault import sealing
from intake.vault.drafts import SessionKeys
from intake.vault.key_pairs import new_seed, public_key
from storage.drafts import DraftRow
from storage.parts import NewPart
from storage.tips import NewTip
from storage.unit_of_work import Tx

T = TypeVar("T")
UNIT = "phuong"
SENDING = len(STORY) - 1  # the step of a story at which the tip goes
_PAGE = b"x" * 4096
_HEADLINE = json.dumps({"kind": "mua bán", "area": "phường Hoa Mẫu"}).encode()


class Minimal:
    """Three routes over one foundation."""

    def __init__(self, foundation: Foundation) -> None:
        self._database = foundation.intake.database
        self._keyring = foundation.key_list.current
        self._recipients = self._keyring.recipients(UNIT)
        self._keys = SessionKeys.load(foundation.settings.key_file(SESSION))
        self._reply_key = public_key(new_seed()).to_bytes()
        self._places: dict[int, tuple[int, int | None]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/bare", self.bare),
            Route("/tip", self.tip, methods=["POST"]),
            Route("/step", self.step, methods=["POST"]),
        ]

    async def bare(self, _request: Request) -> Response:
        return Response(b"ok")

    async def tip(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        await self._write(self.sealed_tip(fields["what"]))
        return Response(_PAGE, media_type="text/html")

    async def step(self, request: Request) -> Response:
        message = Update.de_json(json.loads(await request.body()), None).message
        if message is None:
            return Response(status_code=400)
        await self._write(self._stepped(message.chat.id, message.text or ""))
        return Response()

    def _stepped(self, chat: int, text: str) -> Callable[[Tx], None]:
        """Return the work of one step: the chat's row; the tip when it is sent; its end."""
        row = self._row(f"telegram:{chat}", text, "open")
        at, seen = self._places.get(chat, (1, None))
        tip = self._tip_rows(text) if at == SENDING else None

        def work(tx: Tx) -> None:
            self._places[chat] = (at + 1, tx.drafts.put(row, seen))
            if tip:
                tx.tips.add(*tip)
            if at == len(STORY):
                tx.drafts.drop(row.row_key)
                tx.drafts.bury([secrets.token_bytes(32) for _ in STORY], row.expires_at)
                del self._places[chat]

        return work

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._database.writer.submit(work))

    def _row(self, who: str, text: str, state: str) -> DraftRow:
        row_key = self._keys.row_keys("bench", who)[0]
        plain = json.dumps({"who": who, "text": text, "more": "x" * 300}).encode()
        until = datetime.now(UTC) + timedelta(minutes=30)
        return DraftRow(row_key, 0, state, self._keys.seal(plain, row_key), until)

    def sealed_tip(self, text: str) -> Callable[[Tx], None]:
        """Seal one tip and return the work of the web's post: draft, tip, part, wraps, mark."""
        tip, parts = self._tip_rows(text)
        row = self._row(tip.id.hex(), text, "open")

        def work(tx: Tx) -> None:
            tx.drafts.put(row, None)
            tx.tips.add(tip, parts)
            tx.drafts.bury([secrets.token_bytes(32)], row.expires_at)

        return work

    def _tip_rows(self, text: str) -> tuple[NewTip, list[NewPart]]:
        tip_id, now = secrets.token_bytes(16), datetime.now(UTC).replace(second=0, microsecond=0)
        part = sealing.seal_part(tip_id, text.encode(), self._recipients, part_id=tip_id)
        identity = sealing.seal_identity(None, tip_id, self._keyring.identity, self._keyring.gate)
        tip = NewTip(
            id=tip_id,
            unit_id=UNIT,
            day=now.date(),
            release_at=now,
            priority=2,
            state="new",
            lookup=secrets.token_bytes(16),
            reply_key=self._reply_key,
            headline_sealed=sealing.seal_headline(part.content_key, tip_id, _HEADLINE),
            identity_sealed=identity,
            due_at=now + timedelta(hours=24),
            new_at=now,
        )
        return tip, [NewPart(tip_id, tip_id, now, part.body_sealed, part.wraps)]


async def build(config: Path) -> Process:
    settings = load_settings(config)
    foundation = lay(settings)
    app = Starlette(routes=Minimal(foundation).routes())
    listener = Listener(app, settings.host, settings.public_port)
    return Process([listener], [], foundation.close)


if __name__ == "__main__":
    run_process(lambda: build(Path(sys.argv[1])))
