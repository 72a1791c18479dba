"""Who leads a job that only one process may do, and when each job last succeeded."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select, update

from storage.statements import InsertOrIgnore, Store, Upsert, table_of
from storage.tables import JobRun, Lease

LEASE, RUN = table_of(Lease), table_of(JobRun)
_TAKE = (
    update(LEASE)
    .where(
        LEASE.c.name == bindparam("job"),
        or_(LEASE.c.holder == bindparam("new_holder"), LEASE.c.until <= bindparam("now")),
    )
    .values(holder=bindparam("new_holder"), until=bindparam("end"))
)
_FIRST = InsertOrIgnore(LEASE)
_SUCCEEDED = Upsert(RUN)


class JobStore(Store):
    """Leases and last successes."""

    __slots__ = ()

    def lease(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Take or keep the lead of a job; False while somebody else has it."""
        end = now + timedelta(seconds=seconds)
        first = {"name": name, "holder": holder, "until": end}
        if self._connection.execute(_FIRST.on(self._connection), first).rowcount == 1:
            return True
        values = {"job": name, "new_holder": holder, "now": now, "end": end}
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
