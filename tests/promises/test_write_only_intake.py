"""The process that faces strangers can put a tip away and cannot take one out again.

It runs here with three key files and no other. Afterwards everything that it holds is tried on
everything that it stored: as a seed, as a secret key, as what either yields.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select
from sqlmodel import SQLModel

from intake.foundation import ROOT_PUBLIC, SALT, SESSION
from intake.vault import opening, sealing
from intake.vault.custody import combine
from intake.vault.envelope import Context, NotOpened, open_under, open_with, subkey
from storage.database import Database
from storage.tables import Part, Tip, Wrap
from tests.running import pictures
from tests.running.house import House
from tests.running.people import Chat, Visitor, tell
from tests.wards import Ward

OpenHouse = Callable[..., House]
THE_BOTS = {SESSION, SALT, ROOT_PUBLIC}
WORDS = "bán ma tuý ở quán nước đầu ngõ"


@pytest.fixture
def house(open_house: OpenHouse, quick_database: Database) -> House:
    """The bot alone, with its own three key files; a plain tip and a named one, with pictures."""
    house = open_house("real", quick_database, desk=False, before=leave_the_bots_keys)
    visitor = Visitor(house)
    visitor.writes(("a.jpg", pictures.photo()), what=WORDS)
    visitor.presses("Gửi")
    code = visitor.code
    visitor.presses("Đã chép xong")
    visitor.asks(code)
    visitor.presses("Gửi thêm", add=f"{WORDS}, thêm")
    chat = Chat(house, 7_391_845_026_173)
    tell(chat, WORDS)
    chat.taps("Nhờ bảo vệ", "Để lại liên hệ").says("Nguyễn Thị Mẫu 0912 345 678")
    chat.taps("Gửi", "Đã chép xong")
    assert house.count("tip") == 2
    assert house.count("part") == 4
    return house


def leave_the_bots_keys(ward: Ward) -> None:
    """Take every key away that a bot host does not have, out of its reach."""
    away = ward.settings.state_dir / "away"
    away.mkdir()
    for path in ward.settings.keys.iterdir():
        if path.name not in THE_BOTS:
            path.rename(away / path.name)


def test_it_works_with_three_key_files_and_no_other(house: House) -> None:
    assert {path.name for path in house.settings.keys.iterdir()} == THE_BOTS


def test_nothing_that_it_holds_opens_anything_that_it_stored(house: House) -> None:
    stored = list(sealed_things(house))
    assert {name for name, _, _ in stored} == {"wrap", "part", "headline", "identity"}
    opened = [
        (what, name)
        for what, secret in secrets_of(house).items()
        for name, sealed, context in stored
        if opens(secret, sealed, context)
    ]
    assert opened == []


def test_those_for_whom_it_is_sealed_open_it_all(house: House) -> None:
    """The same tries with the right keys, so that "nothing opens" means something."""
    ward = house.ward
    (house.settings.state_dir / "away" / "gate.key").rename(house.settings.key_file("gate.key"))
    gate = bytes.fromhex(house.settings.key_file("gate.key").read_text())
    identity = combine(ward.custody.shares["identity"], ward.custody.public.expected("identity"))
    told: set[str | None] = set()
    with ward.intake.read() as view:
        tips = [row.id for row in view.tips.open_tips_of("phuong")]
        for tip_id in tips:
            inner = opening.remove_gate(gate, tip_id, view.tips.identity(tip_id) or b"")
            told.add(opening.open_identity(identity, tip_id, inner))
    assert told == {None, "Nguyễn Thị Mẫu 0912 345 678"}
    texts = house.texts("phuong.binh")
    assert len([text for text in texts if WORDS in text]) == 3


def sealed_things(house: House) -> Iterator[tuple[str, bytes, Context]]:
    """Yield every sealed thing of every tip, with the place where it belongs."""
    with house.ward.intake.read() as view:
        connection = view.connection
        for row in connection.execute(select(Wrap.part_id, Wrap.wrap_sealed)):
            yield "wrap", row.wrap_sealed, sealing.wrap_context(row.part_id)
        for row in connection.execute(select(Part.id, Part.body_sealed)):
            yield "part", row.body_sealed, sealing.body_context(row.id)
        for row in connection.execute(select(Tip.id, Tip.headline_sealed, Tip.identity_sealed)):
            yield "headline", row.headline_sealed, sealing.headline_context(row.id)
            yield "identity", row.identity_sealed, sealing.gate_context(row.id)
            yield "identity", row.identity_sealed, sealing.identity_context(row.id)


def secrets_of(house: House) -> dict[str, bytes]:
    """Return everything of 32 bytes that the bot's host has: files, what they yield, columns."""
    found: dict[str, bytes] = {}
    keys = house.settings.keys
    for name in (SALT, ROOT_PUBLIC):
        found[name] = bytes.fromhex((keys / name).read_text().strip())
    for number, (key, _) in enumerate(json.loads((keys / SESSION).read_text())):
        found[f"{SESSION} {number}"] = bytes.fromhex(key)
    for name, secret in list(found.items()):
        for purpose in ("draft", "form token", "tip", "part", "wrap", "identity"):
            found[f"{name}, for {purpose}"] = subkey(secret, purpose)
    for at, value in enumerate(sorted(columns(house))):
        found[f"bytes {at} of the database"] = value
    return found


def columns(house: House) -> set[bytes]:
    """Return the start and the end of every column of bytes."""
    found: set[bytes] = set()
    with house.ward.intake.read() as view:
        for table in SQLModel.metadata.sorted_tables:
            binary = [c for c in table.columns if isinstance(c.type, LargeBinary)]
            for row in view.connection.execute(select(*binary)) if binary else ():
                values = [bytes(value) for value in row if value]
                found |= {part for v in values for part in (v[:32], v[-32:])}
                found.add(b"".join(values)[:32])
    return {value for value in found if len(value) == 32}


def opens(secret: bytes, sealed: bytes, context: Context) -> bool:
    """Try one secret on one sealed thing, in both sealed forms."""
    for way in (open_with, open_under):
        try:
            way(secret, sealed, context)
        except NotOpened:
            continue
        return True
    return False


ROOMS = ("intake.vault.opening", "intake.disclosure", "intake.triage", "api", "bot.channels.demo")
EVERY_MODULE = """
import importlib, pkgutil, bot
for module in pkgutil.walk_packages(bot.__path__, "bot."):
    if not module.name.startswith("bot.channels.demo"):
        importlib.import_module(module.name)
"""


@pytest.mark.parametrize("entrance", ["import bot.serve", "import reminders.serve", EVERY_MODULE])
def test_the_rooms_that_open_are_not_even_loaded(entrance: str) -> None:
    script = f"""{entrance}
import sys
print([m for m in sys.modules if any(m == r or m.startswith(r + ".") for r in {ROOMS!r})])
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=root
    )
    assert done.stdout.strip() == "[]", done.stderr
