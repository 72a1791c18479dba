"""Takes in a list of neighbourhoods and organisations: preview, all or nothing, undo.

A preview writes nothing. A list with one fault is not taken at all; one that was previewed and
then overtaken by somebody else's change is refused. An import is undone as a whole, and only while
nobody has used what it added.
"""

import hashlib
import json
import secrets
from datetime import datetime
from typing import NamedTuple

from intake.country.area_files import read_sheet
from intake.country.area_ground import survey
from intake.country.area_judge import Judge, Planned, counts_of
from intake.country.area_laying import lay, note_of, put_back
from intake.country.area_leaders import (
    HeadFinder,
    Led,
    commune_of,
    heads,
    heads_of,
    lay_heads,
    take_heads_back,
)  # fmt: skip
from intake.country.area_listing import as_csv
from intake.country.area_preview import Preview
from intake.country.area_rows import Entry, read_entry
from intake.errors import NotFound, NotTaken, NotValid
from intake.places import Places
from intake.service import Intake
from storage.errors import Duplicate
from storage.organisations import ImportRow
from storage.unit_of_work import Tx, View

BY_COMMAND = "command"
_NEWEST = 20
_USED = "đã có việc ghi cho đơn vị trong lần nhập này: không hoàn tác nữa, hãy cho thôi từng đơn vị"
_UNDONE = "lần nhập này đã được hoàn tác"
_BUILT_UPON = "một lần nhập sau đã sửa các đơn vị này: hoàn tác lần nhập sau trước"
_OVERTAKEN = "có người vừa thay đổi địa bàn này: xem trước lại rồi nhập"


class Taken(NamedTuple):
    """An import that was taken in, as it is shown."""

    id: str
    at: datetime
    by: str
    lines: int
    undone_at: datetime | None


