"""A furnished installation for tests: a province, a ward, a commune, their keys and their people.

Built through the same acts as a real one (`api.demo_ward`), with a cheap passphrase cost. Keys are
made once per test session; each test gets its own database.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Table
from sqlmodel import SQLModel

from api.demo_ward import Furnisher, SignIn
from api.services import Services, open_services
from intake.drafts import TipDraft
from intake.follow_up import FollowUp
from intake.foundation import ROOT_PUBLIC, Foundation
from intake.founding import CUSTODY_PUBLIC
from intake.keyfiles import make_server_keys, write_secret
from intake.keylist import KeyList, read_key_file
from intake.officers import Session
from intake.places import Places
from intake.service import Intake
from intake.settings import Settings
from intake.tips import Tips
from intake.vault.answers import CodePool
from intake.vault.custody import Custody, new_custody
from intake.vault.drafts import SessionKeys
from intake.vault.key_pairs import PublicKey
from intake.vault.officer_keys import fingerprint
from storage.database import Database
from storage.unit_of_work import Tx
from tests.clocks import FixedClock

CHEAP = {"passphrase_memory_kib": 64, "passphrase_passes": 1}
"""A passphrase that costs nothing to try: far below what any installation may set."""

WARD_AREA, COMMUNE_AREA, CLOSED_AREA = "D1-01", "D1-02", "D1-03"


def settings_for(folder: Path, database: Database, **changes: object) -> Settings:
    """Return cheap demo-marked settings over a database."""
    values: dict[str, object] = {
        "state_dir": folder,
        "demo": True,
        "database_url": database.url.render_as_string(hide_password=False),
        "base_url": "http://127.0.0.1:8080",
        "console_url": "http://127.0.0.1:8081",
        "release_minutes": 0,
        "hotline": "0200 000 113",
    }
    return Settings(**(values | changes)).model_copy(update=CHEAP)  # type: ignore[arg-type]


class _Stepping:
    """The furnisher's clock over the test's: it steps the fixed clock itself."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock

    def now(self):
        return self._clock.now()

    def step(self) -> None:
        self._clock.advance(timedelta(minutes=1))


@dataclass
class Ward:
    """Everything a test may want of one installation."""

    foundation: Foundation
    services: Services
    sign_ins: dict[str, SignIn]
    custody: Custody
    clock: FixedClock
    pool: CodePool
    tips: Tips
    follow_up: FollowUp

    @property
    def intake(self) -> Intake:
        return self.foundation.intake

    @property
    def settings(self) -> Settings:
        return self.foundation.settings

    @property
    def session_keys(self) -> SessionKeys:
        return SessionKeys.load(self.settings.key_file("session.key"))

    def totp(self, login: str) -> str:
        return pyotp.TOTP(self.sign_ins[login].totp_secret).at(self.clock.now())

    def sign_in(self, login: str) -> Session:
        """Sign an officer in, one second-factor step later than anything before."""
        self.clock.advance(timedelta(seconds=31))
        who = self.sign_ins[login]
        signed_in = self.services.sign_ins.sign_in(login, who.passphrase, self.totp(login))
        self.services.key_acts.settle(signed_in.session)
        return signed_in.session

    def spoken(self, officer_id: str) -> str:
        """Return the digits that an officer reads aloud from their own page."""
        with self.intake.read() as view:
            row = view.officers.get(bytes.fromhex(officer_id))
        assert row is not None
        assert row.public_key is not None
        return fingerprint(PublicKey.from_bytes(row.public_key))

    def send(self, **draft: object) -> str:
        """Submit a tip and return its code."""
        values: dict[str, object] = {"what": "bán ma tuý", "area_id": WARD_AREA}
        prepared = self.tips.prepare(TipDraft(**(values | draft)))  # type: ignore[arg-type]
        self.intake.write_now(prepared.add)
        return prepared.code


@dataclass
class Template:
    """A furnished SQLite database and its keys, made once per test session."""

    folder: Path
    database: Database
    sign_ins: dict[str, SignIn]
    custody: Custody
    moment: datetime
    demo: bool


def make_template(folder: Path, *, demo: bool = True) -> Template:
    """Make keys, areas, units and officers once."""
    database = Database(f"sqlite:///{folder / 'template.db'}")
    database.upgrade()
    clock = FixedClock()
    settings = settings_for(folder, database, demo=demo)
    make_server_keys(settings.keys, clock.now())
    custody = new_custody(rehearsal=demo)
    (settings.keys / CUSTODY_PUBLIC).write_text(custody.public.model_dump_json())
    write_secret(settings.keys / ROOT_PUBLIC, custody.public.root)
    ground = _lay(settings, database, clock)
    services = open_services(ground, pause=lambda _: None)
    sign_ins = Furnisher(services, ground.key_list, custody, _Stepping(clock)).furnish()
    by_login = {one.login: one for one in sign_ins}
    return Template(folder, database, by_login, custody, clock.now(), demo)


def _lay(settings: Settings, database: Database, clock: FixedClock) -> Foundation:
    intake = Intake(database, clock)
    key_list = KeyList(intake, settings, read_key_file(settings, ROOT_PUBLIC))
    return Foundation(settings, clock, intake, key_list, Places(intake))


@cache
def _rows(template: Database) -> dict[Table, list[dict[str, Any]]]:
    with template.read() as view:
        found = {
            table: [dict(row._mapping) for row in view.connection.execute(table.select())]
            for table in SQLModel.metadata.sorted_tables
        }
    return {table: rows for table, rows in found.items() if rows}


def copy_rows(template: Database, database: Database) -> None:
    """Copy every row of the template into a fresh database of either kind."""
    rows = _rows(template)

    def work(tx: Tx) -> None:
        for table, found in rows.items():
            tx.connection.execute(table.insert(), found)

    database.writer.submit(work).result()


def open_ward(
    template: Template, folder: Path, database: Database, clock: FixedClock, **changes: object
) -> Ward:
    """Return a furnished installation over ``database``, which must be upgraded and empty."""
    copy_rows(template.database, database)
    if clock.now() < template.moment:
        clock.set(template.moment)
    settings = settings_for(folder, database, **{"demo": template.demo, **changes})
    shutil.copytree(template.folder / "keys", settings.keys)
    foundation = _lay(settings, database, clock)
    services = open_services(foundation, pause=lambda _: None)
    tips, pool = foundation.tips()
    follow_up = FollowUp(foundation.intake, tips, foundation.salt(), foundation.code_cost())
    return Ward(
        foundation, services, template.sign_ins, template.custody, clock, pool, tips, follow_up
    )


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The furnished template."""
    template = make_template(tmp_path_factory.mktemp("furnished"))
    yield template
    template.database.close()


@pytest.fixture
def ward(furnished: Template, tmp_path: Path, database: Database, clock: FixedClock) -> Ward:
    """A furnished installation on each kind of database."""
    return open_ward(furnished, tmp_path, database, clock)
