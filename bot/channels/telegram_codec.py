"""Telegram's updates into ours, our messages into Telegram's: pure, no network, no state.

Names, user names, phone numbers, file names and everything said in groups are left behind here:
what is not carried into an ``Incoming`` does not exist for the rest of the house. Never logs.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import cast

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Document,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    PhotoSize,
    Update,
    User,
)

from bot.messages import Attachment, Choice, Incoming, Kind

NAME = "telegram"
MAX_TEXT = 4096
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
STOP_COMMAND = "/dung"  # what blocking the bot means, in the dialogue's own words

_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_COMMAND_AT = re.compile(r"^(/\w+)@\w+")
_SHORT_LABEL = 18  # two buttons of this length stand side by side on a narrow phone
_JOIN = "+"


# The library's own switch against its deprecation warnings about periods, read at every access.
os.environ.setdefault("PTB_TIMEDELTA", "true")


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """One update that concerns the dialogue."""

    incoming: Incoming
    tap: str | None = None  # the callback query to answer, or its button keeps spinning
    album: bool = False  # one of several photos that come as separate updates


class UnreadableUpdate(Exception):
    """What came is no update that Telegram's library can read; holds nothing that was said.

    ``heard`` lets the person be told that the message was not understood, if we know whose it is.
    """

    def __init__(self, heard: Heard | None) -> None:
        super().__init__()
        self.heard = heard


def read_update(raw: object) -> Heard | None:
    """Return what a person did; None for an update that needs no answer.

    Raises:
        UnreadableUpdate: not an update.
    """
    try:
        update = Update.de_json(cast("dict[str, object]", raw), None)
        return _heard(update)
    except Exception:  # noqa: BLE001 - the library raises anything, and its text quotes the update
        raise UnreadableUpdate(_whose(raw)) from None


def _heard(update: Update) -> Heard | None:
    if update.callback_query is not None:
        return _from_tap(update.callback_query)
    if update.my_chat_member is not None:
        return _from_membership(update.my_chat_member, update.update_id)
    if update.edited_message is not None:
        return _from_message(update.edited_message, edited=True)
    if update.message is not None:
        return _from_message(update.message, edited=False)
    return None


def _whose(raw: object) -> Heard | None:
    """Return an unreadable private message as "something else": better than silence."""
    match raw:
        case {"message": {"message_id": int(number), "chat": {"id": int(chat), "type": "private"}}}:
            parts = (Attachment(Kind.OTHER),)
            return Heard(Incoming(NAME, str(chat), str(number), attachments=parts))
        case _:
            return None


def _from_message(message: Message, *, edited: bool) -> Heard | None:
    if _is_group(message.chat):
        return None if _is_service(message) else _in_group(message.chat, str(message.message_id))
    attachment = _attachment(message)
    text = message.text or message.caption or ""
    if attachment is None and not text:
        if _is_service(message):
            return None
        attachment = Attachment(Kind.OTHER)
    incoming = Incoming(
        channel=NAME,
        address=str(message.chat.id),
        message_id=str(message.message_id),
        text=_COMMAND_AT.sub(r"\1", text),
        attachments=() if attachment is None else (attachment,),
        edited=edited,
        language=_language(message.from_user),
        sent_at=message.edit_date if edited else message.date,
    )
    return Heard(incoming, album=message.media_group_id is not None)


def _from_tap(query: CallbackQuery) -> Heard | None:
    if query.message is not None and _is_group(query.message.chat):
        return None
    address = query.message.chat.id if query.message is not None else query.from_user.id
    incoming = Incoming(
        channel=NAME,
        address=str(address),
        message_id=f"cb{query.id}",
        choice=query.data or "",
        on=str(query.message.message_id) if query.message is not None else "",
        language=_language(query.from_user),
    )
    return Heard(incoming, tap=query.id)


def _from_membership(change: ChatMemberUpdated, update_id: int) -> Heard | None:
    status = change.new_chat_member.status
    if _is_group(change.chat):
        joined = status in {ChatMember.MEMBER, ChatMember.ADMINISTRATOR}
        return _in_group(change.chat, f"u{update_id}") if joined else None
    if status != ChatMember.BANNED:
        return None
    stopped = Incoming(
        channel=NAME,
        address=str(change.chat.id),
        message_id=f"u{update_id}",
        text=STOP_COMMAND,
        language=_language(change.from_user),
    )
    return Heard(stopped)


def _in_group(chat: Chat, message_id: str) -> Heard:
    """Return that something happened in a group; what was said there is nobody's business."""
    return Heard(Incoming(NAME, str(chat.id), message_id, in_group=True))


