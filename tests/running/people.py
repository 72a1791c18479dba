"""The people around a running house: at the web page, at the demo phone, on Telegram, at the desk.

Everything they do goes over HTTP, as a browser, a phone or a platform would send it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pyotp

from tests.bot.resident import Page
from tests.bot.telegram_shapes import BotMessage
from tests.running.house import House

AWAY = "Mozilla/5.0 (Linux; Android 14)"
Named = tuple[str, bytes]  # file name, bytes


class Visitor:
    """Somebody with a browser without scripts and cookies."""

    def __init__(self, house: House, role: str = "reporter", address: str = "198.51.100.9") -> None:
        self.http = house.caller(role, User_Agent=AWAY, X_Forwarded_For=address)
        self.page: Page

    def visits(self, path: str) -> Page:
        self.page = Page(self.http.get(path))
        return self.page

    def presses(self, button: str, *pictures: Named, **typed: str) -> Page:
        """Fill the form that has this button, and press it."""
        assert button in self.page.buttons(), (button, self.page.status, self.page.text)
        form = self.page.form_with(button)
        name, value = form.buttons[button]
        return self.posts(form.action, {**form.fields, **typed, name: value}, *pictures)

    def posts(self, path: str, fields: Mapping[str, str], *pictures: Named) -> Page:
        files = [("photo", (name, data, "image/jpeg")) for name, data in pictures]
        nothing = [("photo", ("", b"", "application/octet-stream"))]
        self.page = Page(self.http.post(path, data=dict(fields), files=files or nothing))
        return self.page

    def writes(self, *pictures: Named, path: str = "/gui-tin", **typed: str) -> Page:
        """Open the form and fill it in; unnamed answers have quiet values."""
        self.visits(path)
        quiet = {"conflict": "no", "place": "phường Hoa Mẫu", "what": "có người bán ở quán nước"}
        return self.presses("Xem lại", *pictures, **(quiet | typed))

    def asks(self, code: str) -> Page:
        """Look a code up."""
        self.visits("/tra-cuu")
        return self.presses("Xem", code=code)

    @property
    def code(self) -> str:
        """The 24 digits on the receipt."""
        inside = self.page.source.partition('class="code"')[2].partition("</ol>")[0]
        return "".join(re.findall(r"<li>(\d{4})</li>", inside))


class Handset:
    """The demo phone, as its page uses it."""

    def __init__(self, house: House, role: str = "reporter", address: str = "198.51.100.9") -> None:
        self._house = house
        self.http = house.caller(role, X_Forwarded_For=address)
        self.address = self._post("may", {})["phone"]
        self.status = 200

    def says(self, *texts: str) -> "Handset":
        for text in texts:
            self.does(text=text)
        return self

    def does(self, **what: Any) -> str:
        """Do one thing; returns the message's id."""
        told = self._post("noi", {"phone": self.address, **what})
        self._house.settle()
        return str(told.get("id", ""))

    def taps(self, *labels: str) -> "Handset":
        for label in labels:
            self.does(choice=self.token(label))
        return self

    def shows(self, *pictures: Named, caption: str = "") -> dict[str, Any]:
        answer = self.http.post(
            "/dien-thoai/anh",
            data={"phone": self.address, "text": caption},
            files=[("photo", (name, data, "image/jpeg")) for name, data in pictures],
        )
        self.status = answer.status_code
        self._house.settle()
        return answer.json() if answer.is_success else {}

    def token(self, label: str) -> str:
        return next(
            button["token"]
            for message in reversed(self.screen)
            for button in message.get("buttons", ())
            if button["label"] == label
        )

    @property
    def screen(self) -> list[dict[str, Any]]:
        """What stands in the chat now."""
        told = self._post("nghe", {"phone": self.address, "seen": 0})
        shown = [change["put"] for change in told["changes"] if "put" in change]
        return list({message["id"]: message for message in shown}.values())

    @property
    def hears(self) -> str:
        """What the bot said last."""
        return next((m["text"] for m in reversed(self.screen) if m["from"] == "bot"), "")

    @property
    def code(self) -> str:
        return code_in([message["text"] for message in self.screen])

    def _post(self, name: str, told: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(f"/dien-thoai/{name}", json=told)
        self.status = answer.status_code
        return answer.json() if answer.is_success else {}


class Chat:
    """A private chat on Telegram."""

    def __init__(self, house: House, chat: int) -> None:
        assert house.telegram is not None
        self._house = house
        self.server = house.telegram
        self.chat = chat
        self.who: dict[str, Any] = {}  # what Telegram tells of this person with every message

    def says(self, *texts: str) -> "Chat":
        for text in texts:
            self.last = self.server.says(self.chat, text, **self.who)
            self._house.settle()
        return self

    def taps(self, *labels: str) -> "Chat":
        for label in labels:
            self.server.taps(self.chat, self.token(label))
            self._house.settle()
        return self

    def edits(self, text: str) -> "Chat":
        """Change the words said last."""
        self.server.edits(self.chat, self.last, text)
        self._house.settle()
        return self

    def shows(self, data: bytes, caption: str | None = None) -> "Chat":
        self.server.sends_photo(self.chat, data, caption)
        self._house.settle()
        return self

    def hands(self, data: bytes, name: str, kind: str = "image/jpeg") -> "Chat":
        """Send a file."""
        self.server.sends_document(self.chat, data, kind, name)
        self._house.settle()
        return self

    def pushes(self, **message: Any) -> "Chat":
        """Send any kind of message."""
        self.server._message(self.chat, self.who | message)
        self._house.settle()
        return self

    def token(self, label: str) -> str:
        for message in reversed(self.screen):
            for button in message.buttons:
                if button["text"] == label:
                    return button["callback_data"]
        raise AssertionError(f"no button {label}: {self.hears}")

    @property
    def screen(self) -> list[BotMessage]:
        return self.server.messages(self.chat)

    @property
    def hears(self) -> str:
        """What the bot said last."""
        return self.screen[-1].text if self.screen else ""

    @property
    def code(self) -> str:
        return code_in([message.text for message in self.screen])


def tell(person: "Chat | Handset", what: str = "bán ma tuý ở quán nước", **told: str) -> None:
    """Go from the welcome to the preview, at a chat of either kind."""
    person.says("/bao").taps("Không khẩn cấp", "Đồng ý", "Không")
    person.says(what, told.get("place", "phường Hoa Mẫu"), told.get("where", "số 5 ngõ 12"))
    person.says(told["when"]) if "when" in told else person.taps("Hay buổi tối")
    if "more" in told:
        person.says(told["more"])
    person.taps("Xem lại và gửi")


def code_in(texts: Sequence[str]) -> str:
    """Return the newest receipt code in what a bot wrote."""
    for text in reversed(texts):
        if found := re.search(r"\d{4}( \d{4}){5}", text):
            return found[0].replace(" ", "")
    return ""


class Officer:
    """Somebody at the officers' desk; ``http`` carries session and form token."""

    def __init__(
        self, house: House, login: str | None, role: str, address: str = "198.51.100.20"
    ) -> None:
        self._house = house
        self.login = login
        self.http: httpx.Client = house.caller(
            role, "officer", Sec_Fetch_Site="same-origin", X_Forwarded_For=address
        )
        self.cookie = self.form_token = ""
        if login is not None:
            self.sign_in()

    def typed(self) -> dict[str, str]:
        """Return what this officer types to sign in, with six digits never used before."""
        ward = self._house.ward
        ward.clock.advance(timedelta(seconds=31))
        who = ward.sign_ins[self.login or ""]
        digits = pyotp.TOTP(who.totp_secret).at(ward.clock.now())
        return {"login": who.login, "passphrase": who.passphrase, "totp": digits}

    def sign_in(self) -> httpx.Response:
        self.http.cookies.clear()
        self.http.headers.pop("Cookie", None)
        answer = self.http.post("/api/v1/session", json=self.typed())
        assert answer.status_code == 201, answer.text
        pair = answer.headers["set-cookie"].partition(";")[0]
        self.cookie = pair.partition("=")[2]
        self.form_token = answer.json()["form_token"]
        self.http.cookies.clear()  # a secure cookie does not travel over plain loopback by itself
        self.http.headers.update({"Cookie": pair, "X-Form-Token": self.form_token})
        return answer

    def queue(self) -> list[dict[str, Any]]:
        return self.http.get("/api/v1/tips").json()["rows"]

    def opens(self, tip_id: str) -> dict[str, Any]:
        return self.http.post(f"/api/v1/tips/{tip_id}/openings", json={}).json()

    def answers(self, tip_id: str, text: str, *, ask: bool = False) -> int:
        version = self.opens(tip_id)["version"]
        told = {"version": version, "text": text, "ask": ask}
        return self.http.post(f"/api/v1/tips/{tip_id}/replies", json=told).status_code
