"""Everything that goes wrong in a story: junk, broken pictures, floods, faults, a dead platform."""

import json
from contextlib import suppress
from typing import Any

import httpx

from bot.channels.telegram_webhook import PATH, SECRET_HEADER
from tests.promises.story import DESK, Story, Talker
from tests.running import pictures
from tests.running.house import SECRET
from tests.running.people import Chat, tell
from tests.running.trouble import broken_commit, crashing, locked

MEBIBYTE = 1024 * 1024
JUNK = {
    "public": [
        ("GET", "/{}"), ("POST", "/gui-tin"), ("POST", "/tra-cuu"), ("PUT", "/gui-tin"),
        ("GET", "/gui-tin"), ("GET", "/tra-cuu"), ("GET", "/q/{}"), ("GET", "/static/{}"),
        ("POST", "/kenh/telegram"), ("DELETE", "/{}"), ("POST", "/dien-thoai/noi"),
        ("POST", "/dien-thoai/nghe"), ("GET", "/thoat-nhanh"), ("PATCH", "/readyz"),
    ],
    "officer": [
        ("GET", "/{}"), ("POST", "/api/v1/session"), ("POST", "/dang-nhap"), ("GET", "/dang-nhap"),
        ("GET", "/thiet-lap/{}"), ("POST", "/thiet-lap/{}"), ("POST", "/api/v1/setup"),
        ("GET", "/api/v1/tips"), ("GET", "/tin/{}"), ("POST", "/api/v1/tips/{}/openings"),
        ("GET", "/static/{}/{}"), ("PUT", "/api/v1/{}"), ("DELETE", "/api/v1/session"),
        ("POST", "/api/v1/setup/finish"), ("GET", "/api/v1/events"),
    ],
}  # fmt: skip


