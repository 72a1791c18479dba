"""The whole officers' side over a furnished ward, and browsers to try its doors with.

``phuong`` is the ward of most tests, ``xa`` another ward, ``tinh`` the unit above both.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_officer_app
from api.counters import Counters
from api.sign_in_gate import SignInGate
from intake.drafts import KeptPhoto
from intake.limits import Buckets
from intake.parts import Body, encode
from intake.upkeep.health import Figures, Health
from intake.vault import sealing
from intake.watch import Watch
from storage.drafts import PhotoRow
from tests.wards import Ward

ORIGIN = "https://desk.test"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
JPEG = b"\xff\xd8\xff\xe0 not really a picture \xff\xd9"


class WishedHealth(Health):
    """The machine's health, as a test wishes it."""

    wished: Figures | None = None

    def figures(self) -> Figures:
        return self.wished or super().figures()


@dataclass
class Desk:
    """Everything that a test of the doors may want to reach."""

    app: FastAPI
    ward: Ward
    health: WishedHealth
    counters: Counters
    waits: list[float]

    def browser(self, **headers: str) -> TestClient:
        """Return a browser without a session, which says which site its requests come from."""
        return TestClient(
            self.app, base_url=ORIGIN, headers=SAME_ORIGIN | headers, follow_redirects=False,
            raise_server_exceptions=False,
        )  # fmt: skip

    def typed(self, login: str) -> dict[str, str]:
        """Return what an officer types to sign in, with six digits never used before."""
        self.ward.clock.advance(timedelta(seconds=31))
        passphrase = self.ward.sign_ins[login].passphrase
        return {"login": login, "passphrase": passphrase, "totp": self.ward.totp(login)}

    def signed_in(self, login: str) -> TestClient:
        """Return a browser with a session; its form token goes with every request."""
        browser = self.browser()
        answer = browser.post("/api/v1/session", json=self.typed(login))
        assert answer.status_code == 201, answer.text
        browser.headers["X-Form-Token"] = answer.json()["form_token"]
        return browser

    def tip(self, **draft: Any) -> str:
        """Send a tip as a resident would and return its id."""
        before = self._ids()
        self.ward.send(**draft)
        (new,) = self._ids() - before
        return new

    def tip_with_photo(self) -> tuple[str, str]:
        """Send a tip with one picture and return the ids of both."""
        photo_id, key = secrets.token_bytes(16), secrets.token_bytes(32)
        body = sealing.seal_body(key, photo_id, encode(Body(kind="photo"), JPEG))
        later = self.ward.clock.now() + timedelta(hours=1)
        row = PhotoRow(photo_id, bytes(32), body, later)
        self.ward.intake.write_now(lambda tx: tx.drafts.add_photo(row))
        tip = self.tip(photos=(KeptPhoto(id=photo_id.hex(), key=key.hex()),))
        return tip, photo_id.hex()

    def _ids(self) -> set[str]:
        units = ("tinh", "phuong", "xa")
        now = self.ward.clock.now() + timedelta(days=1)
        with self.ward.intake.read() as view:
            rows = view.tips.queue(units, ("new", "screening", "need_info"), now, None, 100)
        return {row.id.hex() for row in rows}

    def audit(self) -> list[tuple[str, str]]:
        """Return act and subject of every audit row."""
        with self.ward.intake.read() as view:
            return [(row.act, row.subject) for row in view.audit.rows(0)]

    def officer_id(self, login: str) -> str:
        with self.ward.intake.read() as view:
            row = view.officers.by_login(login)
        assert row is not None
        return row.id.hex()


def open_desk(ward: Ward, *, demo: bool = False) -> Desk:
    """Return the officers' side; outside the demo unless asked, whatever the ward's keys say."""
    changes = {} if demo else {"demo": False, "console_url": ORIGIN}
    settings = ward.settings.model_copy(update=changes)
    health, counters, waits = WishedHealth(ward.intake), Counters(ward.clock), list[float]()

    async def note(seconds: float) -> None:
        waits.append(seconds)

    services = ward.services
    app = create_officer_app(
        people=services.people, sign_ins=services.sign_ins, triage=services.triage,
        disclosure=services.disclosure, key_acts=services.key_acts, work=services.work,
        area_imports=services.area_imports, nudges=services.nudges,
        settings=settings, clock=ward.clock, health=health,
        watch=Watch(ward.intake, services.people, services.sign_ins, ward.foundation.key_list),
        gate=SignInGate(Buckets(ward.clock), note), counters=counters,
    )  # fmt: skip
    return Desk(app, ward, health, counters, waits)
