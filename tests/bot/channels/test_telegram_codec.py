"""What is carried over from an update, what is left behind, and how our sentences look there."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import telegram_codec as codec
from bot.messages import Choice, Incoming, Kind
from tests.bot.telegram_shapes import visible

FILE = {"file_id": "f1", "file_unique_id": "u1", "file_size": 1234}
CHAT = {"id": 77, "type": "private", "first_name": "Mốc", "username": "moc_canary"}
PERSON = {
    "id": 77,
    "is_bot": False,
    "first_name": "Mốc",
    "last_name": "Canary",
    "username": "moc_canary",
    "language_code": "en-GB",
}


def message(**more: Any) -> dict[str, Any]:
    shape = {"message_id": 5, "date": 1_770_000_000, "chat": CHAT, "from": PERSON}
    return {"update_id": 9, "message": {**shape, **more}}


def heard(update: object) -> codec.Heard:
    found = codec.read_update(update)
    assert found is not None
    return found


def incoming(update: object) -> Incoming:
    return heard(update).incoming


def everything(of: Incoming) -> str:
    fields = [getattr(of, name) for name in Incoming.__slots__]
    parts = [getattr(part, name) for part in of.attachments for name in type(part).__slots__]
    return repr(fields + parts)


def test_a_text_becomes_an_incoming_without_any_name() -> None:
    said = incoming(message(text="Có người bán ma tuý"))
    assert said.channel == "telegram"
    assert said.address == "77"
    assert said.message_id == "5"
    assert said.text == "Có người bán ma tuý"
    assert said.language == "en"
    assert not said.edited
    assert not said.in_group
    assert not any(name in everything(said) for name in ("Mốc", "Canary", "moc_canary"))


def test_a_command_loses_the_bots_name_and_keeps_its_payload() -> None:
    assert incoming(message(text="/start@hom_thu_bot Ab3-_x")).text == "/start Ab3-_x"
    assert incoming(message(text="viết /xem@ban nhé")).text == "viết /xem@ban nhé"


def test_an_edit_keeps_the_number_of_what_it_changes() -> None:
    update = message(text="mới", edit_date=1_770_000_100)
    changed = incoming({"update_id": 9, "edited_message": update["message"]})
    assert changed.edited
    assert changed.message_id == "5"
    assert changed.text == "mới"


def test_the_largest_form_of_a_photo_is_taken_and_its_caption_is_text() -> None:
    small = {**FILE, "file_id": "small", "width": 90, "height": 60}
    large = {**FILE, "file_id": "large", "width": 1280, "height": 960}
    said = heard(message(photo=[large, small], caption="Ngõ 3"))
    (photo,) = said.incoming.attachments
    assert (photo.kind, photo.ref, photo.size) == (Kind.PHOTO, "large", 1234)
    assert said.incoming.text == "Ngõ 3"
    assert not said.album
    assert heard(message(photo=[small], media_group_id="g")).album


@pytest.mark.parametrize(
    ("mime_type", "is_picture"),
    [("image/heic", True), ("IMAGE/PNG", True), ("application/pdf", False), (None, False)],
)
def test_a_document_says_whether_it_is_a_picture_and_leaves_its_name_behind(
    mime_type: str | None, is_picture: bool
) -> None:
    document = {**FILE, "file_name": "canary-nguyen-van-moc.heic"}
    if mime_type:
        document["mime_type"] = mime_type
    said = incoming(message(document=document))
    (part,) = said.attachments
    assert (part.kind, part.is_picture) == (Kind.DOCUMENT, is_picture)
    assert "canary" not in everything(said)


LONG = {**FILE, "duration": 3}
WIDE = {**LONG, "width": 10, "height": 10}
PLACE = {"latitude": 21.03, "longitude": 105.85}
POLL = {
    "id": "1",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
STICKER = {**FILE, "width": 1, "height": 1, "is_animated": False, "is_video": False}


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"video": WIDE}, Kind.VIDEO),
        ({"video_note": {**LONG, "length": 10}}, Kind.VIDEO),
        ({"animation": WIDE, "document": FILE}, Kind.VIDEO),
        ({"sticker": {**STICKER, "type": "regular"}}, Kind.STICKER),
        ({"location": PLACE}, Kind.LOCATION),
        ({"venue": {"location": PLACE, "title": "a", "address": "b"}}, Kind.LOCATION),
        ({"contact": {"phone_number": "0912345678", "first_name": "Mốc"}}, Kind.CONTACT),
        ({"poll": POLL}, Kind.POLL),
        ({"dice": {"emoji": "🎲", "value": 3}}, Kind.OTHER),
        ({"something_new": {"x": 1}}, Kind.OTHER),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else "-".join(value),
)
def test_everything_else_is_named_by_its_kind_and_nothing_of_it_is_kept(
    parts: dict[str, Any], kind: Kind
) -> None:
    said = incoming(message(**parts))
    (part,) = said.attachments
    assert part.kind is kind
    assert part.ref == ""
    assert not any(mark in everything(said) for mark in ("0912345678", "Mốc", "21.03", "105.85"))


@pytest.mark.parametrize("name", ["voice", "audio"])
def test_a_voice_note_can_be_fetched_by_who_may_keep_it(name: str) -> None:
    (part,) = incoming(message(**{name: LONG})).attachments
    assert (part.kind, part.ref, part.is_picture) == (Kind.VOICE, LONG["file_id"], False)


def test_the_time_of_a_message_and_of_its_edit_come_with_it() -> None:
    said = incoming(message(text="a", date=1_774_000_000))
    assert said.sent_at == datetime(2026, 3, 20, 9, 46, 40, tzinfo=UTC)
    edit = {"message_id": 5, "date": 1_774_000_000, "edit_date": 1_774_000_100, "chat": CHAT}
    edited = incoming({"update_id": 9, "edited_message": {**edit, "from": PERSON, "text": "b"}})
    assert edited.sent_at == datetime(2026, 3, 20, 9, 48, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "note",
    [
        {"pinned_message": message(text="x")["message"]},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"write_access_allowed": {}},
    ],
)
def test_a_line_that_telegram_wrote_itself_needs_no_answer(note: dict[str, Any]) -> None:
    assert codec.read_update(message(**note)) is None


GROUP = {"id": -100123, "type": "supergroup", "title": "Tổ 5 canary"}


def test_in_a_group_only_the_group_is_carried_over() -> None:
    said = incoming(message(chat=GROUP, text="canary bí mật", photo=[]))
    assert said == Incoming("telegram", "-100123", "5", in_group=True)
    assert codec.read_update(message(chat=GROUP, new_chat_members=[PERSON])) is None


def test_a_tap_is_the_buttons_token_and_can_be_answered() -> None:
    shape = message(text="câu hỏi")["message"]
    query = {"id": "4242", "from": PERSON, "chat_instance": "1", "data": "tok", "message": shape}
    tap = heard({"update_id": 9, "callback_query": query})
    assert tap.tap == "4242"
    assert tap.incoming.choice == "tok"
    assert tap.incoming.address == "77"
    assert tap.incoming.text == ""


def test_a_tap_on_a_message_too_old_to_show_still_counts() -> None:
    query = {"id": "4242", "from": PERSON, "chat_instance": "1", "data": "tok"}
    assert incoming({"update_id": 9, "callback_query": query}).address == "77"
    gone = {"chat": CHAT, "message_id": 5, "date": 0}
    assert incoming({"update_id": 9, "callback_query": {**query, "message": gone}}).choice == "tok"
    shape = message(chat=GROUP, text="x")["message"]
    assert (
        codec.read_update({"update_id": 9, "callback_query": {**query, "message": shape}}) is None
    )


def membership(status: str, chat: dict[str, Any]) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "Hòm thư"}
    extra = {"until_date": 0} if status == "kicked" else {}
    change = {
        "chat": chat,
        "from": PERSON,
        "date": 1_770_000_000,
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": {"user": bot, "status": status, **extra},
    }
    return {"update_id": 9, "my_chat_member": change}


def test_blocking_the_bot_means_dung() -> None:
    stopped = incoming(membership("kicked", CHAT))
    assert (stopped.address, stopped.text) == ("77", "/dung")
    assert codec.read_update(membership("member", CHAT)) is None


def test_being_put_into_a_group_is_noticed_and_leaving_it_is_not() -> None:
    assert incoming(membership("member", GROUP)).in_group
    assert codec.read_update(membership("left", GROUP)) is None


def test_updates_of_other_kinds_are_nothing() -> None:
    assert codec.read_update({"update_id": 9}) is None
    assert codec.read_update({"update_id": 9, "channel_post": message(text="x")["message"]}) is None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "text",
        {},
        {"update_id": 9, "message": {"text": "canary"}},
        {"update_id": 9, "message": "canary"},
        {"update_id": 9, "message": {**message()["message"], "photo": "canary", "chat": {}}},
        {"update_id": 9, "callback_query": {"id": "canary"}},
    ],
)
def test_what_is_no_update_is_unreadable_and_the_error_quotes_nothing(raw: object) -> None:
    with pytest.raises(codec.UnreadableUpdate) as refusal:
        codec.read_update(raw)
    assert str(refusal.value) == ""
    assert refusal.value.__suppress_context__
    assert refusal.value.heard is None


def test_an_unreadable_private_message_is_told_apart_from_silence() -> None:
    broken = message(text="canary", photo="canary")
    with pytest.raises(codec.UnreadableUpdate) as refusal:
        codec.read_update(broken)
    found = refusal.value.heard
    assert found is not None
    assert found.incoming.address == "77"
    assert [part.kind for part in found.incoming.attachments] == [Kind.OTHER]
    assert "canary" not in everything(found.incoming)


# --- sentences ------------------------------------------------------------------------------------


def test_bold_marks_become_bold_and_everything_else_stays_what_it_was() -> None:
    assert codec.html("Gọi **113** ngay") == "Gọi <b>113</b> ngay"
    assert codec.html("<b>&\"'</b> 2**3 ** x") == "&lt;b&gt;&amp;\"'&lt;/b&gt; 2**3 ** x"
    assert codec.html("**<script>**") == "<b>&lt;script&gt;</b>"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00")))
def test_no_text_can_break_out_of_the_markup(text: str) -> None:
    shown = visible({"text": codec.html(text), "parse_mode": "HTML"})
    assert shown.replace("**", "") == text.replace("**", "") or "**" in text


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_long_text_is_cut_where_it_hurts_least() -> None:
    assert list(codec.pieces("ngắn")) == ["ngắn"]
    assert list(codec.pieces("một đoạn dài\n\nhai ba bốn", 16)) == ["một đoạn dài", "hai ba bốn"]
    assert list(codec.pieces("một đoạn dài\nhai ba bốn", 16)) == ["một đoạn dài", "hai ba bốn"]
    assert list(codec.pieces("một hai ba bốn năm", 12)) == ["một hai ba", "bốn năm"]


@given(st.text(min_size=1, max_size=300), st.integers(min_value=4, max_value=60))
def test_pieces_fit_and_lose_nothing_but_space(text: str, limit: int) -> None:
    parts = list(codec.pieces(text, limit))
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_four_thousand_emoji_are_cut_between_and_never_inside_one() -> None:
    parts = list(codec.pieces("👍" * 4096))
    assert [len(part) for part in parts] == [2048, 2048]


def test_short_buttons_stand_side_by_side_and_long_ones_alone() -> None:
    long = "Việc liên quan cán bộ ở phường"
    choices = [
        Choice(str(n), label, f"t{n}") for n, label in enumerate(["Có", "Không", long, "Bỏ"])
    ]
    markup = codec.keyboard(tuple(choices))
    assert markup is not None
    rows = [[button.text for button in row] for row in markup.inline_keyboard]
    assert rows == [["Có", "Không"], [long], ["Bỏ"]]
    assert markup.inline_keyboard[0][0].callback_data == "t0"
    assert codec.keyboard(()) is None


def test_handles_of_messages_survive_the_way_there_and_back() -> None:
    assert codec.split_ids([codec.join_ids([4, 5]), "6", "cb77", "u3", "", "6"]) == [4, 5, 6]
