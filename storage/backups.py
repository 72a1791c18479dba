"""What a backup holds, row by row, and how rows are put back into an empty database.

Two sets with different lives (``security.md`` 5.8). The *brief* one holds what lets anybody open a
tip or write to a reporter: wraps, identity slots, push addresses and stop requests. The *body* set
holds everything else; without the brief one its tips are sealed for ever. Drafts, tombstones,
sessions and whatever lives for minutes are in neither.

Rows come ordered by their keys, so a backup tells nothing of the order in which they arrived. They
are the rows of a database of either kind, and fit into the other.
"""

import secrets
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    String,
    Table,
    bindparam,
    column,
    delete,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy import (
    table as named_table,
)
from sqlmodel import SQLModel

from storage import nudge_tables, tables, work_tables
from storage.errors import StorageError
from storage.migrations import HEAD, VERSION_TABLE
from storage.statements import BOTH, table_of

Set = Literal["brief", "body"]
SETS: tuple[Set, Set] = ("brief", "body")
IDENTITY = "tip_identity"
"""The name under which a tip's identity slot stands in the brief set."""
ROWS = 500  # at most in one batch
_BYTES = 1 << 20  # about as many in one batch
_RESTORING = "restoring"
_TIP = table_of(tables.Tip)
_VERSION = named_table(VERSION_TABLE, column("version_num", String))
_SLOT = (
    update(_TIP)
    .where(_TIP.c.fresh.in_(BOTH), _TIP.c.id == bindparam("key"))
    .values(identity_sealed=bindparam("slot"))
)

BRIEF = tuple(table_of(m) for m in (tables.Wrap, tables.PushAddress, tables.StopRequest))
NEVER = tuple(
    table_of(model)
    for model in (
        tables.Draft,
        tables.DraftPhoto,
        tables.Tombstone,
        tables.OfficerSession,
        tables.SignInTry,
        tables.PageCall,
        tables.Lease,
        tables.JobRun,
        nudge_tables.JobTrouble,
        work_tables.WorkDialogue,
    )
)
BODY = tuple(
    table_of(model)
    for model in (
        # Areas, units, officers and their keys, the audit chain.
        *(tables.Fact, tables.Area, tables.Unit, tables.Poster, tables.Officer, tables.Invite),
        *(tables.UnitKey, tables.KeyGrant, tables.KeySegment, tables.Probe),
        *(tables.AuditRow, tables.AuditCheckpoint),
        # Tips, which nobody opens without the brief set.
        *(tables.Tip, tables.Part),
        # The work side.
        *(work_tables.AreaLink, work_tables.Organisation, work_tables.Zone, work_tables.ZoneArea),
        *(work_tables.AreaImport, work_tables.AreaImportRow, work_tables.ProgrammeUse),
        *(work_tables.RoleHolder, work_tables.Leader, work_tables.LeaderChat),
        *(work_tables.LeaderInvite, work_tables.Assignment, work_tables.CheckIn),
        *(work_tables.CheckInPhoto, work_tables.CheckInChange, work_tables.AskBack),
        *(work_tables.Obligation, work_tables.Filing, work_tables.FilingChange),
        *(nudge_tables.Nudge, nudge_tables.NudgeRung, nudge_tables.NudgeSweep),
        *(nudge_tables.NudgeSnooze, nudge_tables.Hindrance, nudge_tables.Switch),
        *(nudge_tables.OfficerPerson, nudge_tables.CalendarAddress),
    )
)
"""Every table is named in one of the three lists: a new one is in none until somebody decides."""


class NotEmpty(StorageError):
    """Something stands in the database that was to be filled from a backup."""


class Batch(NamedTuple):
    """Some rows of one table, for one of the sets."""

    set: Set
    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def body_tables() -> list[Table]:
    """Return the tables of the body set, those that others refer to first."""
    chosen = {table.name for table in BODY}
    return [table for table in SQLModel.metadata.sorted_tables if table.name in chosen]


