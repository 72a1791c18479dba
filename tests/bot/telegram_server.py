"""A Telegram Bot API that runs here: real HTTP on loopback, strict where the real one is.

Tests, journeys and the bench talk through it as people do (``says``, ``sends_photo``, ``taps``) and
read what the bot wrote (``messages``). It serves long polling and posts to a webhook, again and
again until it is answered with 2xx, and it can be told to fail. Never shipped; no TLS.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import uvicorn

from tests.bot.telegram_api import TOKEN, BotApi
from tests.bot.telegram_shapes import BotMessage, Hook, chat_shape, now, person_shape

__all__ = ["TOKEN", "TelegramServer"]


class TelegramServer(BotApi):
    """Use as a context manager; every method may be called from any thread."""

    def __init__(self, token: str = TOKEN, port: int = 0, redeliver_seconds: float = 0.05) -> None:
        super().__init__(token, redeliver_seconds)
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    # --- life -------------------------------------------------------------------------------------

    def __enter__(self) -> "TelegramServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; after ``stop``, again on the same port with everything still known."""
        self._closing = False
        config = uvicorn.Config(
            self._app(),
            host="127.0.0.1",
            port=self._port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(self._server,), daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the Telegram double did not start")
            time.sleep(0.005)
        self._port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Become unreachable."""
        if self._server is None or self._thread is None:
            return
        self._closing = self._server.should_exit = True
        self._notify()
        self._thread.join()
        self._server = self._thread = None

    def _run(self, server: uvicorn.Server) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._wake = asyncio.Event()
            posting = asyncio.create_task(self._post_updates())
            await server.serve()
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)

        asyncio.run(main())

    @property
    def listening(self) -> bool:
        """Whether it can be reached."""
        return self._server is not None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/bot"

    @property
    def base_file_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/file/bot"

    # --- what people do ---------------------------------------------------------------------------

    def says(self, chat: int, text: str, **more: Any) -> int:
        """A person writes; returns the message's number."""
        return self._message(chat, {"text": text, **more})

    def edits(self, chat: int, message_id: int, text: str) -> None:
        """A person changes an older message."""
        message = self._shape(chat, message_id, {"text": text, "edit_date": now()})
        self.push({"edited_message": message})

    def sends_photo(
        self, chat: int, data: bytes, caption: str | None = None, album: str | None = None
    ) -> int:
        """A person sends a photo; photos with the same ``album`` belong together."""
        small, large = self.keep_file(data[:100]), self.keep_file(data)
        sizes = [
            {"file_id": small, "file_unique_id": "s" + small, "width": 90, "height": 60},
            {"file_id": large, "file_unique_id": "u" + large, "width": 1280, "height": 960},
        ]
        sizes[1]["file_size"] = len(data)
        more: dict[str, Any] = {"photo": sizes}
        if caption is not None:
            more["caption"] = caption
        if album is not None:
            more["media_group_id"] = album
        return self._message(chat, more)

    def sends_document(
        self, chat: int, data: bytes, mime_type: str, name: str = "file", caption: str | None = None
    ) -> int:
        """A person sends a file."""
        file_id = self.keep_file(data)
        document = {"file_id": file_id, "file_unique_id": "u" + file_id, "file_name": name}
        more: dict[str, Any] = {
            "document": {**document, "mime_type": mime_type, "file_size": len(data)}
        }
        if caption is not None:
            more["caption"] = caption
        return self._message(chat, more)

    def taps(self, chat: int, data: str, message_id: int = 0) -> str:
        """A person taps a button with this callback data."""
        with self._lock:
            query = str(next(self._numbers["tap"]) + 10**17)
            self._state.taps.add(query)
        shape = self._shape(chat, message_id or 1, {"text": "…"})
        tap = {"id": query, "from": person_shape(chat), "chat_instance": "1", "data": data}
        self.push({"callback_query": {**tap, "message": shape}})
        return query

    def blocks(self, chat: int) -> None:
        """A person blocks the bot."""
        self.blocked.add(chat)
        bot = {"id": self._bot_id, "is_bot": True, "first_name": "Hòm thư"}
        change = {
            "chat": chat_shape(chat),
            "from": person_shape(chat),
            "date": now(),
            "old_chat_member": {"user": bot, "status": "member"},
            "new_chat_member": {"user": bot, "status": "kicked", "until_date": 0},
        }
        self.push({"my_chat_member": change})

    def push(self, update: Mapping[str, Any]) -> int:
        """Queue any update; returns its number."""
        with self._lock:
            number = next(self._numbers["update"])
            self._state.updates[number] = {"update_id": number, **update}
        self._notify()
        return number

    def keep_file(self, data: bytes) -> str:
        """Keep bytes for download; returns the file's id."""
        with self._lock:
            file_id = f"file-{next(self._numbers['file'])}"
            self._state.files[file_id] = data
        return file_id

    def _message(self, chat: int, more: dict[str, Any]) -> int:
        with self._lock:
            number = next(self._numbers["message"])
            self._state.incoming.add((chat, number))
        self.push({"message": self._shape(chat, number, more)})
        return number

    def _shape(self, chat: int, number: int, more: dict[str, Any]) -> dict[str, Any]:
        return {
            "message_id": number,
            "date": now(),
            "chat": chat_shape(chat),
            "from": person_shape(chat),
            **more,
        }

    # --- what can be seen -------------------------------------------------------------------------

    def messages(self, chat: int) -> list[BotMessage]:
        """The bot's messages that this chat still shows."""
        with self._lock:
            return list(self._state.messages[chat].values())

    def still_shows(self, chat: int, message_id: int) -> bool:
        """Whether a person's own message is still there."""
        with self._lock:
            return (chat, message_id) in self._state.incoming

    def calls_of(self, method: str) -> list[dict[str, Any]]:
        with self._lock:
            return [call.fields for call in self.calls if call.method == method]

    @property
    def waiting(self) -> int:
        """Updates that the bot has not acknowledged."""
        with self._lock:
            return len(self._state.updates)

    @property
    def hook(self) -> Hook | None:
        return self._state.hook

    def until(self, seen: Callable[[], Any], seconds: float = 60) -> Any:
        """Wait until ``seen()`` is true; it is looked at whenever something happens here."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (result := seen()):
                if not self._changed.wait(min(0.2, deadline - time.monotonic())) and (
                    time.monotonic() > deadline
                ):
                    raise AssertionError("it did not happen")
            return result

    async def eventually(self, seen: Callable[[], Any], seconds: float = 60) -> Any:
        """Like ``until``, for tests that share the loop with the bot."""
        return await asyncio.to_thread(self.until, seen, seconds)
