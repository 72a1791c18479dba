"""Who owes what on a day: programmes in use, their duties, and the areas that these fall on.

A body that is gone owes nothing until somebody stands for it: no heir is ever guessed. Nothing is
written here; an `Opening` is one piece of work, small enough to be one unit of work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from intake.plans.periods import terms_of
from intake.plans.programme import Programme
from intake.plans.programme_schema import Duty
from intake.plans.programme_use import ProgrammeUses
from storage.opening import DutyTerms
from storage.unit_of_work import Tx, View

COMMUNES_AT_ONCE = 100
LEVELS = ("province", "commune", "neighbourhood")


@dataclass(frozen=True, slots=True)
class Debt:
    """A duty's terms, and who owes it."""

    terms: DutyTerms
    levels: tuple[str, ...]
    organisations: tuple[str, ...]
    holders: tuple[str, ...]
    """Areas in which somebody stands for a body that is gone."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One part of what is to be opened: some communes, one province, or one neighbourhood."""

    debts: tuple[Debt, ...]
    level: str
    """The level of ``scope``."""
    scope: tuple[str, ...]
    province: str
    communes: tuple[str, ...]
    """What stands in ``province_id`` and ``commune_id`` of the rows that it makes."""

    @property
    def terms(self) -> tuple[DutyTerms, ...]:
        """What it opens."""
        return tuple(debt.terms for debt in self.debts)

    def uncounted(self, tx: Tx) -> list[bytes]:
        """Return those of its obligations for which something was filed before they were opened."""
        return [
            found
            for terms in self.terms
            for found in tx.counting.uncounted_in(terms, self.province, self.communes)
        ]

    def run(self, tx: Tx, day: date, now: datetime) -> int:
        """Open it; return how many are new."""
        return sum(self._of(tx, debt, day, now) for debt in self.debts)

    def _of(self, tx: Tx, debt: Debt, day: date, now: datetime) -> int:
        new, store, terms = 0, tx.obligations, debt.terms
        for level in self._below():
            if level in debt.levels:
                alone = self.level == "neighbourhood"
                new += store.open_for_areas(terms, level, self.scope, day, now, one_by_one=alone)
            if debt.organisations:
                new += store.open_for_organisations(
                    terms, level, self.scope, day, now,
                    kinds=debt.organisations, one_by_one=self.level == "neighbourhood",
                )  # fmt: skip
            named = [area for area in debt.holders if area in self.scope]
            if named and level == self.level and level not in debt.levels:
                new += store.open_for_areas(terms, level, named, day, now, one_by_one=True)
        return new

    def _below(self) -> tuple[str, ...]:
        return ("commune", "neighbourhood") if self.level == "commune" else (self.level,)


def openings(view: View, uses: ProgrammeUses, day: date) -> list[Opening]:
    """Return everything that is to be opened for the periods that hold ``day``, in parts."""
    found: list[Opening] = []
    for use in view.programmes.uses():
        if use.is_on(day):
            debts = tuple(_debts(view, uses.programme(use.programme), day))
            found += _parts(view, debts, use.area_id) if debts else ()
    return found


def unowed(view: View, programme: Programme) -> list[Duty]:
    """Return duties that are switched on and fall on a body for which nobody stands yet."""
    named = {row.role for row in view.programmes.holders(programme.id)}
    return [
        duty
        for duty in programme.duties
        if programme.is_on(duty)
        and any(programme.holder(r) is None and r not in named for r in duty.owed_by.roles)
    ]


def _debts(view: View, programme: Programme, day: date) -> Iterator[Debt]:
    holders = view.programmes.holders(programme.id)
    for duty in programme.duties:
        terms = terms_of(programme, duty, day) if programme.is_on(duty) else None
        if terms is None:
            continue
        levels, named = set[str](duty.owed_by.levels), list[str]()
        for role_id in duty.owed_by.roles:
            role = programme.holder(role_id)
            if role is None:
                named += [row.area_id for row in holders if row.role == role_id]
            elif role.level:
                levels.add(role.level)
        yield Debt(
            terms, tuple(level for level in LEVELS if level in levels),
            tuple(duty.owed_by.organisations), tuple(named),
        )  # fmt: skip


def _parts(view: View, debts: tuple[Debt, ...], area_id: str) -> Iterator[Opening]:
    area = view.owners.get(area_id)
    if area is None:
        return
    if area.kind == "neighbourhood":
        yield Opening(debts, "neighbourhood", (area_id,), area.province_id, (area.commune_id,))
        return
    communes = [area_id]
    if area.kind == "province":
        alone = tuple(d for d in debts if "province" in d.levels or d.organisations or d.holders)
        if alone:
            yield Opening(alone, "province", (area_id,), area_id, ("",))
        communes = view.owners.below(area_id)
    for start in range(0, len(communes), COMMUNES_AT_ONCE):
        some = tuple(communes[start : start + COMMUNES_AT_ONCE])
        yield Opening(debts, "commune", some, area.province_id, some)
