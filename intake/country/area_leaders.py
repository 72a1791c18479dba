"""The leaders that a list of areas names: found by name in the same commune, or made.

A name that could be two people is a fault and never picked. A list gives a head to what has none;
who takes over from somebody else is decided by a hand-over, not by a list.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from intake.country.area_files import Fault
from intake.country.area_ground import OwnerRow, has_ended
from intake.country.area_rows import Entry
from intake.errors import NotTaken
from intake.growing_ids import growing_id
from intake.text import clean
from intake.work.leaders import FORMS_OF_ADDRESS
from storage.areas import AreaRow
from storage.assignments import AssignmentRow
from storage.leaders import LeaderRow
from storage.unit_of_work import Tx, View

_NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?")
_LONGEST = 80
_ENROLLED = (
    "người phụ trách trong lần nhập này đã vào máy, hoặc phần phụ trách đã đổi: không hoàn tác nữa,"
    " hãy sửa ở trang Người phụ trách"
)


class Person(NamedTuple):
    """Whom a line names; ``address_as`` "" where it does not say."""

    name: str
    address_as: str


class Led(NamedTuple):
    """What one line would do for its head: ``leader`` is made where ``is_new``."""

    line: int
    leader: LeaderRow
    is_new: bool
    assignment: AssignmentRow

    def told(self) -> dict[str, Any]:
        """Return what undoing this needs."""
        return {"id": self.leader.id.hex(), "new": self.is_new, "by": self.assignment.id.hex()}


class Heads(NamedTuple):
    """Who looks after what in the communes of a list, at the moment of reading."""

    people: Mapping[str, Sequence[LeaderRow]]
    held: Mapping[str, Sequence[AssignmentRow]]

    def fingerprint(self) -> bytes:
        """Return what this reading is known by."""
        seen = (sorted(self.people.items()), sorted(self.held.items()))
        return hashlib.sha256(repr(seen).encode()).digest()


def read_person(cell: str) -> Person | None:
    """Return whom a cell names; None for what is no name."""
    words = clean(cell).replace("\n", " ").split()
    known = words[0].lower() if len(words) > 1 else ""
    address = known if known in FORMS_OF_ADDRESS else ""
    name = " ".join(words[1:] if address else words)
    good = _NAME.fullmatch(name) and len(name) <= _LONGEST
    return Person(name, address) if good and not any(map(str.isnumeric, name)) else None


def heads(view: View, communes: Iterable[str]) -> Heads:
    """Read who looks after what inside these communes."""
    people: dict[str, Sequence[LeaderRow]] = {}
    held: defaultdict[str, list[AssignmentRow]] = defaultdict(list)
    for commune in sorted(set(communes)):
        people[commune] = [row for row in view.wards.leaders(commune) if row.left_on is None]
        for row in view.wards.assignments(commune):
            held[row.owner_id].append(row)
    return Heads(people, dict(held))


class HeadFinder:
    """Finds or makes the head that each line names; ``faults`` stop the list."""

    def __init__(self, found: Heads, today: date) -> None:
        self._found = found
        self._today = today
        self._made: dict[tuple[str, str], LeaderRow] = {}
        self.faults: list[Fault] = []

    def plan(self, lines: Iterable[tuple[Entry, OwnerRow]]) -> tuple[Led, ...]:
        """Return what the lines would do, in their order; nothing where the head is right."""
        planned = (self._one(entry, row) for entry, row in lines if entry.leader_ref)
        return tuple(each for each in planned if each is not None)

    def _one(self, entry: Entry, row: OwnerRow) -> Led | None:
        person, commune = read_person(entry.leader_ref), commune_of(row)
        if person is None or has_ended(row, self._today):
            if person is None:
                what = "leader_ref không phải một tên người"
                self._fault(entry.line, what, "chỉ ghi họ tên, thí dụ bác Nguyễn Văn Hòa")
            return None
        named = [
            each
            for each in self._found.people.get(commune, ())
            if each.name.casefold() == person.name.casefold()
            and person.address_as in {"", each.address_as}
        ]
        if len(named) > 1:
            fix = "bỏ trống ô này, rồi giao ở trang Người phụ trách"
            self._fault(entry.line, "leader_ref: xã có hai người cùng tên", fix)
            return None
        since = max(self._today, row.valid_from)
        heads_now = [
            each
            for each in self._found.held.get(row.id, ())
            if each.part == "head" and (each.until is None or each.until > since)
        ]
        if heads_now:
            if not (named and all(each.leader_id == named[0].id for each in heads_now)):
                fix = "đổi người thì bàn giao ở trang Người phụ trách; ở đây bỏ trống ô này"
                self._fault(entry.line, "leader_ref: nơi này đã có người phụ trách khác", fix)
            return None
        leader = named[0] if named else self._new(commune, person)
        owed = AssignmentRow(growing_id(), leader.id, row.id, "head", since, row.valid_to)
        return Led(entry.line, leader, not named, owed)

    def _new(self, commune: str, person: Person) -> LeaderRow:
        """Return the person who is made: one for the same words in the same commune."""
        key = (commune, f"{person.address_as} {person.name}".casefold())
        if key not in self._made:
            self._made[key] = LeaderRow(
                growing_id(),
                person.name,
                person.address_as or FORMS_OF_ADDRESS[0],
                "vi",
                paused_until=None,
                added_on=self._today,
                left_on=None,
            )
        return self._made[key]

    def _fault(self, line: int, what: str, fix: str) -> None:
        self.faults.append(Fault(line, what, fix))


def commune_of(row: OwnerRow) -> str:
    """Return the area in which a line's leader is looked for: the one that it hangs on."""
    return (row.parent_id or row.id) if isinstance(row, AreaRow) else row.area_id


def lay_heads(tx: Tx, led: Sequence[Led]) -> None:
    """Add the people that are new, and what everybody looks after."""
    new = {each.leader.id: each.leader for each in led if each.is_new}
    tx.leaders.add_all(list(new.values()))
    tx.assignments.assign_all([each.assignment for each in led])


def take_heads_back(tx: Tx, told: Iterable[Mapping[str, Any]], today: date) -> None:
    """Take back what a list did for its heads; who was made for it goes too.

    Raises:
        NotTaken: somebody has enrolled since, or an assignment is not as it was laid down.
    """
    found = list(told)
    assignments = [bytes.fromhex(each["by"]) for each in found]
    new = sorted({bytes.fromhex(each["id"]) for each in found if each["new"]})
    if tx.assignments.drop(assignments) != len(assignments):
        raise NotTaken(_ENROLLED)
    if tx.leaders.enrolled(new) or tx.assignments.assigned(new):
        raise NotTaken(_ENROLLED)
    for leader_id in new:
        tx.leaders.drop_invites(leader_id)
    tx.leaders.forget(new, today)


def heads_of(befores: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield what the noted lines of a list did for their heads."""
    return (each["head"] for each in befores if "head" in each)
