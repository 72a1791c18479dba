"""Who leads a job that only one process may do, when each job last succeeded, and what is wrong."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update

from storage.nudge_tables import JobTrouble, OfficerPerson
from storage.statements import InsertOrIgnore, Store, Upsert, table_of
from storage.tables import JobRun, Lease, Officer
from storage.work_tables import Leader, LeaderChat

LEASE, RUN, TROUBLE = table_of(Lease), table_of(JobRun), table_of(JobTrouble)
PERSON, OFFICER = table_of(OfficerPerson), table_of(Officer)
LEADER, CHAT = table_of(Leader), table_of(LeaderChat)
LONGEST_LEASE = timedelta(hours=1)
_TAKE = (
    update(LEASE)
    .where(
        LEASE.c.name == bindparam("job"),
        or_(
            LEASE.c.holder == bindparam("new_holder"),
            LEASE.c.until <= bindparam("now"),
            LEASE.c.until > bindparam("absurd"),  # written before the clock was set back
        ),
    )
    .values(holder=bindparam("new_holder"), until=bindparam("end"))
)
_FIRST = InsertOrIgnore(LEASE)
_SUCCEEDED = Upsert(RUN)
_TROUBLED = InsertOrIgnore(TROUBLE)
_ADMINISTRATORS = (
    select(CHAT.c.channel, CHAT.c.address)
    .select_from(
        OFFICER.join(PERSON, PERSON.c.officer_id == OFFICER.c.id)
        .join(LEADER, LEADER.c.id == PERSON.c.leader_id)
        .join(CHAT, CHAT.c.leader_id == LEADER.c.id)
    )
    .where(
        OFFICER.c.role == "admin",
        OFFICER.c.active.is_(True),
        LEADER.c.left_on.is_(None),
        CHAT.c.blocked_at.is_(None),
    )
    .order_by(CHAT.c.channel, CHAT.c.address)
)


class TroubleRow(NamedTuple):
    """Something that is wrong, since when, and whether somebody was told."""

    name: str
    since: datetime
    kind: str
    told_at: datetime | None = None


class JobStore(Store):
    """Leases and last successes."""

    __slots__ = ()

    def lease(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Take or keep the lead of a job, for an hour at most; False while somebody else has it."""
        end = now + min(timedelta(seconds=seconds), LONGEST_LEASE)
        first = {"name": name, "holder": holder, "until": end}
        if self._connection.execute(_FIRST.on(self._connection), first).rowcount == 1:
            return True
        values = {"job": name, "new_holder": holder, "now": now, "end": end}
        values["absurd"] = now + LONGEST_LEASE
        return self._connection.execute(_TAKE, values).rowcount == 1

    def release(self, name: str, holder: str) -> None:
        """Give the lead of a job back before it ends."""
        self._connection.execute(
            delete(LEASE).where(LEASE.c.name == name, LEASE.c.holder == holder)
        )

    def succeeded(self, name: str, at: datetime) -> None:
        """Note that a job has succeeded."""
        values = {"name": name, "succeeded_at": at}
        self._connection.execute(_SUCCEEDED.on(self._connection), values)

    def last(self, name: str) -> datetime | None:
        """Return when a job last succeeded."""
        query = select(RUN.c.succeeded_at).where(RUN.c.name == name)
        return self._connection.execute(query).scalar()

    def all(self) -> dict[str, datetime]:
        """Return when each job last succeeded."""
        rows = self._connection.execute(select(RUN.c.name, RUN.c.succeeded_at))
        return {row.name: row.succeeded_at for row in rows}

    # --- what is wrong ----------------------------------------------------------------------------

    def troubled(self, row: TroubleRow) -> bool:
        """Note that something is wrong; False when that stands there already, from earlier on."""
        return self._connection.execute(_TROUBLED.on(self._connection), row._asdict()).rowcount == 1

    def troubles(self) -> list[TroubleRow]:
        """Return what is wrong, the longest first."""
        query = select(*(TROUBLE.c[name] for name in TroubleRow._fields))
        rows = self._connection.execute(query.order_by(TROUBLE.c.since, TROUBLE.c.name))
        return [TroubleRow._make(row) for row in rows]

    def told_of(self, name: str, at: datetime) -> None:
        """Note that somebody was told."""
        self._connection.execute(update(TROUBLE).where(TROUBLE.c.name == name).values(told_at=at))

    def recovered(self, name: str) -> None:
        """Forget a trouble that is over."""
        self._connection.execute(delete(TROUBLE).where(TROUBLE.c.name == name))

    def administrators(self) -> list[tuple[str, str]]:
        """Return the chats of administrators who have linked one."""
        return [(row.channel, row.address) for row in self._connection.execute(_ADMINISTRATORS)]
