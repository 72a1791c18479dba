"""Phường Ba Đình, installed as `docs/operate.md` says, run by three real processes.

The clock of all of them is moved by a file; Telegram is a stand-in; people sit at real doors.
"""

import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pyotp.totp import TOTP

from tests.bot.telegram_api import TOKEN
from tests.bot.telegram_server import TelegramServer
from tests.journeys.test_installation import House, Running

WARD = "00004"
_ROOT = Path(__file__).parents[2]
_ANSWERS = """\
{custody}
01
Thành phố Hà Nội
Công an thành phố Hà Nội
00004; phường Ba Đình; Công an phường Ba Đình

https://tin.thu.invalid
https://ban.thu.invalid
y


quantri
tinh.mot
Nguyễn Một
y
"""


class Town(House):
    """An installation whose clock moves and whose Telegram is a stand-in."""

    def __init__(self, folder: Path, telegram: TelegramServer, database_url: str = "") -> None:
        super().__init__(folder)
        self.telegram = telegram
        self._ahead = folder / "ahead"
        paths = [str(Path(__file__).parent / "moved"), str(_ROOT)]
        self.environment |= {
            "PYTHONPATH": os.pathsep.join(paths), "TEST_CLOCK_AHEAD": str(self._ahead),
        }  # fmt: skip
        self._settings = {
            "HOMTHU_PASSPHRASE_MEMORY_KIB": "65536", "HOMTHU_PASSPHRASE_PASSES": "2",
        }  # fmt: skip
        if database_url:
            self._settings["HOMTHU_DATABASE_URL"] = database_url

    # --- the clock --------------------------------------------------------------------------------

    def moves_to(self, moment: str) -> None:
        """Set the clock of every process; ``moment`` is Vietnamese time."""
        wanted = datetime.fromisoformat(f"{moment}+07:00")
        fresh = self._ahead.with_suffix(".new")
        fresh.write_text(str((wanted - datetime.now(UTC)).total_seconds()))
        fresh.replace(self._ahead)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._ahead.read_text()))

    # --- installing -------------------------------------------------------------------------------

    def installs(self) -> None:
        """Do what sections 1 and 2 of the page say, up to the lists."""
        offline = self.folder / "offline"
        self.types("custody", "new", "--shares", "3-of-5", "--out", str(offline))
        self.types("backup", "new-key", "--out", str(self.folder / "usb"))
        self.environment |= self._settings  # not before: offline keys belong on another machine
        told = _ANSWERS.format(custody=offline / "custody-public.json")
        where = ("--dir", str(self.config.parent), "--state-dir", str(self.state))
        self.types("init", *where, answers=told)
        token = self.folder / "telegram.token"
        token.write_text(TOKEN)
        token.chmod(0o600)
        with self.config.open("a") as written:
            written.write(f"""
[telegram]
token_file = "{token}"
name = "hom_thu_bot"
base_url = "{self.telegram.base_url}"
base_file_url = "{self.telegram.base_file_url}"
""")
        assert "125 xã" in self.does("areas", "country", "--province", "01")

    def does(self, *words: str, code: int = 0) -> str:
        """Run a command of this installation."""
        return self.types(*words, "--config", str(self.config), code=code)


