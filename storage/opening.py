"""Opens what is owed, in bulk: one statement for all owners of a kind in one part of the country.

Owners that have it already keep theirs, so that opening again adds what is missing alone.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, Select, cast, func, literal, or_, select

from storage.statements import Store, insert_into, table_of
from storage.tables import Area
from storage.work_tables import Obligation, Organisation

OBLIGATION, AREA, ORGANISATION = table_of(Obligation), table_of(Area), table_of(Organisation)
_COMMUNE, _BASE = AREA.alias("commune"), AREA.alias("base")


class DutyTerms(NamedTuple):
    """What is owed in one period by everybody who owes it."""

    programme: str
    duty: str
    kind: str
    period: str
    first: date
    last: date
    due_at: datetime
    need: int


class OpeningStore(Store):
    """Opens obligations; see `storage.obligations` for what becomes of them."""

    __slots__ = ()

    def open_for_areas(
        self, terms: DutyTerms, level: str, scope: Sequence[str], day: date, now: datetime,
        *, one_by_one: bool = False,
    ) -> int:  # fmt: skip
        """Open what areas of a level owe and do not have yet; return how many are new.

        ``scope`` holds communes (for neighbourhoods and communes) or provinces; with
        ``one_by_one`` it holds the owners themselves.
        """
        by = AREA.c.parent_id if level == "neighbourhood" and not one_by_one else AREA.c.id
        base, places = _places(AREA, level)
        found: Any = (
            select(*self._columns(terms, AREA.c.id, places, now))
            .select_from(base)
            .where(AREA.c.level == level, by.in_(scope), *_active(AREA, day))
        )
        return self._open(found)

    def open_for_organisations(
        self, terms: DutyTerms, level: str, scope: Sequence[str], day: date, now: datetime,
        *, kinds: Sequence[str], one_by_one: bool = False,
    ) -> int:  # fmt: skip
        """Open what organisations of these kinds owe that hang on areas of a level."""
        by = _BASE.c.parent_id if level == "neighbourhood" and not one_by_one else _BASE.c.id
        base, places = _places(_BASE, level)
        found: Any = (
            select(*self._columns(terms, ORGANISATION.c.id, places, now))
            .select_from(base.join(ORGANISATION, ORGANISATION.c.area_id == _BASE.c.id))
            .where(
                _BASE.c.level == level, by.in_(scope), ORGANISATION.c.kind.in_(kinds),
                *_active(ORGANISATION, day),
            )
        )  # fmt: skip
        return self._open(found)

    def _columns(
        self, terms: DutyTerms, owner: Any, places: tuple[Any, Any], now: datetime
    ) -> list[Any]:
        fixed = terms._asdict() | {
            "done": 0, "met": False, "timely": False, "approved": False, "exempt": "no",
            "exempt_reason": "", "exempt_by": "", "state": "open", "opened_at": now,
        }  # fmt: skip
        columns = OBLIGATION.c
        own = {"id": self._new_id(now), "owner_id": owner, "commune_id": places[0]}
        own["province_id"] = places[1]
        given = {name: literal(value, columns[name].type) for name, value in fixed.items()}
        return [value.label(name) for name, value in (own | given).items()]

    def _new_id(self, now: datetime) -> Any:
        """Return eight bytes of the moment and eight random ones.

        Ids that grow keep what is opened together on few pages of the index: random ones would
        touch a page each, and opening would slow down with every month that is stored.
        """
        prefix = literal(int(now.timestamp() * 1_000_000).to_bytes(8, "big"), LargeBinary)
        if self._connection.dialect.name == "sqlite":
            return cast(prefix.concat(func.randomblob(8)), LargeBinary)
        return prefix.concat(func.substring(func.uuid_send(func.gen_random_uuid()), 9))

    def _open(self, found: Select[Any]) -> int:
        names = list(found.selected_columns.keys())
        keep: Any = {"preserve_rowcount": True}
        into = insert_into(OBLIGATION, self._connection.dialect.name)
        statement = into.from_select(names, found).on_conflict_do_nothing()
        return self._connection.execute(statement.execution_options(**keep)).rowcount


def _places(base: Any, level: str) -> tuple[Any, tuple[Any, Any]]:
    """Return what to select from, and the commune and province of an area of that level."""
    none = literal("", OBLIGATION.c.commune_id.type)
    if level == "neighbourhood":
        joined = base.join(_COMMUNE, _COMMUNE.c.id == base.c.parent_id)
        return joined, (base.c.parent_id, func.coalesce(_COMMUNE.c.parent_id, none))
    if level == "commune":
        return base, (base.c.id, func.coalesce(base.c.parent_id, none))
    return base, (none, base.c.id)


def _active(owners: Any, day: date) -> tuple[Any, Any]:
    return owners.c.valid_from <= day, or_(owners.c.valid_to.is_(None), owners.c.valid_to > day)