class Failures:
    """Trouble for the people of a story."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._house = story.house
        self._marks = story.marks

    # --- from outside -----------------------------------------------------------------------------

    def junk_comes_in(self) -> None:
        """Marked paths, queries, headers, cookies and bodies, at both doors."""
        for door, places in JUNK.items():
            caller = self._house.caller("sender of junk", door, Sec_Fetch_Site="same-origin")
            for number, (method, path) in enumerate(places):
                mark = self._marks.ascii(f"junk at {method} {path}")
                headers = {"Cookie": f"homthu_demo={mark}; __Host-homthu={mark}", "Referer": mark}
                bodies: list[dict[str, Any]] = [
                    {"content": mark},
                    {"json": {"text": mark, mark: mark}},
                    {"data": {"what": mark, "code": mark, mark: mark}},
                ]
                caller.request(
                    method,
                    path.replace("{}", mark),
                    params={"q": mark, mark: "1"},
                    headers=headers,
                    **bodies[number % 3],
                )

    def broken_updates_come_in(self) -> None:
        """What is no update, or not from Telegram, at the webhook's door."""
        caller, good = self._house.caller("sender of junk"), {SECRET_HEADER: SECRET}
        number = int(self._marks.number("a chat id in a broken update", 13))
        self._marks.share("a chat id in a broken update", f"chat {number}")
        word = self._marks.word("the text of a broken update")
        message = {"message_id": 1, "date": "?", "text": word}
        private = {"chat": {"id": number, "type": "private", "title": word}}
        for body in (
            json.dumps({"update_id": 1, "message": message}),
            json.dumps({"update_id": 2, "message": message | private}),
            json.dumps({"update_id": 3, "callback_query": {"id": word, "data": word}}),
            json.dumps([word]),
            f'{{"update_id": 4, "message": "{word}"',
            word,
        ):
            caller.post(PATH, content=body.encode(), headers=good)
        wrong = {SECRET_HEADER: self._marks.ascii("a wrong webhook secret")}
        for headers in (wrong, {}):
            caller.post(PATH, content=json.dumps({"message": message}).encode(), headers=headers)
        self._house.settle()

    def pictures_break(self) -> None:
        """Fifty megabytes, a bomb, a cut JPEG; each with a telling name."""
        visitor = self._story.visitor()
        telling = pictures.photo(self._marks.ascii("the author of a cut picture"), size=640)
        bomb = pictures.bomb(self._marks.ascii("the author of a bomb"))
        name = f"{self._marks.ascii('the name of a bad file')}.jpg"
        page = visitor.writes((name, pictures.cut(telling)), (name, bomb))
        assert "Không mở được ảnh này" in page.text
        heavy = self._marks.ascii("inside fifty megabytes").encode() + bytes(50 * MEBIBYTE)
        form = visitor.visits("/gui-tin").forms[0].fields
        with suppress(httpx.WriteError):  # the answer comes before all is sent; the line is cut
            visitor.http.post("/gui-tin", data=form, files={"photo": (name, heavy)})

    def codes_come_in_floods(self) -> None:
        """One code after the other, from one place."""
        visitor = self._story.visitor("stranger")
        token = visitor.visits("/tra-cuu").forms[0].fields["token"]
        for _ in range(10):
            code = self._house.ward.pool.take().code
            visitor.posts("/tra-cuu", {"token": token, "code": code, "go": "look"})
        self._marks.add("the last code of a flood", code)

    def strangers_sign_in(self) -> None:
        """Passphrases are typed into the wrong field, and wrong ones into the right one."""
        nobody = self._story.officer(None, "nobody")
        told = {
            "login": f"{self._marks.ascii('a passphrase typed as a login')} sai",
            "passphrase": self._marks.ascii("a wrong passphrase"),
            "totp": self._marks.number("wrong digits", 10),
        }
        assert nobody.http.post("/api/v1/session", json=told).status_code == 401
        assert nobody.http.post("/dang-nhap", data={**told, "totp": "1"}).status_code == 401

    # --- from inside ------------------------------------------------------------------------------

    def the_database_fails(self) -> None:
        """A lock, then commits that fail, while a resident sends and an officer signs in."""
        visitor, word = self._story.visitor(), self._marks.word("words that could not be kept")
        self._marks.share("words that could not be kept", "reporter", *DESK)
        visitor.writes(what=f"kẹt {word}")
        preview = visitor.page
        for trouble in (locked, broken_commit):
            with trouble(self._house.ward.intake.database):
                visitor.page = preview
                assert visitor.presses("Gửi").status == 503
        visitor.page = preview
        visitor.presses("Gửi")
        self._story.note_code("a tip that was sent three times", visitor.code, "reporter")

    def the_code_has_faults(self) -> None:
        """Functions of ours fail with everything that they were given in the error's message."""
        visitor = self._story.visitor()
        for place in ("bot.acts.Acts.think", "bot.pages.screens.Screens.tip"):
            visitor.visits("/gui-tin")
            crash = f"lỗi {self._marks.word(f'words in a crash of {place}')}"
            with crashing(place):
                told = {"conflict": "no", "place": "phường Hoa Mẫu", "what": crash}
                assert visitor.presses("Xem lại", **told).status == 500
        with crashing("intake.vault.answers.derive"):
            assert visitor.asks(self._story.codes[0]).status == 500
        officer = self._story.officer("phuong.binh", "ward")
        tip_id = officer.queue()[0]["id"]
        told = {"version": 1, "text": self._marks.word("an answer in a crash")}
        with crashing("intake.triage.Triage.answer"):
            answer = officer.http.post(f"/api/v1/tips/{tip_id}/replies", json=told)
            assert answer.status_code == 500

    def a_chat_meets_faults(self, talker: Talker, *seen_by: str) -> None:
        talker.says("/bao").taps("Không khẩn cấp", "Đồng ý", "Không")
        shown = () if isinstance(talker, Chat) else seen_by  # the phone's page shows its own words
        with crashing("bot.acts.Acts.think"):
            talker.says(f"lỗi {self._marks.word('words in a crash in a chat', *shown)}")
        if isinstance(talker, Chat):
            self._telegram_fails(talker)
        talker.says("/huy")
        tell(talker, f"đủ {self._marks.word('words after a crash', *seen_by, *DESK)}")
        talker.says("/huy")

    def _telegram_fails(self, chat: Chat) -> None:
        """Telegram refuses, floods, answers nonsense, and is not there at all."""
        word = self._marks.word("words that Telegram throws back")
        failures: list[dict[str, Any]] = [
            {"status": 502, "description": f"Bad Gateway: {word}"},
            {"status": 400, "description": f"Bad Request: {word}"},
            {"status": 429, "description": f"Too Many Requests: {word}", "retry_after": 1},
            {"status": 200, "raw": f'{{"ok": true, "text": "{word}"'.encode()},
        ]
        for failure in failures:
            chat.server.fail("sendMessage", **failure)
            chat.says("/trogiup")
        chat.server.recover()
        chat.server.stop()
        said = f"mất {self._marks.word('words while Telegram is away', *DESK)}"
        chat.last = chat.server.says(chat.chat, said, **chat.who)
        chat.server.start()
        self._house.settle()