class AreaImport:
    """Previews, takes and undoes lists. ``scope``: the area that whoever asks answers for."""

    def __init__(self, intake: Intake, places: Places) -> None:
        self._intake = intake
        self._places = places

    def preview(self, body: bytes, name: str, scope: str | None = None) -> Preview:
        """Return what a file would do; nothing is stored and nothing in the file raises."""
        sheet = read_sheet(body)
        faults = list(sheet.faults)
        read = [read_entry(line, faults) for line in sheet.lines]
        entries = tuple(entry for entry in read if entry is not None)
        with self._intake.read() as view:
            judge, planned, seen = self._judged(view, entries, scope)
            finder, led = self._finder(view, entries, planned)
        found = (*faults, *judge.faults, *finder.faults)
        errors = tuple(sorted(found, key=lambda fault: fault.line))
        counts = {**counts_of(planned), "heads": len(led)}
        counts["people"] = len({each.leader.id for each in led if each.is_new})
        return Preview(
            file=name, digest=hashlib.sha256(body).digest(), errors=errors,
            doubts=tuple(judge.doubts), notes=tuple(sheet.notes), counts=counts,
            scope=scope, entries=entries, planned=planned, led=led, seen=seen,
        )  # fmt: skip

    def _judged(
        self, view: View, entries: tuple[Entry, ...], scope: str | None
    ) -> tuple[Judge, tuple[Planned, ...], bytes]:
        ground = survey(view, entries)
        judge = Judge(ground, self._intake.clock.today(), scope)
        return judge, judge.judge(entries), ground.fingerprint() + _heads_seen(view, entries)

    def _finder(
        self, view: View, entries: tuple[Entry, ...], planned: tuple[Planned, ...]
    ) -> tuple[HeadFinder, tuple[Led, ...]]:
        named = {entry.line: entry for entry in entries if entry.leader_ref}
        lines = [(named[one.line], one.row) for one in planned if one.line in named]
        found = heads(view, {commune_of(row) for _, row in lines})
        finder = HeadFinder(found, self._intake.clock.today())
        return finder, finder.plan(lines)

    def take(self, preview: Preview, by: str) -> str:
        """Lay down what a preview showed, all of it, and return the import's id.

        Raises:
            NotValid: the preview has errors, or would change nothing.
            NotTaken: what it was judged against has changed since.
        """
        if not preview.may_be_taken:
            raise NotValid("a list with errors, or without a change")
        import_id, now = secrets.token_bytes(16), self._intake.clock.now()
        taken = ImportRow(import_id, now, by, preview.scope, preview.digest)
        changed = [one for one in preview.planned if one.act != "same"]
        led = {each.line: each for each in preview.led}
        noted = [one for one in preview.planned if one.act != "same" or one.line in led]

        def work(tx: Tx) -> None:
            seen = survey(tx, preview.entries).fingerprint() + _heads_seen(tx, preview.entries)
            if seen != preview.seen:
                raise NotTaken(_OVERTAKEN)
            lay(tx, changed)
            lay_heads(tx, preview.led)
            told_rows = (note_of(import_id, one, led.get(one.line)) for one in noted)
            tx.area_imports.add(taken, told_rows)
            told = {act: n for act, n in preview.counts.items() if n}
            tx.audit.append(now, by, "areas.import", import_id.hex(), told)

        try:
            self._intake.write_now(work, alone=True)
        except Duplicate:
            raise NotTaken(_OVERTAKEN) from None
        self._places.forget()
        return import_id.hex()

    def undo(self, import_id: str, by: str, scope: str | None = None) -> None:
        """Put everything back as it stood before an import.

        Raises:
            NotFound: no such import, or none within ``scope``.
            NotTaken: undone already, built upon, or used: the message says which.
        """
        found, now = _id(import_id), self._intake.clock.now()
        today = self._intake.clock.today()

        def work(tx: Tx) -> None:
            _check_undo(tx, found, scope)
            rows = tx.area_imports.rows(found)
            added = [row.owner_id for row in rows if row.act == "add"]
            befores = (json.loads(row.before) for row in rows if row.before)
            take_heads_back(tx, heads_of(befores), today)
            if tx.area_imports.used(added):
                raise NotTaken(_USED)
            if not tx.area_imports.mark_undone(found, now):
                raise NotTaken(_UNDONE)
            tx.area_imports.forget_what_is_owed(added)
            put_back(tx, rows)
            tx.audit.append(now, by, "areas.undo", import_id, {"lines": len(rows)})

        self._intake.write_now(work, alone=True)
        self._places.forget()

    def newest(self, scope: str | None = None) -> tuple[Taken, ...]:
        """Return the newest imports within ``scope``."""
        with self._intake.read() as view:
            found = view.area_imports.newest(_NEWEST)
            mine = [(row, n) for row, n in found if _is_within(view, row.area_id, scope)]
        return tuple(Taken(r.id.hex(), r.at, r.by, n, r.undone_at) for r, n in mine)

    def as_csv(self, area_id: str) -> str:
        """Return what stands in a commune as a list that can be changed and taken in again."""
        with self._intake.read() as view:
            return as_csv(view, area_id, self._intake.clock.today())

    def scope_of(self, unit_id: str) -> str:
        """Return the area that a unit answers for.

        Raises:
            NotFound: no such unit.
        """
        with self._intake.read() as view:
            unit = view.areas.unit(unit_id)
        if unit is None:
            raise NotFound("no such unit")
        return unit.area_id


def _heads_seen(view: View, entries: tuple[Entry, ...]) -> bytes:
    """Return what the heads in the communes of a list are known by; nothing where it names none."""
    codes = {entry.ward_code for entry in entries if entry.leader_ref}
    known = {code.zfill(5) if code.isdecimal() else code for code in codes} | codes
    return heads(view, known).fingerprint() if codes else b""


def _check_undo(tx: Tx, import_id: bytes, scope: str | None) -> None:
    row = tx.area_imports.get(import_id)
    if row is None or not _is_within(tx, row.area_id, scope):
        raise NotFound("không có lần nhập nào mang mã này: xem `homthu areas imports`")
    if row.undone_at is not None:
        raise NotTaken(_UNDONE)
    mine = tx.area_imports.owner_ids(import_id)
    for later in tx.area_imports.later(import_id):
        if not mine.isdisjoint(tx.area_imports.owner_ids(later)):
            raise NotTaken(_BUILT_UPON)


def _is_within(view: View, area_id: str | None, scope: str | None) -> bool:
    """Return whether an area is ``scope`` or stands below it; None is the whole country."""
    current = area_id
    while current is not None and current != scope:
        row = view.areas.get(current)
        current = row.parent_id if row else None
    return scope is None or current == scope


def _id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound("mã lần nhập không đúng dạng: xem `homthu areas imports`") from None
