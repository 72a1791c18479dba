"""A country for the work side's bench: areas, leaders with chats, months owed, check-ins by number.

What a person does goes through the services; only what must stand there before is laid by SQL.
"""

import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from bot.work.opening import open_workplace
from intake.ports import Clock
from intake.service import Intake
from intake.settings import Settings, settings_from
from intake.work.compliance import Compliance
from storage.areas import AreaRow
from storage.database import Database
from storage.statements import table_of
from storage.unit_of_work import Tx
from storage.work_tables import Assignment, Leader, LeaderChat
from tests.clocks import FixedClock
from tests.databases import Cluster, postgres_programs

PROGRAMME, DUTY = "viec-hang-thang-cua-to", "tuyen-truyen-thang"
PROVINCES, COMMUNES, YEAR = 34, 3_321, 2026
EACH = 20  # check-ins that an owner has once any of its are laid: some in each month
DURABLE = ("listen_addresses=''", "max_connections=100", "fsync=on", "shared_buffers=256MB")
_BEGIN = date(YEAR, 1, 1)
_AT_ONCE = 10_000

# A share of the month is met, by hand and in bulk: only the reading is measured on it.
_FILL = """
    UPDATE obligation SET done = :met, met = (:met = 1), met_at = CASE WHEN :met = 1 THEN :at END,
        timely = (:timely = 1), state = 'closed'
    WHERE period = :period AND owner_id LIKE :tail"""
_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n"
    " WHERE i + 1 < :upto)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(:first, :upto - 1))",
}
_ID = {"sqlite": "randomblob(16)", "postgresql": "uuid_send(gen_random_uuid())"}
_OWNER = {
    "sqlite": "printf('b%05d', n.i / {each} % {communes}) || printf('-%06d', n.i / {each})",
    "postgresql": "'b' || lpad((n.i / {each} % {communes})::text, 5, '0')"
    " || '-' || lpad((n.i / {each})::text, 6, '0')",
}
_DAY = {
    "sqlite": "date(:day, '-' || (n.i % {each} * 15 + 3) || ' days')",
    "postgresql": "CAST(:day AS date) - CAST(n.i % {each} * 15 + 3 AS int)",
}
_LAY = """
    INSERT INTO check_in (id, owner_id, commune_id, kind, counts_as, done_on, details, state, flags,
        filed_at, received_at, filed_by, by_phone, after_close, source, version, question)
    {numbers} SELECT {id}, {owner}, substr({owner}, 1, 6), 'outreach', 'outreach', {day},
        '{{"people": ' || (20 + n.i % 60) || ', "place": "nhà văn hóa"}}', 'approved', '', :at, :at,
        'leader:00', {no}, {no}, 'laid:' || n.i, 1, '' FROM n"""


def province(number: int) -> str:
    """Return the id of a province."""
    return f"b{number:02}"


def commune(number: int) -> str:
    """Return the id of a commune."""
    return f"b{number:05}"


def neighbourhood(number: int) -> str:
    """Return the id of a neighbourhood; its commune's stands before it."""
    return f"{commune(number % COMMUNES)}-{number:06}"


def leader_id(number: int) -> bytes:
    """Return the id of the leader of a neighbourhood."""
    return number.to_bytes(16, "big")


@contextmanager
def opened(kind: str, folder: Path) -> Generator[Database | None]:
    """Give an empty database of a kind; None where it is not installed."""
    if kind == "SQLite":
        database = Database(f"sqlite:///{folder / 'work.db'}")
        database.upgrade()
        yield database
        database.close()
        return
    if postgres_programs() is None:
        yield None
        return
    cluster = Cluster(postgres_programs() or folder, DURABLE)
    try:
        cluster.start()
        cluster.make_template()
        database = Database(cluster.url(cluster.new_database()))
        yield database
        database.close()
    finally:
        cluster.close()


