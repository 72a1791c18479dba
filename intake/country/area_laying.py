"""Writes what a list adds and changes, notes what it replaced, and puts that back.

All of it inside the unit of work of whoever takes or undoes the list, and after its checks: what
`note_of` keeps is what `put_back` reads. Whether a list may be taken or undone is not judged here,
but for one thing: a row that has changed since is never overwritten.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from intake.country.area_judge import Planned
from intake.country.area_leaders import Led
from intake.errors import NotTaken
from storage.areas import AreaRow, LinkRow
from storage.organisations import ImportedRow, OrganisationRow
from storage.unit_of_work import Tx

_NOT_COLUMNS = frozenset({"organisation", "until_after", "head"})  # of what a noted line keeps
_CHANGED_SINCE = "đơn vị đã đổi sau lần nhập này: không hoàn tác được"


def lay(tx: Tx, changed: list[Planned]) -> None:
    """Add and change what was planned, and let what it takes the place of end."""
    added = [one.row for one in changed if one.was is None]
    replaced = [one.row for one in changed if one.was is not None]
    tx.areas.add_new(row for row in added if isinstance(row, AreaRow))
    tx.areas.add_areas(row for row in replaced if isinstance(row, AreaRow))
    tx.organisations.add_new(row for row in added if isinstance(row, OrganisationRow))
    tx.organisations.replace(row for row in replaced if isinstance(row, OrganisationRow))
    links = [LinkRow(gone, p.row.id, p.row.valid_from) for p in changed for gone in p.ends]
    for day in {link.on for link in links}:
        tx.areas.end({link.predecessor_id for link in links if link.on == day}, day)
    tx.areas.add_links(links)


def note_of(import_id: bytes, one: Planned, led: Led | None) -> ImportedRow:
    """Return what is kept of a line: what it did, and all that undoing it needs."""
    before: dict[str, Any] = {}
    if one.act != "same" and one.was is not None:
        before = {"organisation": isinstance(one.was, OrganisationRow), **one.was._asdict()}
        before["until_after"] = one.row.valid_to
    elif one.ends:
        before = {"ended": one.ends}
    if led is not None:
        before["head"] = led.told()
    text = json.dumps(before, default=str, ensure_ascii=False) if before else ""
    return ImportedRow(import_id, one.line, one.row.id, one.act, text)


def put_back(tx: Tx, rows: list[ImportedRow]) -> None:
    """Delete what a list added and put back what it changed or ended.

    Raises:
        NotTaken: something that it changed was ended, or raised again, since.
    """
    added = [row.owner_id for row in rows if row.act == "add"]
    befores = [json.loads(row.before) for row in rows if row.before]
    tx.areas.delete_links_to(added)
    tx.areas.end(sorted({gone for each in befores for gone in each.get("ended", ())}), None)
    tx.areas.delete(added)
    tx.organisations.delete(added)
    changed = [each for each in befores if "id" in each]
    _check_unchanged(tx, changed)
    tx.areas.add_areas(AreaRow(**b) for b in _rows_before(changed, organisation=False))
    tx.organisations.replace(OrganisationRow(**b) for b in _rows_before(changed, organisation=True))


def _check_unchanged(tx: Tx, changed: list[dict[str, Any]]) -> None:
    """Refuse to put back what was ended, or raised again, since."""
    ids = [each["id"] for each in changed]
    now = {**tx.areas.get_many(ids), **tx.organisations.get_many(ids)}
    for each in changed:
        until = now[each["id"]].valid_to
        if (until.isoformat() if until else None) != each["until_after"]:
            raise NotTaken(_CHANGED_SINCE)


def _rows_before(befores: list[dict[str, Any]], *, organisation: bool) -> Iterator[dict[str, Any]]:
    for each in befores:
        if each["organisation"] is organisation:
            row = {key: each[key] for key in each if key not in _NOT_COLUMNS}
            row["valid_from"] = date.fromisoformat(row["valid_from"])
            row["valid_to"] = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
            yield row
