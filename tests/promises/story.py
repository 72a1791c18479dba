"""Everybody who meets a running house, in every flow; everything telling about them is a mark.

Each word, number and name is made for the person who gives it, together with who may read it. What
goes wrong in a house stands in `tests.promises.failures`.
"""

import json
from datetime import timedelta
from pathlib import Path

import pyotp

from intake import receipts
from tests.bot.telegram_server import TOKEN
from tests.running import pictures
from tests.running.house import SECRET, House
from tests.running.marks import Marks
from tests.running.people import Chat, Handset, Officer, Visitor, tell

DESK = ("ward", "above")
Talker = Chat | Handset
_UNITS = ("tinh", "phuong", "xa")
_OPEN = ("new", "screening", "need_info", "grounded", "acting")


class Story:
    """The people, the marks that they carry, and the codes that they were given."""

    def __init__(self, house: House, marks: Marks) -> None:
        self.house = house
        self.marks = marks
        self.codes: list[str] = []
        self.chats: list[str] = []
        self._mark_the_secrets_of_the_house()

    def _mark_the_secrets_of_the_house(self) -> None:
        add = self.marks.add
        add("the bot's token", TOKEN)
        add("the bot's token, its second half", TOKEN.partition(":")[2])
        add("the webhook's secret", SECRET, "chat itself")
        for path in sorted(self.house.settings.keys.glob("*.key")):
            if path != self._session_file:
                add(path.name, bytes.fromhex(path.read_text().strip()))
        self.mark_session_keys("at the start")
        for login, who in self.house.ward.sign_ins.items():
            add(f"the passphrase of {login}", who.passphrase)
            add(f"the second factor of {login}", who.totp_secret)

    def mark_session_keys(self, when: str) -> None:
        for number, (key, _) in enumerate(json.loads(self._session_file.read_text())):
            self.marks.add(f"session key {number} {when}", bytes.fromhex(key))

    @property
    def _session_file(self) -> Path:
        return self.house.settings.key_file("session.key")

    # --- people -----------------------------------------------------------------------------------

    def visitor(self, role: str = "reporter") -> Visitor:
        """Somebody with a browser and a network address."""
        return Visitor(self.house, role, self.marks.address("a resident's address"))

    def handset(self) -> Handset:
        """Somebody at the demo phone."""
        return Handset(self.house, "phone", self.marks.address("a phone's address"))

    def chat(self, name: str) -> Chat:
        """Somebody with a Telegram account that tells everything about them."""
        number = self.marks.number(f"the chat id of {name}", 13)
        self.marks.share(f"the chat id of {name}", f"chat {number}")
        self.chats.append(f"chat {number}")
        chat = Chat(self.house, int(number))
        chat.who = {
            "from": {
                "id": int(number),
                "is_bot": False,
                "first_name": self.marks.word(f"the first name of {name}"),
                "last_name": self.marks.word(f"the last name of {name}"),
                "username": self.marks.ascii(f"the user name of {name}"),
                "language_code": "vi",
            },
        }
        return chat

    def officer(self, login: str | None, role: str) -> Officer:
        officer = Officer(self.house, login, role, self.marks.address("an officer's address"))
        if login:
            self.marks.add(f"a cookie of {login}", officer.cookie, role)
            self.marks.add(f"a form token of {login}", officer.form_token, role)
        return officer

    def note_code(self, name: str, code: str, *seen_by: str) -> str:
        assert len(code) == 24, name
        self.codes.append(code)
        return self.marks.add(f"the code of {name}", code, *seen_by)

    # --- the web page -----------------------------------------------------------------------------

    def a_tip_on_the_page(self) -> str:
        """A tip with pictures, changed before it goes; returns its code."""
        words, visitor, mine = self.marks.word, self.visitor(), ("reporter", *DESK)
        telling = pictures.photo(
            self.marks.ascii("the author in EXIF"),
            self.marks.ascii("the place in EXIF"),
            self.marks.ascii("the comment of a JPEG"),
        )
        drawn = pictures.drawing(self.marks.ascii("the author in a PNG"))
        visitor.writes(
            (f"{self.marks.ascii('a file name')}.jpg", telling),
            (f"{words('a file name in Vietnamese')}.png", drawn),
            what=f"lần đầu {words('the first words', 'reporter')} ở quán nước",
            where=words("where", *mine),
            when=words("when", *mine),
        )
        self.mark_the_form(visitor)
        visitor.presses("Sửa")
        visitor.presses("Xem lại", what=f"bán hàng {words('what', *mine)} mỗi tối")
        assert "Số ảnh: 2" in visitor.page.text
        visitor.presses("Gửi")
        code = self.note_code("the page", visitor.code, "reporter")
        visitor.presses("Đã chép xong")
        return code

    def an_addition_on_the_page(self, code: str) -> None:
        visitor = self.visitor()
        visitor.asks(code)
        added = self.marks.word("the addition", "reporter", *DESK)
        telling = pictures.photo(self.marks.ascii("the author of an added picture"))
        name = f"{self.marks.ascii('the name of an added file')}.jpg"
        page = visitor.presses("Gửi thêm", (name, telling), add=f"xe {added} tới")
        assert "Đã nhận phần bạn gửi thêm" in page.text
        visitor.presses("Xong")

    def a_tip_about_an_officer(self) -> None:
        visitor = self.visitor()
        words = self.marks.word("the words about an officer", "reporter", "above")
        visitor.writes(what=f"cán bộ {words} nhận tiền", conflict="yes")
        visitor.presses("Gửi lên trên")
        visitor.presses("Gửi")
        self.note_code("the tip about an officer", visitor.code, "reporter")

    def tips_that_are_not_sent(self) -> None:
        visitor = self.visitor()
        visitor.writes(what=f"thôi {self.marks.word('a cancelled tip', 'reporter')}")
        visitor.presses("Hủy")
        visitor.writes(what=f"bỏ dở {self.marks.word('an abandoned tip', 'reporter')}")
        self.mark_the_form(visitor)

    def codes_that_are_wrong(self) -> None:
        visitor = self.visitor("stranger")
        wrong = self.marks.add("a mistyped code", mistyped(receipts.new_code()))
        assert visitor.asks(wrong).status == 422
        unknown = self.house.ward.pool.take().code
        self.marks.add("an unknown code", unknown)
        visitor.asks(" ".join(unknown[at : at + 4] for at in range(0, 24, 4)))
        more = self.marks.word("words under an unknown code", "stranger", "above")
        assert "Đã nhận" in visitor.presses("Gửi thêm", add=f"thấy {more} ở cầu").text

    def mark_the_form(self, visitor: Visitor) -> None:
        """Mark a form's token, and the name of the draft behind it."""
        token = visitor.page.forms[0].fields["token"]
        self.marks.add("a form's token", token, "reporter")
        keys, now = self.house.ward.session_keys, self.house.ward.clock.now()
        self.marks.add("the name of a form's draft", keys.read_form_token(token, now))

    # --- chats ------------------------------------------------------------------------------------

    def a_tip_in(self, talker: Talker, *seen_by: str) -> None:
        """A tip up to its preview, with pictures and an edit."""
        words, mine = self.marks.word, (*seen_by, *DESK)
        typed = () if isinstance(talker, Chat) else seen_by  # a phone's page shows its own words
        talker.says("/bao", f"tôi {words('words before consent', *typed)} thấy")
        talker.taps("Không khẩn cấp", "Đồng ý", "Không")
        talker.says(f"thấy {words('what, in a chat', *mine)} ở chợ", "phường Hoa Mẫu")
        talker.says(f"hẻm {words('where, in a chat', *mine)}")
        talker.says(f"hôm {words('when, in a chat', *mine)}")
        picture = pictures.photo(
            self.marks.ascii("the author of a chat picture"),
            self.marks.ascii("the place of a chat picture"),
        )
        if isinstance(talker, Chat):
            talker.shows(picture, f"xe {words('a caption', *mine)}")
            talker.hands(picture, f"{self.marks.ascii('a document name')}.jpg")
            talker.says(f"thêm {words('more, before the edit')}")
            talker.edits(f"thêm {words('more, edited', *mine)}")
            self._everything_else(talker)
        else:
            name = f"{self.marks.ascii('a file name on the phone')}.jpg"
            talker.shows((name, picture), caption=f"xe {words('a caption', *mine)}")
            first = talker.does(text=f"thêm {words('more, before the edit', *seen_by)}")
            talker.does(text=f"thêm {words('more, edited', *mine)}", edits=first)
        talker.taps("Xem lại và gửi")

    def _everything_else(self, chat: Chat) -> None:
        """Contact, place, voice, poll, sticker, an ID card, a document."""
        word, ascii_, number = self.marks.word, self.marks.ascii, self.marks.number
        contact = {"phone_number": f"+{number('a phone number', 11)}"}
        name, known = word("a contact's name"), int(number("a contact's id", 13))
        chat.pushes(contact={**contact, "first_name": name, "user_id": known})
        latitude, longitude = number("a latitude", 9), number("a longitude", 9)
        place = {"latitude": float(f"21.{latitude}"), "longitude": float(f"105.{longitude}")}
        chat.pushes(location=place)
        title, street = word("a venue"), word("a street")
        chat.pushes(location=place, venue={"location": place, "title": title, "address": street})
        voice = {"file_id": ascii_("a voice's id"), "file_unique_id": "v", "duration": 3}
        chat.pushes(voice=voice, caption=word("a voice's caption"))
        poll = {"id": "1", "question": word("a poll"), "options": [], "type": "regular"}
        flags = {
            "is_closed": False,
            "is_anonymous": True,
            "allows_multiple_answers": False,
            "allows_revoting": False,
        }
        chat.pushes(poll={**poll, **flags, "members_only": False, "total_voter_count": 0})
        sticker = {
            "file_id": "s",
            "file_unique_id": "s",
            "type": "regular",
            "width": 1,
            "height": 1,
        }
        name = ascii_("a set of stickers")
        plain = {**sticker, "height": 1, "is_animated": False, "is_video": False}
        chat.pushes(sticker={**plain, "set_name": name})
        chat.shows(pictures.photo(), f"căn cước của {word('an ID card')}")
        chat.hands(b"%PDF-1.7", f"{ascii_('a PDF name')}.pdf", "application/pdf")
        sender = {"type": "hidden_user", "sender_user_name": word("a forwarder"), "date": 1}
        chat.pushes(forward_origin=sender, sticker=plain)

    def push_and_copy(self, talker: Talker, *seen_by: str) -> str:
        """Send what stands in the preview, ask to be told of answers, copy the code."""
        talker.taps("Gửi", "Báo khi có trả lời", "Bật")
        code = self.note_code("a chat that asked for push", talker.code, *seen_by)
        talker.taps("Đã chép xong")
        return code

    def a_named_tip(self, chat: Chat, *seen_by: str) -> None:
        """A tip whose reporter leaves a name: sealed apart, for nobody here."""
        tell(chat, f"tin {self.marks.word('the words of a named tip', *seen_by, *DESK)}")
        chat.taps("Nhờ bảo vệ", "Để lại liên hệ")
        name, phone = self.marks.word("the name left"), self.marks.number("the phone left", 10)
        chat.says(f"{name} {phone}").taps("Gửi")
        self.note_code("the named tip", chat.code, *seen_by)
        chat.taps("Đã chép xong")

    def drafts_that_are_dropped(self, talker: Talker, *seen_by: str) -> None:
        """/xoa, /dung, /huy, each in the middle of a draft."""
        for command in ("/xoa", "/dung", "/huy"):
            tell(talker, f"bỏ {self.marks.word(f'a draft before {command}', *seen_by)}")
            talker.says(command)

    def a_group(self) -> None:
        assert self.house.telegram is not None
        number = self.marks.number("a group's id", 13)
        self.marks.share("a group's id", f"chat -{number}")
        title, said = self.marks.word("a group's name"), self.marks.word("words in a group")
        where = {"id": -int(number), "type": "supergroup", "title": title}
        for at in (1, 2):
            message = {"message_id": at, "date": 1, "chat": where, "text": said}
            self.house.telegram.push({"message": message})
        self.house.settle()

    def an_answer_is_read(self, talker: Talker, code: str, *seen_by: str) -> None:
        """/xem and the code, an addition, a word that betrays, and goodbye."""
        talker.says(f"/xem {code}")
        talker.says(f"thêm {self.marks.word('an addition in a chat', *DESK)}")
        kept = self.marks.word("words cut from an addition", *DESK)
        talker.says(f"sau nhà tôi tối nào cũng có {kept}")
        talker.taps("Bỏ chỗ đó", "Xong")

    # --- the desk ---------------------------------------------------------------------------------

    def the_desk_works(self) -> None:
        """Open, answer, ask, take, move: over JSON and over the pages."""
        ward, above = self.officer("phuong.binh", "ward"), self.officer("tinh.an", "above")
        readers = (*DESK, "reporter", "phone", *self.chats)
        for number, row in enumerate(ward.queue()):
            assert ward.http.get(f"/tin/{row['id']}").status_code == 200
            for message in ward.opens(row["id"])["messages"]:
                for photo in message["photo_ids"]:
                    path = f"/api/v1/tips/{row['id']}/photos/{photo}"
                    assert ward.http.get(f"/tin/{row['id']}/anh/{photo}").status_code == 200
                    assert above.http.get(path).status_code == 200
            reply = self.marks.word("an officer's answer", *readers)
            assert ward.answers(row["id"], f"cảm ơn {reply}", ask=number == 1) == 204
            self._moves_over_the_pages(ward, row["id"])
        for row in above.queue():
            above.opens(row["id"])
        assert ward.http.get("/hang-tin").status_code == 200
        tip_id = above.queue()[-1]["id"]
        told = {"version": above.opens(tip_id)["version"], "reason": "da_xu_ly"}
        assert above.http.post(f"/api/v1/tips/{tip_id}/closing", json=told).status_code == 204

    def _moves_over_the_pages(self, officer: Officer, tip_id: str) -> None:
        for act, fields in (("nhan", {}), ("trang-thai", {"state": "grounded"})):
            form = {"version": officer.opens(tip_id)["version"], "form_token": officer.form_token}
            moved = officer.http.post(f"/tin/{tip_id}/{act}", data=form | fields)
            assert moved.status_code == 303, act

    def a_newcomer_gets_the_key(self) -> None:
        """An account, its one-time link, passphrase and second factor, "Trao khóa"."""
        ward, new = self.officer("phuong.chi", "ward"), self.officer(None, "newcomer")
        asked = {"unit_id": "phuong", "login": "phuong.moi", "name": "Mới"}
        link = ward.http.post("/api/v1/officers", json=asked).json()["token"]
        self.marks.add("a one-time link", link, "ward", "newcomer")
        new.http.get(f"/thiet-lap/{link}")
        drawn = new.http.post("/api/v1/setup", json={"token": link}).json()
        for name in ("passphrase", "totp_secret", "ticket"):
            self.marks.add(f"the newcomer's {name}", drawn[name], "newcomer")
        digits = pyotp.TOTP(drawn["totp_secret"]).at(self.house.ward.clock.now())
        told = {"token": link, "ticket": drawn["ticket"], "passphrase": drawn["passphrase"]}
        made = new.http.post("/api/v1/setup/finish", json={**told, "totp": digits})
        assert made.status_code == 200, made.text
        spoken = {"fingerprint": made.json()["fingerprint"]}
        path = f"/api/v1/officers/{made.json()['id']}/key"
        assert ward.http.post(path, json=spoken).status_code == 204

    def others_look_around(self) -> None:
        """The other ward, an administrator and nobody try every address with a tip's id."""
        with self.house.ward.intake.read() as view:
            later = self.house.ward.clock.now() + timedelta(days=1)
            tips = view.tips.queue(_UNITS, _OPEN, later, None, 100)
            parts = {
                tip.id.hex(): [p.id.hex() for p in view.parts.of_tip(tip.id, None)] for tip in tips
            }
        for login, role in (("xa.dung", "other ward"), ("quantri", "admin"), (None, "nobody")):
            officer = self.officer(login, role)
            for path in ("/", "/hang-tin", "/can-bo", "/tro-giup", "/khoa/yeu-cau"):
                officer.http.get(path)
            for path in ("tips", "officers", "key-acts", "session", "closing-reasons"):
                officer.http.get(f"/api/v1/{path}")
            for tip_id, part_ids in parts.items():
                officer.http.get(f"/tin/{tip_id}")
                officer.http.post(f"/api/v1/tips/{tip_id}/openings", json={})
                officer.http.get(f"/tin/{tip_id}/anh/{part_ids[0]}")

    def machines_look(self) -> None:
        for door, paths in (
            ("public", ("/healthz", "/readyz", "/", "/static/page.css")),
            ("officer", ("/healthz", "/readyz", "/api/v1/openapi.json")),
            ("metrics", ("/metrics",)),
        ):
            machine = self.house.caller("machine", door)
            assert all(machine.get(path).is_success for path in paths)

    # --- the night --------------------------------------------------------------------------------

    def the_night_comes(self) -> None:
        """Drafts run out, keys turn, rows are mixed, notices go out."""
        ward, jobs = self.house.ward, self.house.jobs.jobs
        ward.clock.advance(minutes=50)
        self.house.call(self.house.bot.dialogue.sweep())
        ward.clock.advance(hours=30)
        self.house.call(self.house.bot.dialogue.sweep())
        for job in (
            jobs.end_idle_sessions,
            jobs.tell_of_answers,
            jobs.forget_old_addresses,
            jobs.mix_arrivals,
            jobs.vouch_for_audit,
        ):
            self.house.call(job())
        self.mark_session_keys("after the turn")


def mistyped(code: str) -> str:
    """Return a code with a wrong last digit: of random digits, one in a hundred would be right."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)