class Country:
    """Provinces, communes and neighbourhoods, with the services over them."""

    def __init__(
        self, database: Database, folder: Path, neighbourhoods: int, clock: Clock | None = None
    ) -> None:
        self.clock: Any = clock or FixedClock(datetime(YEAR, 1, 1, 1, tzinfo=UTC))
        self.intake = Intake(database, self.clock)
        self.settings: Settings = settings_from(
            state_dir=folder, demo=True, base_url="http://127.0.0.1:1",
            console_url="http://127.0.0.1:2",
        )  # fmt: skip
        self.workplace = open_workplace(self.intake, self.settings)
        self.uses = self.workplace.uses
        self.obligations = self.workplace.obligations
        self.check_ins = self.workplace.check_ins
        self.compliance = Compliance(self.intake)
        self.neighbourhoods = neighbourhoods

    @property
    def kind(self) -> str:
        return self.intake.database.kind

    def lay(self) -> None:
        """Add every area, and let one programme apply to every province."""
        provinces = [_area(province(p), "province", None) for p in range(PROVINCES)]
        communes = [_area(commune(c), "commune", province(c % PROVINCES)) for c in range(COMMUNES)]
        self._add(provinces + communes)
        for start in range(0, self.neighbourhoods, _AT_ONCE):
            upto = min(start + _AT_ONCE, self.neighbourhoods)
            self._add([_area(neighbourhood(n), "neighbourhood", commune(n % COMMUNES))
                       for n in range(start, upto)])  # fmt: skip
        for each in provinces:
            self.uses.use(each.id, PROGRAMME, _BEGIN)

    def _add(self, rows: list[AreaRow]) -> None:
        self.intake.write_now(lambda tx: tx.areas.add_areas(rows))

    def enrol(self, numbers: Sequence[int], channel: str) -> None:
        """Give neighbourhoods a leader each, whose chat bears the neighbourhood's number."""
        at = self.clock.now()
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            leaders = [Leader(id=leader_id(n), name=f"Bác {n}", added_on=_BEGIN) for n in some]
            chats = [LeaderChat(channel=channel, address=str(n), leader_id=leader_id(n),
                                added_at=at) for n in some]  # fmt: skip
            held = [Assignment(id=secrets.token_bytes(16), leader_id=leader_id(n),
                               owner_id=neighbourhood(n), part="head", since=_BEGIN)
                    for n in some]  # fmt: skip

            def work(tx: Tx, found: Sequence[Sequence[SQLModel]] = (leaders, chats, held)) -> None:
                for rows in found:
                    add = table_of(type(rows[0])).insert()
                    tx.connection.execute(add, [row.model_dump() for row in rows])

            self.intake.write_now(work)

    def fill(self, period: str, at: datetime) -> None:
        """Meet seven tenths of a month, six in time, and close it."""

        def work(tx: Any) -> None:
            for tail in range(10):
                values = {"at": at, "met": int(tail < 7), "timely": int(tail < 6), "period": period,
                          "tail": f"%{tail}"}  # fmt: skip
                tx.connection.execute(text(_FILL), values)

        self.intake.write_now(work)

    def store(self, first: int, upto: int, day: date) -> None:
        """Lay check-ins of the months before ``day``, ``EACH`` to an owner, by SQL."""
        own = {"each": EACH, "communes": COMMUNES}
        parts = {
            "numbers": _NUMBERS[self.kind], "id": _ID[self.kind],
            "owner": _OWNER[self.kind].format(**own), "day": _DAY[self.kind].format(**own),
            "no": "0" if self.kind == "sqlite" else "false",
        }  # fmt: skip
        add = text(_LAY.format(**parts))
        filed = datetime(day.year, day.month, 1, tzinfo=UTC)
        at = filed.strftime("%Y-%m-%d %H:%M:%S.%f") if self.kind == "sqlite" else filed
        for start in range(first, upto, 20 * _AT_ONCE):
            values = {"first": start, "upto": min(start + 20 * _AT_ONCE, upto), "at": at,
                      "day": day.isoformat()}  # fmt: skip
            self.intake.write_now(lambda tx, v=values: tx.connection.execute(add, v) and None)

    def settle(self, *tables: str) -> None:
        """Do what PostgreSQL's own autovacuum would within a minute."""
        if self.kind == "postgresql":
            with self.intake.database.maintenance() as connection:
                connection.execute(text(f"VACUUM ANALYZE {', '.join(tables)}"))


def _area(area_id: str, level: str, parent: str | None) -> AreaRow:
    return AreaRow(area_id, level, parent, level, f"Đơn vị {area_id}", f"don vi {area_id}", _BEGIN)
