"""Judges a list of areas against what stands: what each line would add, change or end.

Pure. One faulty line stops the whole list, so every fault is told at once. What could be two
things is a fault and never picked: a name that stands already, an old code, a place that is gone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from intake.country.area_files import Fault
from intake.country.area_ground import Ground, OwnerRow, has_ended
from intake.country.area_rows import Entry
from intake.country.area_words import folded
from storage.areas import AreaRow
from storage.organisations import OrganisationRow


class Planned(NamedTuple):
    """What one line would do: ``add``, ``change``, ``end`` or ``same``."""

    line: int
    act: str
    row: OwnerRow
    was: OwnerRow | None = None
    ends: tuple[str, ...] = ()


@dataclass(slots=True)
class Judge:
    """Reads entries one by one; ``faults`` stop the list, ``doubts`` are only shown."""

    ground: Ground
    today: date
    scope: str | None = None
    faults: list[Fault] = field(default_factory=list[Fault])
    doubts: list[Fault] = field(default_factory=list[Fault])
    _at: dict[str, int] = field(default_factory=dict[str, int])  # id → line
    _exact: dict[tuple[str, str], tuple[str, int]] = field(
        default_factory=dict[tuple[str, str], tuple[str, int]]
    )  # commune and name → id of what stands, or the line
    _alike: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _ended: dict[str, date] = field(default_factory=dict[str, date])
    _last: dict[str, int] = field(default_factory=dict[str, int])

    def judge(self, entries: Iterable[Entry]) -> tuple[Planned, ...]:
        """Return what the entries would do, in the order of their lines."""
        placed = [(e, p) for e in self._without_circles(list(entries)) if (p := self._parent(e))]
        with_ids = self._with_ids(placed)
        self._find_replaced(placed)
        self._names_that_stand({parent.id for _, parent, _ in with_ids})
        planned = [self._plan(entry, parent, own_id) for entry, parent, own_id in with_ids]
        return tuple(one for one in planned if one is not None)

    def _fault(self, line: int, what: str, fix: str) -> None:
        self.faults.append(Fault(line, what, fix))

    # --- where it stands --------------------------------------------------------------------------

    def _without_circles(self, entries: list[Entry]) -> list[Entry]:
        """Drop, with a fault, entries that hang on another line of the same list."""
        lost = [entry for entry in entries if not self.ground.parents.get(entry.ward_code)]
        by_code = {
            code: entry
            for entry in entries
            if entry.own_code
            for code in (entry.own_code, f"{entry.ward_code}-{entry.own_code}")
        }
        for entry in lost:
            self._tell_lost(entry, by_code)
        gone = {entry.line for entry in lost}
        return [entry for entry in entries if entry.line not in gone]

    def _tell_lost(self, entry: Entry, by_code: dict[str, Entry]) -> None:
        fix = "ở ward_code ghi mã năm số của xã, phường"
        chain, current = [entry.line], by_code.get(entry.ward_code)
        if current is None:
            self._fault(entry.line, "không có địa bàn nào mang ward_code này", fix)
            return
        while current is not None and current.line not in chain:
            chain.append(current.line)
            current = by_code.get(current.ward_code)
        if current is not None and current.line == entry.line:
            circle = ", ".join(str(line) for line in chain)
            self._fault(entry.line, f"vòng lặp: đơn vị trực thuộc chính nó (dòng {circle})", fix)
        else:
            self._fault(entry.line, f"trực thuộc một dòng khác của tệp (dòng {chain[1]})", fix)

    def _parent(self, entry: Entry) -> AreaRow | None:
        parent = self.ground.areas[self.ground.parents[entry.ward_code]]
        if not entry.organisation and parent.level != "commune":
            fix = "ghi mã năm số của xã, phường"
            self._fault(entry.line, "tổ, thôn chỉ trực thuộc xã, phường", fix)
        elif has_ended(parent, self.today):
            self._fault(entry.line, f"{parent.name} {self._gone(parent)}", self._instead(parent))
        elif not self.ground.is_below(parent.id, self.scope):
            fix = "chỉ nhập địa bàn của mình; nơi khác để nơi ấy nhập"
            self._fault(entry.line, "địa bàn này không thuộc đơn vị của đồng chí", fix)
        else:
            return parent if self._is_own(entry, parent) else None
        return None

    def _is_own(self, entry: Entry, parent: AreaRow) -> bool:
        """Refuse a whole id of another area as a code of one's own."""
        above = entry.own_code.rpartition("-")[0]
        if above in self.ground.areas and above != parent.id:
            fix = "đơn vị chuyển xã thì cho mã mới và ghi mã cũ vào replaces"
            self._fault(entry.line, "own_code là mã của một địa bàn khác", fix)
            return False
        return True

    def _gone(self, row: OwnerRow) -> str:
        heirs = self.ground.heirs(row.id)
        now = f", nay là {', '.join(f'{h.name} ({h.id})' for h in heirs)}" if heirs else ""
        return f"đã thôi từ {_vn(row.valid_to)}{now}"

    def _instead(self, row: OwnerRow) -> str:
        return "ghi mã của nơi thay thế" if self.ground.heirs(row.id) else "ghi mã nơi đang có"

    # --- its id -----------------------------------------------------------------------------------

    def _with_ids(self, placed: list[tuple[Entry, AreaRow]]) -> list[tuple[Entry, AreaRow, str]]:
        """Give each entry its id; those without a code of their own get the next free number."""
        own = {
            entry.line: f"{parent.id}-{entry.own_code.removeprefix(f'{parent.id}-')}"
            for entry, parent in placed
            if entry.own_code
        }
        for line, own_id in own.items():
            first = self._at.setdefault(own_id, line)
            if first != line:
                fix = "mỗi đơn vị một mã; bỏ dòng trùng, hoặc cho mã khác"
                self._fault(line, f"mã trùng với dòng {first}", fix)
        found: list[tuple[Entry, AreaRow, str]] = []
        for entry, parent in placed:
            owner_id = own.get(entry.line) or self._next_id(entry, parent)
            if self._at.setdefault(owner_id, entry.line) == entry.line:
                found.append((entry, parent, owner_id))
        return found

    def _next_id(self, entry: Entry, parent: AreaRow) -> str:
        start = f"{parent.id}-{entry.kind}-" if entry.organisation else f"{parent.id}-"
        number = self._last.get(start, 0) + 1
        while (own_id := f"{start}{number:02}") in self._at or self.ground.owner(own_id):
            number += 1
        self._last[start] = number
        return own_id

    # --- its name ---------------------------------------------------------------------------------

    def _names_that_stand(self, parents: set[str]) -> None:
        for parent in parents:
            for row in self.ground.inside.get(parent, []):
                left = row.id in self._at or row.id in self._ended
                if not left and not has_ended(row, self.today):
                    self._alike[parent, row.folded] = row.name
                    self._exact[parent, row.name.casefold()] = (row.id, 0)

    def _check_name(self, entry: Entry, parent: AreaRow) -> bool:
        exact, alike = (parent.id, entry.name.casefold()), (parent.id, folded(entry.name))
        known, line = self._exact.setdefault(exact, ("", entry.line))
        if known:
            fix = f"cập nhật thì ghi own_code {known.removeprefix(f'{parent.id}-')};"
            fix += f" đơn vị mới thay cho nó thì ghi replaces {known}"
            self._fault(entry.line, f"đã có đơn vị cùng tên, mã {known}", fix)
            return False
        if line != entry.line:
            self._fault(entry.line, f"tên trùng với dòng {line}", "bỏ dòng trùng, hoặc sửa tên")
            return False
        if (other := self._alike.setdefault(alike, entry.name)) != entry.name:
            fix = "đúng là hai nơi thì thôi; một nơi thì bỏ một dòng"
            self.doubts.append(Fault(entry.line, f"tên chỉ khác dấu với {other}", fix))
        return True

    # --- what it does -----------------------------------------------------------------------------

    def _plan(self, entry: Entry, parent: AreaRow, owner_id: str) -> Planned | None:
        was = self.ground.owner(owner_id)
        if was is not None and isinstance(was, OrganisationRow) != entry.organisation:
            fix = "cho đơn vị này mã khác"
            self._fault(entry.line, "mã này đang là của một đơn vị khác loại", fix)
            return None
        row = self._row(entry, parent, owner_id, was)
        if not self._may_replace(entry, parent, owner_id, was):
            return None
        if was == row:
            return Planned(entry.line, "same", row, was)
        if was is not None and has_ended(was, self.today):
            fix = "mã cũ không dùng lại: cho đơn vị mới mã mới"
            self._fault(entry.line, f"đơn vị mang mã này {self._gone(was)}", fix)
            return None
        if row.valid_to is not None and row.valid_to <= row.valid_from:
            fix = "valid_to là ngày đầu tiên không còn đơn vị, phải sau valid_from"
            self._fault(entry.line, "valid_to không sau valid_from", fix)
            return None
        if not has_ended(row, self.today) and not self._check_name(entry, parent):
            return None
        if was is None:
            found = [self._one_replaced(entry, part, parent, row) for part in entry.replaces]
            ends = tuple(dict.fromkeys(one for one in found if one))
            return Planned(entry.line, "add", row, None, ends)
        return Planned(entry.line, "end" if was.valid_to != row.valid_to else "change", row, was)

    def _row(self, entry: Entry, parent: AreaRow, owner_id: str, was: OwnerRow | None) -> OwnerRow:
        """Return the row as the line wants it; what it leaves empty stays as it was."""
        since = entry.valid_from or (was.valid_from if was else self.today)
        until = entry.valid_to or (was.valid_to if was else None)
        name, plain = entry.name, folded(entry.name)
        if entry.organisation:
            return OrganisationRow(owner_id, parent.id, entry.kind, name, plain, since, until)
        before = was if isinstance(was, AreaRow) else None
        sizes = (entry.households, entry.population)
        if before is not None:
            kept = (before.households, before.population)
            sizes = tuple(k if new is None else new for new, k in zip(sizes, kept, strict=True))
        return AreaRow(
            owner_id, "neighbourhood", parent.id, entry.kind, name, plain, since, until, *sizes
        )

    # --- what it takes the place of ---------------------------------------------------------------

    def _find_replaced(self, placed: list[tuple[Entry, AreaRow]]) -> None:
        """Note which standing areas the list replaces, before names are compared."""
        for entry, parent in placed:
            for part in entry.replaces:
                if (row := self._meant(part, parent)) is not None:
                    self._ended[row.id] = entry.valid_from or self.today

    def _meant(self, part: str, parent: AreaRow) -> AreaRow | None:
        whole = f"{parent.id}-{part}"
        named = whole in self._at or whole in self.ground.areas
        return self.ground.areas.get(whole if named else part)

    def _may_replace(
        self, entry: Entry, parent: AreaRow, owner_id: str, was: OwnerRow | None
    ) -> bool:
        """Refuse to let what stands already, or an organisation, take the place of others."""
        if not entry.replaces:
            return True
        linked = {one.predecessor_id for one in self.ground.links if one.successor_id == owner_id}
        meant = [self._meant(part, parent) for part in entry.replaces]
        if was is not None and all(row is not None and row.id in linked for row in meant):
            return True  # the same list again
        if was is not None or entry.organisation:
            fix = "đơn vị cũ nhận thêm đơn vị khác: dùng lệnh homthu areas merge"
            self._fault(entry.line, "replaces chỉ dùng cho tổ, thôn mới", fix)
            return False
        return True

    def _one_replaced(self, entry: Entry, part: str, parent: AreaRow, row: OwnerRow) -> str:
        gone, fix = self._meant(part, parent), "ở replaces ghi mã của đơn vị đã có trước"
        if gone is None:
            line = self._at.get(part) or self._at.get(f"{parent.id}-{part}")
            what = f"thay cho dòng {line} của chính tệp này" if line else "không có đơn vị bị thay"
            what = "vòng lặp: đơn vị thay cho chính nó" if line == entry.line else what
        elif gone.level != "neighbourhood" or not self.ground.is_below(gone.id, self.scope):
            what = "đơn vị bị thay không phải tổ, thôn của mình"
        elif gone.id in self._at:
            what = f"đơn vị bị thay còn đứng ở dòng {self._at[gone.id]}"
        elif gone.valid_to is not None:
            what = f"đơn vị bị thay {self._gone(gone)}"
        elif gone.valid_from >= row.valid_from or self._ended[gone.id] != row.valid_from:
            what = "ngày thay không sau ngày đơn vị cũ có, hoặc các dòng ghi ngày thay khác nhau"
            fix = "ghi valid_from là ngày đơn vị mới bắt đầu, như nhau ở các dòng"
        else:
            return gone.id
        self._fault(entry.line, what, fix)
        return ""


def counts_of(planned: Iterable[Planned]) -> dict[str, int]:
    """Return how many lines would do what, and how many areas are replaced."""
    counted: defaultdict[str, int] = defaultdict(int)
    for one in planned:
        counted[one.act] += 1
        counted["replaced"] += len(one.ends)
    return {act: counted[act] for act in ("add", "change", "end", "same", "replaced")}


def _vn(day: date | None) -> str:
    return f"{day.day}/{day.month}/{day.year}" if day else "—"
