"""Shapes of the Telegram double: what it keeps, what it sends, and what it refuses."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from starlette.responses import JSONResponse, Response

TAGS = {"b", "i", "u", "s", "a", "code", "pre", "tg-spoiler", "blockquote"}
LONGEST_TEXT = 4096


@dataclass
class Call:
    """One call of the bot."""

    method: str
    fields: dict[str, Any]


@dataclass
class BotMessage:
    """One message of the bot, as the person's phone shows it."""

    id: int
    chat: int
    html: str
    text: str
    fields: dict[str, Any]

    @property
    def buttons(self) -> list[dict[str, str]]:
        rows = self.fields.get("reply_markup", {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    @property
    def file(self) -> tuple[str, bytes] | None:
        """Name and bytes of a picture or a document that came with it."""
        return self.fields.get("photo") or self.fields.get("document")

    def token(self, label: str) -> str:
        """The callback data of the button whose label contains ``label``."""
        return next(b["callback_data"] for b in self.buttons if label in b["text"])


@dataclass
class Failure:
    """What to answer instead, ``times`` times (None: until told otherwise)."""

    method: str
    status: int
    description: str
    times: int | None
    retry_after: int | None
    chat: int | None
    raw: bytes | None
    after: int = 0


class ApiError(Exception):
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass
class Hook:
    """Where updates are posted."""

    url: str
    secret: str | None
    connections: int = 40


@dataclass
class State:
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)
    in_flight: set[int] = field(default_factory=set)
    messages: dict[int, dict[int, BotMessage]] = field(default_factory=lambda: defaultdict(dict))
    incoming: set[tuple[int, int]] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    taps: set[str] = field(default_factory=set)
    hook: Hook | None = None


def now() -> int:
    return int(time.time())


def chat_shape(chat: int) -> dict[str, Any]:
    if chat < 0:
        return {"id": chat, "type": "group", "title": "Tổ dân phố"}
    return {"id": chat, "type": "private", "first_name": "Người gửi"}


def person_shape(chat: int) -> dict[str, Any]:
    person = {"id": abs(chat), "is_bot": False, "first_name": "Người gửi"}
    return {**person, "username": f"user{abs(chat)}", "language_code": "vi"}


def chat_of(update: Mapping[str, Any]) -> Any:
    for name in ("message", "edited_message", "my_chat_member"):
        if name in update:
            return update[name].get("chat", {}).get("id")
    message = update.get("callback_query", {}).get("message", {})
    return message.get("chat", {}).get("id", update["update_id"])


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise ApiError(400, "Bad Request: can't parse entities: unsupported start tag")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, "Bad Request: can't parse entities: unexpected end tag")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def visible(fields: Mapping[str, Any]) -> str:
    if fields.get("parse_mode") != "HTML":
        return str(fields["text"])
    parser = _Visible()
    parser.feed(fields["text"])
    parser.close()
    if parser.open:
        raise ApiError(400, "Bad Request: can't parse entities: can't find end tag")
    return "".join(parser.parts)


def check_buttons(markup: Mapping[str, Any]) -> None:
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button["text"]:
                raise ApiError(400, "Bad Request: text buttons are unallowed")


def answer_error(error: ApiError) -> Response:
    body = {"ok": False, "error_code": error.status, "description": error.description}
    return JSONResponse(body, error.status)


def answer_failure(failure: Failure) -> Response:
    if failure.raw is not None:
        return Response(failure.raw, failure.status)
    body: dict[str, Any] = {
        "ok": False,
        "error_code": failure.status,
        "description": failure.description,
    }
    if failure.retry_after is not None:
        body["parameters"] = {"retry_after": failure.retry_after}
    return JSONResponse(body, failure.status)
