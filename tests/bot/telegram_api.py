"""The Bot API half of the Telegram double: methods, failures, downloads and the webhook's posts."""

import asyncio
import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.bot.telegram_shapes import (
    LONGEST_TEXT,
    ApiError,
    BotMessage,
    Call,
    Failure,
    Hook,
    State,
    answer_error,
    answer_failure,
    chat_of,
    chat_shape,
    check_buttons,
    now,
    visible,
)

TOKEN = "7654321098:AAFakeTokenForTestsOnly-abcdefghijk"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_CAPTION = 1024
LARGEST_DOWNLOAD = 20 * 1024 * 1024
JSON_FIELDS = {
    "reply_markup", "link_preview_options", "allowed_updates", "message_ids", "commands", "scope",
}  # fmt: skip


class BotApi:
    """What the bot talks to. All state is behind one lock: tests look in from other threads."""

    def __init__(self, token: str, redeliver_seconds: float) -> None:
        self.token = token
        self.calls: list[Call] = []
        self.deliveries: list[tuple[int, int]] = []
        """(update_id, HTTP status) of every post to the webhook; status 0: no connection."""
        self.blocked: set[int] = set()
        self.undeletable: set[tuple[int, int]] = set()
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.chat_commands: dict[int, list[dict[str, str]]] = {}
        self._redeliver_seconds = redeliver_seconds
        self._numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self._state = State()
        self._failures: list[Failure] = []
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._closing = False

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._serve_file, methods=["GET"]),
            ]
        )

    # --- failures ---------------------------------------------------------------------------------

    def fail(
        self,
        method: str = "*",
        status: int = 502,
        *,
        description: str = "Bad Gateway",
        times: int | None = 1,
        retry_after: int | None = None,
        chat: int | None = None,
        raw: bytes | None = None,
        after: int = 0,
    ) -> None:
        """Answer calls of ``method`` (to ``chat``) with an error instead, ``after`` good ones."""
        failure = Failure(method, status, description, times, retry_after, chat, raw, after)
        with self._lock:
            self._failures.append(failure)

    def recover(self) -> None:
        """Forget every failure that was asked for."""
        with self._lock:
            self._failures.clear()

    def _failure(self, method: str, fields: Mapping[str, Any]) -> Failure | None:
        with self._lock:
            for failure in self._failures:
                hit = failure.method in {"*", method}
                if not hit or (failure.chat and str(failure.chat) != fields.get("chat_id")):
                    continue
                if failure.after > 0:
                    failure.after -= 1
                    continue
                if failure.times is not None:
                    failure.times -= 1
                    if failure.times == 0:
                        self._failures.remove(failure)
                return failure
        return None

    # --- the API ----------------------------------------------------------------------------------

    @property
    def _bot_id(self) -> int:
        return int(self.token.partition(":")[0])

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()
        if self._loop is not None and self._wake is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _serve(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:
            return answer_error(ApiError(401, "Unauthorized"))
        method = request.path_params["method"]
        fields = dict(parse_qsl(request.url.query)) | await _read_fields(request)
        for name in JSON_FIELDS & fields.keys():
            fields[name] = json.loads(fields[name])
        with self._lock:
            self.calls.append(Call(method, fields))
        failure = self._failure(method, fields)
        if failure is not None:
            return answer_failure(failure)
        handler = getattr(self, METHODS.get(method, ""), None)
        try:
            if handler is None:
                raise ApiError(404, "Not Found")
            result = handler(fields)
            if asyncio.iscoroutine(result):
                result = await result
        except ApiError as error:
            return answer_error(error)
        finally:
            self._notify()
        return JSONResponse({"ok": True, "result": result})

    async def _serve_file(self, request: Request) -> Response:
        path = request.path_params["path"]
        failure = self._failure("file", {})
        if failure is not None:
            return answer_failure(failure)
        data = self._state.files.get(path.removeprefix("photos/"))
        if request.path_params["token"] != self.token or data is None:
            return Response(status_code=404)
        return Response(data, media_type="application/octet-stream")

    def _do_get_me(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": self._bot_id,
            "is_bot": True,
            "first_name": "Hòm thư",
            "username": "hom_thu_bot",
        }

    def _do_set_my_commands(self, fields: Mapping[str, Any]) -> bool:
        if "scope" in fields:
            self.chat_commands[int(fields["scope"]["chat_id"])] = fields["commands"]
            return True
        self.commands[str(fields.get("language_code", ""))] = fields["commands"]
        return True

    def _do_delete_my_commands(self, fields: Mapping[str, Any]) -> bool:
        self.chat_commands.pop(int(fields["scope"]["chat_id"]), None)
        return True

    def _do_set_webhook(self, fields: Mapping[str, Any]) -> bool:
        with self._lock:
            self._state.hook = Hook(
                fields["url"], fields.get("secret_token"), int(fields.get("max_connections", 40))
            )
        return True

    def _do_delete_webhook(self, fields: Mapping[str, Any]) -> bool:
        with self._lock:
            self._state.hook = None
            if fields.get("drop_pending_updates") == "true":
                self._state.updates.clear()
        return True

    async def _do_get_updates(self, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self._state.hook is not None:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, limit = int(fields.get("offset", 0)), int(fields.get("limit", 100))
        with self._lock:
            for number in [number for number in self._state.updates if number < offset]:
                del self._state.updates[number]
        self._notify_waiters()
        deadline = time.monotonic() + float(fields.get("timeout", 0))
        assert self._wake is not None
        while not self._state.updates and time.monotonic() < deadline:
            if self._closing:
                break
            self._wake.clear()
            try:
                async with asyncio.timeout(min(0.5, deadline - time.monotonic())):
                    await self._wake.wait()
            except TimeoutError:
                continue
        with self._lock:
            return list(itertools.islice(self._state.updates.values(), limit))

    def _notify_waiters(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _do_send_message(self, fields: dict[str, Any]) -> dict[str, Any]:
        chat = int(fields["chat_id"])
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat == 0:
            raise ApiError(400, "Bad Request: chat not found")
        text = visible(fields)
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            raise ApiError(400, "Bad Request: message is too long")
        check_buttons(fields.get("reply_markup", {}))
        with self._lock:
            number = next(self._numbers["message"])
            message = BotMessage(number, chat, fields["text"], text, fields)
            self._state.messages[chat][number] = message
        return {"message_id": number, "date": now(), "chat": chat_shape(chat), "text": text}

    def _do_send_file(self, fields: dict[str, Any]) -> dict[str, Any]:
        part = "photo" if "photo" in fields else "document"
        if not isinstance(fields.get(part), tuple) or not fields[part][1]:
            raise ApiError(400, "Bad Request: file must be non-empty")
        if len(visible({**fields, "text": fields.get("caption", "")})) > LONGEST_CAPTION:
            raise ApiError(400, "Bad Request: message caption is too long")
        answer = self._do_send_message({**fields, "text": fields.get("caption") or part})
        del answer["text"]
        return answer

    def _do_delete_messages(self, fields: Mapping[str, Any]) -> bool:
        numbers = fields["message_ids"]
        if not 1 <= len(numbers) <= 100:
            raise ApiError(400, "Bad Request: wrong number of messages")
        chat = int(fields["chat_id"])
        if self.undeletable & {(chat, number) for number in numbers}:
            raise ApiError(400, "Bad Request: message can't be deleted")
        for number in numbers:
            self._forget(chat, number)
        return True

    def _do_delete_message(self, fields: Mapping[str, Any]) -> bool:
        chat, number = int(fields["chat_id"]), int(fields["message_id"])
        if (chat, number) in self.undeletable:
            raise ApiError(400, "Bad Request: message can't be deleted")
        if not self._forget(chat, number):
            raise ApiError(400, "Bad Request: message to delete not found")
        return True

    def _forget(self, chat: int, number: int) -> bool:
        with self._lock:
            known = (chat, number) in self._state.incoming
            self._state.incoming.discard((chat, number))
            return self._state.messages[chat].pop(number, None) is not None or known

    def _do_answer_callback_query(self, fields: Mapping[str, Any]) -> bool:
        with self._lock:
            if fields["callback_query_id"] not in self._state.taps:
                raise ApiError(400, "Bad Request: query is too old and response timeout expired")
            self._state.taps.discard(fields["callback_query_id"])
        return True

    def _do_get_file(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        data = self._state.files.get(fields["file_id"])
        if data is None:
            raise ApiError(400, "Bad Request: invalid file_id")
        if len(data) > LARGEST_DOWNLOAD:
            raise ApiError(400, "Bad Request: file is too big")
        file_id = fields["file_id"]
        return {
            "file_id": file_id,
            "file_unique_id": "u" + file_id,
            "file_size": len(data),
            "file_path": f"photos/{file_id}",
        }

    # --- the webhook ------------------------------------------------------------------------------

    async def _post_updates(self) -> None:
        """Post what waits, each update until it is answered with 2xx, chats in order."""
        assert self._wake is not None
        tasks: set[asyncio.Task[None]] = set()
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            try:
                while True:
                    hook = self._state.hook
                    for update in self._next_updates(hook, len(tasks)):
                        assert hook is not None
                        task = asyncio.create_task(self._post(client, hook, update))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
                    self._wake.clear()
                    try:
                        async with asyncio.timeout(self._redeliver_seconds):
                            await self._wake.wait()
                    except TimeoutError:
                        continue
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _next_updates(self, hook: Hook | None, running: int) -> list[dict[str, Any]]:
        if hook is None:
            return []
        with self._lock:
            state = self._state
            busy = {chat_of(state.updates[number]) for number in state.in_flight}
            chosen: list[dict[str, Any]] = []
            for update in state.updates.values():
                if len(chosen) + running >= hook.connections:
                    break
                chat = chat_of(update)
                if chat in busy:
                    continue
                busy.add(chat)
                chosen.append(update)
                state.in_flight.add(update["update_id"])
            return chosen

    async def _post(self, client: httpx.AsyncClient, hook: Hook, update: dict[str, Any]) -> None:
        number = update["update_id"]
        headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
        status = 0
        try:
            status = (await client.post(hook.url, json=update, headers=headers)).status_code
        except httpx.HTTPError:
            pass
        finally:
            with self._lock:
                self.deliveries.append((number, status))
                delivered = 200 <= status < 300
                if delivered:
                    self._state.updates.pop(number, None)
        if not delivered:
            await asyncio.sleep(self._redeliver_seconds)
        with self._lock:
            self._state.in_flight.discard(number)
        self._notify()


async def _read_fields(request: Request) -> dict[str, Any]:
    """Return the fields of a call; a file as (name, bytes)."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    async with request.form() as form:
        return {
            name: value if isinstance(value, str) else (value.filename, await value.read())
            for name, value in form.items()
        }


METHODS = {
    "getMe": "_do_get_me",
    "setMyCommands": "_do_set_my_commands",
    "deleteMyCommands": "_do_delete_my_commands",
    "setWebhook": "_do_set_webhook",
    "deleteWebhook": "_do_delete_webhook",
    "getUpdates": "_do_get_updates",
    "sendMessage": "_do_send_message",
    "sendPhoto": "_do_send_file",
    "sendDocument": "_do_send_file",
    "deleteMessages": "_do_delete_messages",
    "deleteMessage": "_do_delete_message",
    "answerCallbackQuery": "_do_answer_callback_query",
    "getFile": "_do_get_file",
}