def batches(connection: Connection) -> Generator[Batch]:
    """Yield every row that is kept, from one consistent view."""
    for table in body_tables():
        left_out = {"identity_sealed"} if table is _TIP else set[str]()
        columns = tuple(c.name for c in table.columns if c.name not in left_out)
        yield from _of_table(connection, table, columns, "body", table.name)
    yield from _of_table(connection, _TIP, ("id", "identity_sealed"), "brief", IDENTITY)
    for table in BRIEF:
        columns = tuple(column.name for column in table.columns)
        yield from _of_table(connection, table, columns, "brief", table.name)


def _of_table(
    connection: Connection, table: Table, columns: tuple[str, ...], into: Set, name: str
) -> Generator[Batch]:
    keys = [column for column in table.primary_key if column.name != "fresh"]
    query: Select[Any] = select(*(table.c[each] for each in columns)).order_by(*keys)
    rows: list[tuple[Any, ...]] = []
    size = 0
    with connection.execute(query, execution_options={"yield_per": ROWS}) as found:
        parents = _parents(table)
        ordered: Iterable[Any] = _parents_first(found, *parents) if parents else found
        for row in ordered:
            rows.append(tuple(row))
            size += sum(len(value) for value in row if isinstance(value, bytes | str))
            if len(rows) >= ROWS or size >= _BYTES:
                yield Batch(into, name, columns, rows)
                rows, size = [], 0
    if rows:
        yield Batch(into, name, columns, rows)


def _parents(table: Table) -> tuple[str, str] | None:
    """Return the column of a table that refers to the table itself, and what it refers to."""
    own = (key for key in table.foreign_keys if key.column.table is table)
    return next(((key.parent.name, key.column.name) for key in own), None)


def _parents_first(rows: Iterable[Any], child: str, parent: str) -> Iterator[Any]:
    """Yield rows so that each comes after the row of its own table that it names."""
    waiting = list(rows)
    while waiting:
        left = {getattr(row, parent) for row in waiting}
        wave = [row for row in waiting if getattr(row, child) not in left]
        if not wave:
            raise StorageError("rows that refer to each other in a circle")
        yield from wave
        here = {getattr(row, parent) for row in wave}
        waiting = [row for row in waiting if getattr(row, parent) not in here]


# --- putting back ---------------------------------------------------------------------------------


def begin_restore(connection: Connection) -> None:
    """Mark a database as half restored, so that nothing serves it; empty it if it was already.

    Raises:
        NotEmpty: rows stand in it that no restore has put there.
    """
    everything = list(reversed(SQLModel.metadata.sorted_tables))
    if is_half_restored(connection):
        for table in everything:
            if parents := _parents(table):
                connection.execute(update(table).values({parents[0]: None}))
            connection.execute(delete(table))
    elif any(connection.execute(select(table).limit(1)).first() for table in everything):
        raise NotEmpty("the database is not empty")
    _set_version(connection, _RESTORING)


def is_half_restored(connection: Connection) -> bool:
    """Tell whether a restore was begun here and not finished."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    return connection.execute(select(_VERSION.c.version_num)).scalar() == _RESTORING


def put_back(connection: Connection, batch: Batch) -> None:
    """Insert one batch. Tables must come in the order in which `batches` yields them."""
    rows = [dict(zip(batch.columns, row, strict=True)) for row in batch.rows]
    if batch.table == IDENTITY:
        slots = [{"key": row["id"], "slot": row["identity_sealed"]} for row in rows]
        connection.execute(_SLOT, slots)
        return
    table = SQLModel.metadata.tables[batch.table]
    if table is _TIP:  # nobody opens these; the brief set puts the true ones in their place
        for row in rows:
            row["identity_sealed"] = secrets.token_bytes(32)
    connection.execute(insert(table), rows)


def finish_restore(connection: Connection) -> None:
    """Settle what was on its way when the backup was made, and let the database be served.

    A reminder that was waiting then may have been sent since: it counts as sent.
    """
    nudge = table_of(nudge_tables.Nudge)
    connection.execute(
        update(nudge)
        .where(nudge.c.state.in_(("waiting", "claimed", "sending")))
        .values(state="sent", reason="restored", lease_until=None)
    )
    _set_version(connection, HEAD)


def _set_version(connection: Connection, version: str) -> None:
    connection.execute(update(_VERSION).values(version_num=version))
