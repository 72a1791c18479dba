"""The officers' queue at 1,000, 10,000 and 100,000 stored tips, through the real console.

The tips of the first page are truly sealed; the rest are copies of one of them under random ids,
made by the database itself in the order of their ids, settled as a nightly rewrite leaves them.
"""

import socket
import time
from statistics import median
from urllib.parse import urlencode

from pyotp.totp import TOTP
from sqlalchemy import text

from bench.client import get, post
from bench.house import House, memory, running
from bench.load import ANSWERS, FORM
from bench.minimal import UNIT, Minimal
from intake.foundation import lay
from intake.settings import load_settings
from storage.database import Database
from storage.unit_of_work import Tx

LOGIN = "phuong.binh"
_FIRST_PAGE = 60
_AT_ONCE = 5_000  # SQLite sorts larger parts in memory, and slowly
_RANDOM = {"sqlite": "randomblob(16)", "postgresql": "uuid_send(gen_random_uuid())"}
_MANY = {
    "sqlite": """(WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s WHERE i < :count)
        SELECT i FROM s)""",
    "postgresql": "generate_series(1, :count)",
}
_TIPS = """
    INSERT INTO tip (fresh, id, unit_id, day, release_at, priority, state, holder_id, due_at,
        new_at, version, lookup, reply_key, headline_sealed, identity_sealed)
    SELECT 0, drawn.id, unit_id, day, release_at, 3, state, holder_id, due_at,
        new_at, :batch, {random}, reply_key, headline_sealed, identity_sealed
    FROM (SELECT {random} AS id FROM {many} AS many ORDER BY 1) AS drawn,
        (SELECT * FROM tip WHERE fresh = 1 LIMIT 1) AS one
    ORDER BY drawn.id"""
_PARTS = """
    INSERT INTO part (fresh, id, tip_id, release_at, body_sealed)
    SELECT 0, tip.id, tip.id, tip.release_at, one.body_sealed
    FROM tip, (SELECT * FROM part WHERE fresh = 1 LIMIT 1) AS one WHERE tip.version = :batch
    ORDER BY tip.id"""
_WRAPS = """
    INSERT INTO wrap (fresh, part_id, key_id, wrap_sealed)
    SELECT 0, tip.id, one.key_id, one.wrap_sealed
    FROM tip, (SELECT * FROM wrap WHERE fresh = 1 AND part_id IN
        (SELECT part_id FROM wrap WHERE fresh = 1 LIMIT 1)) AS one WHERE tip.version = :batch
    ORDER BY tip.id, one.key_id"""


def store(house: House, already: int, upto: int) -> None:
    """Bring the number of stored tips from ``already`` up to ``upto``."""
    database = Database(house.database_url)
    tips = _TIPS.format(random=_RANDOM[database.kind], many=_MANY[database.kind])
    for start in range(already, upto, _AT_ONCE):
        batch = start + 2  # a version of their own tells which rows still need parts and keys
        count = min(_AT_ONCE, upto - start)

        def work(tx: Tx, batch: int = batch, count: int = count) -> None:
            tx.connection.execute(text(tips), {"count": count, "batch": batch})
            for statement in (_PARTS, _WRAPS):
                tx.connection.execute(text(statement), {"batch": batch})

        database.writer.submit(work).result()
    if house.cluster is not None:  # as its own autovacuum would within a minute
        with database.maintenance() as connection:
            connection.execute(text("ANALYZE"))
    database.close()


def seal_first_page(house: House) -> None:
    """Store the tips that the first page will open."""
    foundation = lay(load_settings(house.config))
    minimal = Minimal(foundation)
    for _ in range(_FIRST_PAGE):
        foundation.intake.write_now(minimal.sealed_tip(ANSWERS["what"]))
    foundation.close()


class Officer:
    """A signed-in officer's browser, as far as a queue page needs one."""

    def __init__(self, house: House) -> None:
        self._port = house.officer_port
        who = house.sign_ins[LOGIN]
        typed = {"login": LOGIN, "passphrase": who.passphrase, "totp": TOTP(who.totp_secret).now()}
        origin = f"origin: http://127.0.0.1:{self._port}\r\n"
        answer = self._ask(post("/dang-nhap", urlencode(typed).encode(), FORM, origin))
        self._cookie = answer.split(b"set-cookie: ")[1].split(b";")[0].decode()

    def page(self) -> float:
        """Load the queue; return the milliseconds it took."""
        started = time.perf_counter()
        answer = self._ask(get("/hang-tin", self._cookie))
        took = (time.perf_counter() - started) * 1000
        if not answer.startswith(b"HTTP/1.1 200") or answer.count(b"/tin/") < 50:
            raise RuntimeError("the queue page is not what it should be")
        return took

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._port), 30) as connection:
            connection.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer or len(answer) < _whole(answer):
                answer += connection.recv(1 << 20)
        return answer


def _whole(answer: bytes) -> int:
    head = answer.partition(b"\r\n\r\n")[0].lower()
    at = head.find(b"content-length: ")
    length = int(head[at + 16 :].split(b"\r", 1)[0]) if at >= 0 else 0
    return len(head) + 4 + length


def measure(house: House, sizes: tuple[int, ...], pages: int) -> dict[str, float]:
    """Return the median and the worst page at each size, and the console's memory."""
    found: dict[str, float] = {}
    count = f"SELECT count(*) FROM tip WHERE unit_id = '{UNIT}'"
    with running(
        "homthu", "serve", "api", "--config", str(house.config), port=house.officer_port
    ) as api:
        officer = Officer(house)
        for size in sizes:
            store(house, int(house.scalar(count)), size)
            officer.page()
            times = [officer.page() for _ in range(pages)]
            found[f"queue_{size}"], found[f"queue_{size}_worst"] = median(times), max(times)
        found |= memory("api", api.pid)
    return found
