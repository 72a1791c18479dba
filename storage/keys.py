"""The signed key list, units' keys by epoch, who was handed which, probes, and facts.

Everything secret in here is sealed to somebody; a row proves nothing until its signature is
checked, which is not done here.
"""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, select, update

from storage.statements import Store, Upsert, table_of
from storage.tables import Fact, KeyGrant, KeySegment, Probe, UnitKey

SEGMENT, UNIT_KEY, GRANT = table_of(KeySegment), table_of(UnitKey), table_of(KeyGrant)
PROBE, FACT = table_of(Probe), table_of(Fact)


class SegmentRow(NamedTuple):
    """One signed segment of the key list."""

    signer: str
    version: int
    body: bytes
    signature: bytes


class UnitKeyRow(NamedTuple):
    """One epoch of a unit's key."""

    key_id: bytes
    unit_id: str
    epoch: int
    public_key: bytes
    made_on: date
    ended_on: date | None = None


class GrantRow(NamedTuple):
    """A unit key's secret, sealed to one officer's key."""

    key_id: bytes
    officer_id: bytes
    secret_sealed: bytes


class ProbeRow(NamedTuple):
    """A sealed nothing that proves the listed key to be the right one."""

    unit_id: str
    key_id: bytes
    sealed: bytes
    made_on: date
    opened_on: date | None = None


_PUT_SEGMENT, _PUT_UNIT_KEY, _PUT_GRANT = Upsert(SEGMENT), Upsert(UNIT_KEY), Upsert(GRANT)
_PUT_PROBE, _PUT_FACT = Upsert(PROBE), Upsert(FACT)
_GRANT: Select[Any] = select(*(GRANT.c[name] for name in GrantRow._fields))
_PROBE: Select[Any] = select(*(PROBE.c[name] for name in ProbeRow._fields))


class KeyStore(Store):
    """Keeps public keys, signatures and sealed secrets."""

    __slots__ = ()

    def segments(self) -> list[SegmentRow]:
        """Return the signed segments of the key list, by signer."""
        query = select(*(SEGMENT.c[name] for name in SegmentRow._fields))
        rows = self._connection.execute(query.order_by(SEGMENT.c.signer))
        return [SegmentRow._make(row) for row in rows]

    def put_segment(self, signer: str, version: int, body: bytes, signature: bytes) -> None:
        """Keep a signer's segment in place of the one before."""
        row = SegmentRow(signer, version, body, signature)
        self._connection.execute(_PUT_SEGMENT.on(self._connection), row._asdict())

    def unit_keys(self, unit_id: str) -> list[UnitKeyRow]:
        """Return a unit's keys, newest epoch first."""
        query = select(*(UNIT_KEY.c[name] for name in UnitKeyRow._fields))
        query = query.where(UNIT_KEY.c.unit_id == unit_id).order_by(UNIT_KEY.c.epoch.desc())
        return [UnitKeyRow._make(row) for row in self._connection.execute(query)]

    def add_unit_key(self, key: UnitKeyRow) -> None:
        """Keep a unit's key."""
        self._connection.execute(_PUT_UNIT_KEY.on(self._connection), key._asdict())

    def end_unit_key(self, key_id: bytes, ended_on: date) -> None:
        """Note that nothing more is sealed to this key."""
        statement = update(UNIT_KEY).where(UNIT_KEY.c.key_id == key_id)
        self._connection.execute(statement.values(ended_on=ended_on))

    def grants_of(self, officer_id: bytes) -> list[GrantRow]:
        """Return the unit keys that one officer was handed."""
        return self._grants(GRANT.c.officer_id == officer_id)

    def grants_for(self, key_id: bytes) -> list[GrantRow]:
        """Return to whom one unit key was handed."""
        return self._grants(GRANT.c.key_id == key_id)

    def add_grant(self, grant: GrantRow) -> None:
        """Hand a unit key to an officer, again if need be."""
        self._connection.execute(_PUT_GRANT.on(self._connection), grant._asdict())

    def drop_grants(self, officer_id: bytes) -> int:
        """Take every unit key from an officer; return how many there were."""
        statement = delete(GRANT).where(GRANT.c.officer_id == officer_id)
        return self._connection.execute(statement).rowcount

    def put_probe(self, probe: ProbeRow) -> None:
        """Keep a unit's probe in place of the one before."""
        self._connection.execute(_PUT_PROBE.on(self._connection), probe._asdict())

    def probe(self, unit_id: str) -> ProbeRow | None:
        """Return a unit's probe."""
        row = self._connection.execute(_PROBE.where(PROBE.c.unit_id == unit_id)).first()
        return None if row is None else ProbeRow._make(row)

    def probes(self) -> list[ProbeRow]:
        """Return every unit's probe."""
        rows = self._connection.execute(_PROBE.order_by(PROBE.c.unit_id))
        return [ProbeRow._make(row) for row in rows]

    def probe_opened(self, unit_id: str, key_id: bytes, opened_on: date) -> None:
        """Note that a sign-in opened this probe."""
        statement = update(PROBE).where(PROBE.c.unit_id == unit_id, PROBE.c.key_id == key_id)
        self._connection.execute(statement.values(opened_on=opened_on))

    def fact(self, name: str) -> str | None:
        """Return a fact about this installation."""
        return self._connection.execute(select(FACT.c.value).where(FACT.c.name == name)).scalar()

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact about this installation."""
        self._connection.execute(_PUT_FACT.on(self._connection), {"name": name, "value": value})

    def facts(self, prefix: str) -> list[str]:
        """Return the names of facts that begin with ``prefix``."""
        query = select(FACT.c.name).where(FACT.c.name.startswith(prefix, autoescape=True))
        return list(self._connection.execute(query.order_by(FACT.c.name)).scalars())

    def drop_fact(self, name: str) -> None:
        """Forget a fact."""
        self._connection.execute(delete(FACT).where(FACT.c.name == name))

    def _grants(self, condition: Any) -> list[GrantRow]:
        query = _GRANT.where(condition).order_by(GRANT.c.key_id, GRANT.c.officer_id)
        return [GrantRow._make(row) for row in self._connection.execute(query)]