def _is_group(chat: Chat) -> bool:
    return chat.type != Chat.PRIVATE


def _is_service(message: Message) -> bool:
    """Return whether Telegram itself wrote this line, such as "message pinned"."""
    notes = (
        message.new_chat_members,
        message.left_chat_member,
        message.new_chat_title,
        message.new_chat_photo,
        message.delete_chat_photo,
        message.group_chat_created,
        message.supergroup_chat_created,
        message.migrate_to_chat_id,
        message.migrate_from_chat_id,
        message.pinned_message,
        message.message_auto_delete_timer_changed,
        message.write_access_allowed,
        message.connected_website,
        message.chat_background_set,
    )
    return any(notes)


def _attachment(message: Message) -> Attachment | None:
    if message.photo:
        return _photo(message.photo)
    if message.animation is None and message.document is not None:
        return _document(message.document)
    sound = message.voice or message.audio
    if sound is not None:
        return Attachment(Kind.VOICE, sound.file_id, sound.file_size or 0)
    for kind, parts in _OTHER_KINDS.items():
        if any(part(message) is not None for part in parts):
            return Attachment(kind)
    return None


_OTHER_KINDS: Mapping[Kind, tuple[Callable[[Message], object], ...]] = {
    Kind.VIDEO: (lambda m: m.animation, lambda m: m.video, lambda m: m.video_note),
    Kind.STICKER: (lambda m: m.sticker,),
    Kind.LOCATION: (lambda m: m.venue, lambda m: m.location),
    Kind.CONTACT: (lambda m: m.contact,),
    Kind.POLL: (lambda m: m.poll,),
}


def _photo(sizes: tuple[PhotoSize, ...]) -> Attachment:
    largest = max(sizes, key=lambda size: size.width * size.height)
    return Attachment(Kind.PHOTO, largest.file_id, largest.file_size or 0)


def _document(document: Document) -> Attachment:
    is_picture = (document.mime_type or "").lower().startswith("image/")
    return Attachment(Kind.DOCUMENT, document.file_id, document.file_size or 0, is_picture)


def _language(user: User | None) -> str | None:
    """Return the language of the person's Telegram, a hint only."""
    code = user.language_code if user is not None else None
    return code.partition("-")[0].lower() if code else None


# --- what we say ----------------------------------------------------------------------------------


def html(text: str) -> str:
    """Return ``text`` for Telegram's HTML mode: escaped first, then ``**bold**``."""
    return _BOLD.sub(r"<b>\1</b>", escape(text, quote=False))


def pieces(text: str, limit: int = MAX_TEXT) -> Iterator[str]:
    """Yield ``text`` in parts that one message can hold, cut at paragraphs, lines or words."""
    while _length(text) > limit:
        cut = _cut(text, limit)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text


def _length(text: str) -> int:
    """Return the length as Telegram counts: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> int:
    fits = len(text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore"))
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, fits // 2, fits)
        if at > 0:
            return at + len(mark)
    return fits


def keyboard(choices: tuple[Choice, ...]) -> InlineKeyboardMarkup | None:
    """Return the buttons, two abreast where both labels are short."""
    rows: list[list[InlineKeyboardButton]] = []
    has_room = False
    for choice in choices:
        button = InlineKeyboardButton(choice.label, callback_data=choice.token or choice.key)
        is_short = len(choice.label) <= _SHORT_LABEL
        if has_room and is_short:
            rows[-1].append(button)
            has_room = False
        else:
            rows.append([button])
            has_room = is_short
    return InlineKeyboardMarkup(rows) if rows else None


def join_ids(ids: list[int]) -> str:
    """Return one handle for a message that went out in several parts."""
    return _JOIN.join(map(str, ids))


def split_ids(handles: list[str]) -> list[int]:
    """Return Telegram's message numbers, each once; taps and other events have none."""
    parts = (part for handle in handles for part in handle.split(_JOIN))
    return list(dict.fromkeys(int(part) for part in parts if part.isdecimal()))
