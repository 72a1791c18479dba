"""Officers, their one-time links, sign-ins and failed tries.

Secrets arrive sealed. What must happen at most once (a second-factor step, a one-time link) is one
conditional statement, so that two requests at the same moment cannot both win.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, insert, or_, select, update

from storage.statements import Store, Upsert, table_of
from storage.tables import Invite, Officer, OfficerSession, SignInTry

OFFICER, INVITE = table_of(Officer), table_of(Invite)
SESSION, TRY = table_of(OfficerSession), table_of(SignInTry)


class OfficerRow(NamedTuple):
    """A person with an account on the officers' side."""

    id: bytes
    unit_id: str
    login: str
    name: str
    role: str
    active: bool
    public_key: bytes | None
    seed_sealed: bytes | None
    totp_sealed: bytes | None
    totp_step: int
    added_on: date


class SessionRow(NamedTuple):
    """A sign-in."""

    id: bytes
    officer_id: bytes
    seed_sealed: bytes
    opened_at: datetime
    seen_at: datetime


class TryRow(NamedTuple):
    """Failed sign-ins of one login name."""

    login: str
    failures: int
    last_at: datetime


_OFFICER: Select[Any] = select(*(OFFICER.c[name] for name in OfficerRow._fields))
_GET = _OFFICER.where(OFFICER.c.id == bindparam("id"))
_BY_LOGIN = _OFFICER.where(OFFICER.c.login == bindparam("login"))
_OF_UNIT = _OFFICER.where(OFFICER.c.unit_id == bindparam("unit")).order_by(OFFICER.c.login)
_ALL = _OFFICER.order_by(OFFICER.c.unit_id, OFFICER.c.login)
_USE_STEP = (
    update(OFFICER)
    .where(OFFICER.c.id == bindparam("officer"), OFFICER.c.totp_step < bindparam("step"))
    .values(totp_step=bindparam("step"))
)
_TAKE_INVITE = (
    delete(INVITE)
    .where(INVITE.c.token_hash == bindparam("token"), INVITE.c.expires_at > bindparam("now"))
    .returning(INVITE.c.officer_id)
)
_SESSION: Select[Any] = select(*(SESSION.c[name] for name in SessionRow._fields))
_GET_SESSION = _SESSION.where(SESSION.c.id == bindparam("id"))
_TOUCH = update(SESSION).where(SESSION.c.id == bindparam("session")).values(seen_at=bindparam("at"))
_DROP_IDLE = delete(SESSION).where(
    or_(SESSION.c.seen_at <= bindparam("idle"), SESSION.c.opened_at <= bindparam("old"))
)
_COUNT_TRY = Upsert(TRY, failures=TRY.c.failures + 1)