class Parts(Running):
    """`homthu run` before there is a key list: the work side does not wait for it."""

    door = "healthz"

    def __init__(self, town: Town) -> None:
        super().__init__(town)
        self._browsers: list[httpx.Client] = []

    def __exit__(self, *told: object) -> None:
        for each in self._browsers:
            each.close()
        super().__exit__(*told)

    def browser(self, port: int, address: str) -> httpx.Client:
        """Return a browser that comes through a proxy, and follows where it is sent."""
        opened = httpx.Client(
            transport=Proxy(port), base_url=address, follow_redirects=True, timeout=30,
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        self._browsers.append(opened)
        return opened


# --- people at the doors --------------------------------------------------------------------------


class Proxy(httpx.BaseTransport):
    """Stands where nginx does: takes https from a browser and hands it on."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        there = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        headers = {**request.headers, "host": request.url.host, "x-forwarded-for": "203.0.113.9"}
        return self._inner.handle_request(
            httpx.Request(
                request.method, there, headers=headers, stream=request.stream,
                extensions=request.extensions,
            )
        )  # fmt: skip

    def close(self) -> None:
        self._inner.close()


class Clerk:
    """Trần Lan at the console."""

    def __init__(self, town: Town, running: Parts) -> None:
        self._town = town
        self.web = running.browser(running.officer, "https://ban.thu.invalid")

    def sets_up(self, link: str) -> None:
        """Follow the one-time link to its end."""
        page = self.web.post(link).text
        self._passphrase, secret = re.findall(r'class="secret">([^<]+)<', page)
        self._totp = TOTP(secret.replace(" ", ""))
        ticket = _one(r'name="ticket" value="([^"]+)"', page)
        typed = {"ticket": ticket, "passphrase": self._passphrase, "totp": self._digits()}
        assert "Thiết lập xong" in self.web.post(link, data=typed).text

    def signs_in(self, *, after: timedelta = timedelta()) -> None:
        """Sign in with six digits; ``after``: with those that the phone shows a little later."""
        digits = self._totp.at(self._town.now() + after)
        typed = {"login": "lan", "passphrase": self._passphrase, "totp": digits}
        answer = self.web.post("/api/v1/session", json=typed)
        assert answer.status_code == 201, answer.text
        self.web.headers["X-Form-Token"] = answer.json()["form_token"]

    def _digits(self) -> str:
        return self._totp.at(self._town.now())

    def reads(self, path: str, **asked: str) -> str:
        answer = self.web.get(path, params=asked or None)
        assert answer.status_code == 200, answer.text
        return answer.text

    def sends(self, path: str, **fields: str) -> httpx.Response:
        return self.web.post(path, data=fields)

    def adds(self, name: str, address_as: str, owner_id: str) -> str:
        """Add a leader; return where their page is."""
        typed = {"name": name, "address_as": address_as, "owner_id": owner_id, "part": "head"}
        return self.sends("/viec/nguoi", **typed).url.path

    def invites(self, page: str) -> str:
        """Return the code that the ward gives to a leader."""
        return _one(r"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})", self.sends(f"{page}/moi").text)

    def files(self, owner_id: str, day: str, people: str, **more: str) -> httpx.Response:
        """File by phone what a leader told."""
        told = {"owner_id": owner_id, "kind": "outreach", "done_on": day, "people": people}
        return self.sends(
            "/viec/ghi", **told | {"once": secrets.token_hex(12), "sure": "yes"} | more
        )


class Leader:
    """Somebody on the leaders' page, without a script."""

    def __init__(self, running: Parts) -> None:
        self.web = running.browser(running.public, "https://tin.thu.invalid")
        self.page = self.web.get("/viec").text

    def presses(self, label: str, files: Mapping[str, Any] | None = None, **typed: str) -> str:
        """Press the first button with this label, in its own form; return the page."""
        forms = re.findall(r"<form.*?</form>", self.page, re.DOTALL)
        form = next(each for each in forms if re.search(rf">\s*{label}\s*</button>", each))
        button = _one(rf"<button([^>]*)>\s*{label}\s*</button>", form)
        fields = {"token": _one(r'name="token" value="([^"]+)"', form)} | typed
        fields[_one(r'name="([^"]+)"', button)] = _one(r'value="([^"]+)"', button)
        answer = self.web.post("/viec", data=fields, files=files)
        assert answer.status_code == 200, answer.text
        self.page = answer.text
        return self.page

    def says(self, text: str, **files: Any) -> str:
        return self.presses("Gửi", files or None, text=text)


@dataclass
class Chat:
    """Somebody on Telegram."""

    town: Town
    number: int

    def says(self, text: str, expecting: str) -> str:
        """Write; return the first new message of the bot that holds these words."""
        seen = self._newest
        self.town.telegram.says(self.number, text)
        return self.hears(expecting, seen)

    def shows(self, picture: bytes, caption: str, expecting: str) -> str:
        seen = self._newest
        self.town.telegram.sends_photo(self.number, picture, caption)
        return self.hears(expecting, seen)

    def taps(self, label: str, expecting: str) -> str:
        """Tap the newest button with this label."""
        seen = self._newest
        data, message = next(
            (button["callback_data"], message.id)
            for message in reversed(self.town.telegram.messages(self.number))
            for button in message.buttons
            if button["text"].startswith(label)
        )
        self.town.telegram.taps(self.number, data, message)
        return self.hears(expecting, seen)

    def hears(self, words: str, after: int | None = None) -> str:
        """Wait for a message that holds these words."""
        newest = self._newest if after is None else after
        new: list[str] = []

        def found() -> str | None:
            new[:] = [m.text for m in self.town.telegram.messages(self.number) if m.id > newest]
            return next((text for text in new if words in text), None)

        try:
            return str(self.town.telegram.until(found, 60))
        except AssertionError:
            raise AssertionError(f"not {words!r}, but {new}") from None

    @property
    def _newest(self) -> int:
        return max((m.id for m in self.town.telegram.messages(self.number)), default=0)


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    assert found, (pattern, sys.getsizeof(text))
    return found[1]
