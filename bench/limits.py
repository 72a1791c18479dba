"""What the machine itself allows: yardsticks, seals, parsed updates, codes, raw durable commits.

Everything the house does stands beside one of these, taken in the same run on the same disk.
"""

import hashlib
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from telegram import Update

from bench.house import House, told_memory
from bench.load import ANSWERS
from bench.minimal import Minimal
from bench.neighbour import BLOCK
from intake import receipts
from intake.foundation import lay
from intake.settings import load_settings
from intake.vault.answers import CodeCost, derive
from intake.vault.key_pairs import new_seed, public_key
from intake.vault.sealing import wrap_key

_LIBRARIES = (
    "starlette.applications",
    "uvicorn",
    "uvloop",
    "httptools",
    "jinja2",
    "sqlmodel",
    "pydantic_settings",
    "cryptography.hazmat.primitives.hpke",
    "telegram",
    "aiohttp",
)
ROW = os.urandom(7000)  # about what all rows of one tip hold
_GROUP = 50
_UPDATE = json.dumps(
    {
        "update_id": 1,
        "message": {
            "message_id": 1,
            "date": 1_790_000_000,
            "chat": {"id": 1, "type": "private", "first_name": "N"},
            "from": {"id": 1, "is_bot": False, "first_name": "N", "language_code": "vi"},
            "text": ANSWERS["what"],
        },
    }
)


def rate(act: Callable[[], object], seconds: float) -> float:
    """Return how often a second something can be done, one after the other."""
    done, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        act()
        done += 1
    return done / passed


def _turns() -> int:
    total = 0
    for each in range(1000):
        total += each
    return total


def yardsticks(folder: Path, seconds: float) -> dict[str, float]:
    """Return SHA-256 of 4 KiB, 1,000 turns of a loop, and 4 KiB forced to disk: each a second."""
    handle = os.open(folder / "yardstick", os.O_WRONLY | os.O_CREAT, 0o600)

    def force() -> None:
        os.pwrite(handle, BLOCK, 0)
        os.fdatasync(handle)

    try:
        return {
            "sha": rate(lambda: hashlib.sha256(BLOCK).digest(), seconds),
            "loop": rate(_turns, seconds),
            "fsync": rate(force, seconds),
        }
    finally:
        os.close(handle)


def libraries(kind: str) -> dict[str, float]:
    """Return the memory of a process that imports what the bot is built on, and no more."""
    names = [*_LIBRARIES, *(["psycopg"] if kind == "PostgreSQL" else [])]
    program = f"import {', '.join(names)}; print(open('/proc/self/smaps_rollup').read())"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True
    )
    return told_memory("libraries", done.stdout)


def pieces(seconds: float) -> dict[str, float]:
    """Return hybrid HPKE seals, Telegram updates parsed, and receipt codes derived: each a second.

    One core each.
    """
    key, part, salt = public_key(new_seed()), secrets.token_bytes(16), secrets.token_bytes(32)
    return {
        "seals": rate(lambda: wrap_key(new_seed(), part, key), seconds),
        "updates": rate(lambda: Update.de_json(json.loads(_UPDATE), None), seconds),
        "codes": rate(lambda: derive(receipts.new_code(), salt, CodeCost()), seconds),
    }


def commits(house: House, seconds: float) -> dict[str, float]:
    """Return rows a second made durable by the bare driver, one a commit and in groups."""
    if house.cluster is None:
        raw = sqlite3.connect(house.folder / "raw.db", isolation_level=None)
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        add = "INSERT INTO bench_raw VALUES (?, ?)"
        kind = "BLOB"
    else:
        address = house.database_url.replace("postgresql+psycopg", "postgresql")
        raw = psycopg.connect(address, autocommit=True)
        add = "INSERT INTO bench_raw VALUES (%s, %s)"
        kind = "BYTEA"
    raw.execute(f"CREATE TABLE bench_raw (id {kind} PRIMARY KEY, body {kind})")

    def group(size: int) -> None:
        raw.execute("BEGIN")
        for _ in range(size):
            raw.execute(add, (os.urandom(16), ROW))
        raw.execute("COMMIT")

    try:
        one = rate(lambda: group(1), seconds)
        return {"raw_one": one, "raw_grouped": rate(lambda: group(_GROUP), seconds) * _GROUP}
    finally:
        raw.execute("DROP TABLE bench_raw")
        raw.close()


def writer(house: House, count: int) -> dict[str, float]:
    """Return tips a second through our writer alone: the rows sealed before, 64 units waiting."""
    foundation = lay(load_settings(house.config))
    minimal, submit = Minimal(foundation), foundation.intake.database.writer.submit
    works = [minimal.sealed_tip(ANSWERS["what"]) for _ in range(count)]
    started = time.perf_counter()
    for at in range(0, count, 64):
        for future in [submit(work) for work in works[at : at + 64]]:
            future.result()
    passed = time.perf_counter() - started
    foundation.close()
    return {"writer": count / passed}