class OfficerStore(Store):
    """Accounts, one-time links, sign-ins."""

    __slots__ = ()

    def add(self, officer: OfficerRow) -> None:
        """Add an account; a taken login name is a Duplicate."""
        self._connection.execute(insert(OFFICER), officer._asdict())

    def get(self, officer_id: bytes) -> OfficerRow | None:
        """Find an account by id."""
        return _officer(self._connection.execute(_GET, {"id": officer_id}).first())

    def by_login(self, login: str) -> OfficerRow | None:
        """Find an account by login name."""
        return _officer(self._connection.execute(_BY_LOGIN, {"login": login}).first())

    def of_unit(self, unit_id: str) -> list[OfficerRow]:
        """Return a unit's accounts, inactive ones too, by login name."""
        rows = self._connection.execute(_OF_UNIT, {"unit": unit_id})
        return [OfficerRow._make(row) for row in rows]

    def all(self) -> list[OfficerRow]:
        """Return every account, by unit and login name."""
        return [OfficerRow._make(row) for row in self._connection.execute(_ALL)]

    def set_key(self, officer_id: bytes, public_key: bytes, seed_sealed: bytes) -> None:
        """Give an officer a new key."""
        self._set(officer_id, public_key=public_key, seed_sealed=seed_sealed)

    def set_totp(self, officer_id: bytes, totp_sealed: bytes) -> None:
        """Give an officer a new second factor; no step of it has been used."""
        self._set(officer_id, totp_sealed=totp_sealed, totp_step=0)

    def set_active(self, officer_id: bytes, active: bool) -> None:  # noqa: FBT001 - a column's value
        """Let an account sign in, or not; its sessions end when it may not."""
        self._set(officer_id, active=active)
        if not active:
            self.drop_sessions_of(officer_id)

    def use_totp_step(self, officer_id: bytes, step: int) -> bool:
        """Use up a step of the second factor; False when it, or a later one, has been used."""
        values = {"officer": officer_id, "step": step}
        return self._connection.execute(_USE_STEP, values).rowcount == 1

    def add_invite(self, token_hash: bytes, officer_id: bytes, expires_at: datetime) -> None:
        """Keep the hash of a one-time link; earlier links of this officer die."""
        self._connection.execute(delete(INVITE).where(INVITE.c.officer_id == officer_id))
        values = {"token_hash": token_hash, "officer_id": officer_id, "expires_at": expires_at}
        self._connection.execute(insert(INVITE), values)

    def invite(self, token_hash: bytes, now: datetime) -> bytes | None:
        """Return whose one-time link this is, without using it."""
        query = select(INVITE.c.officer_id).where(
            INVITE.c.token_hash == token_hash, INVITE.c.expires_at > now
        )
        return self._connection.execute(query).scalar()

    def take_invite(self, token_hash: bytes, now: datetime) -> bytes | None:
        """Use up a one-time link and return whose it was; None when unknown, used or expired."""
        values = {"token": token_hash, "now": now}
        return self._connection.execute(_TAKE_INVITE, values).scalar()

    def add_session(self, session: SessionRow) -> None:
        """Keep a sign-in."""
        self._connection.execute(insert(SESSION), session._asdict())

    def session(self, session_id: bytes) -> SessionRow | None:
        """Find a sign-in."""
        row = self._connection.execute(_GET_SESSION, {"id": session_id}).first()
        return None if row is None else SessionRow._make(row)

    def count_sessions(self) -> int:
        """Count the sessions that are there."""
        return self._connection.execute(select(func.count()).select_from(SESSION)).scalar_one()

    def touch_session(self, session_id: bytes, at: datetime) -> None:
        """Note that a sign-in is in use."""
        self._connection.execute(_TOUCH, {"session": session_id, "at": at})

    def drop_session(self, session_id: bytes) -> None:
        """End a sign-in."""
        self._connection.execute(delete(SESSION).where(SESSION.c.id == session_id))

    def drop_sessions_of(self, officer_id: bytes) -> None:
        """End every sign-in of an officer."""
        self._connection.execute(delete(SESSION).where(SESSION.c.officer_id == officer_id))

    def drop_idle_sessions(self, idle_before: datetime, opened_before: datetime) -> int:
        """End sign-ins that were last used, or opened, too long ago; count them."""
        values = {"idle": idle_before, "old": opened_before}
        return self._connection.execute(_DROP_IDLE, values).rowcount

    def drop_invites(self, now: datetime) -> int:
        """Remove expired one-time links; count them."""
        return self._connection.execute(delete(INVITE).where(INVITE.c.expires_at <= now)).rowcount

    def tries(self, login: str) -> TryRow | None:
        """Return the failed sign-ins of a login name since the last good one."""
        query = select(*(TRY.c[name] for name in TryRow._fields)).where(TRY.c.login == login)
        row = self._connection.execute(query).first()
        return None if row is None else TryRow._make(row)

    def count_try(self, login: str, at: datetime) -> None:
        """Count one failed sign-in."""
        values = {"login": login, "failures": 1, "last_at": at}
        self._connection.execute(_COUNT_TRY.on(self._connection), values)

    def clear_tries(self, login: str) -> None:
        """Forget failed sign-ins after a good one."""
        self._connection.execute(delete(TRY).where(TRY.c.login == login))

    def drop_tries(self, before: datetime) -> int:
        """Forget failed sign-ins that are long past; count the names."""
        return self._connection.execute(delete(TRY).where(TRY.c.last_at <= before)).rowcount

    def _set(self, officer_id: bytes, **columns: Any) -> None:
        self._connection.execute(
            update(OFFICER).where(OFFICER.c.id == officer_id).values(**columns)
        )


def _officer(row: Any) -> OfficerRow | None:
    return None if row is None else OfficerRow._make(row)
