"""Somebody's own calendar: their duties and deadlines as days, behind a secret address.

The address is told once and only its hash is kept; a new one ends the old, and it can be taken
back. Nobody's calendar holds another person's duties, a name of a person, or a word of a tip.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from intake.errors import NotValid
from intake.nudging.report_senders import sender_at
from intake.plans.calendar import DAY, Occurrence
from intake.plans.due_rules import due_rule
from intake.plans.periods import period_label, terms_of
from intake.plans.programme import DAYS_OFF, Programme
from intake.plans.programme_schema import Deadline
from intake.plans.working_days import WorkingDays, working_days
from intake.work.work_services import WorkServices
from storage.obligations import ObligationRow
from storage.own_addresses import CalendarRow
from storage.owners import OwnerRow
from storage.unit_of_work import Tx, View

AHEAD = timedelta(days=366)
"""How far ahead a calendar is filled."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_WHO = re.compile(r"(leader|officer):[0-9a-f]{32}")


class OwnDay(NamedTuple):
    """One thing owed, on the last day that is on time."""

    key: str
    """The same for the same thing, whenever the calendar is fetched."""
    title: str
    owner_name: str
    label: str
    """The period, as people say it."""
    last_good_on: date
    safe_on: date
    named_on: date | None
    """The day that the document names, where it says "trước ngày"."""
    is_done: bool = False


class CalendarState(NamedTuple):
    """Whether somebody has an address, and since when."""

    made_at: datetime | None


class OwnCalendars:
    """Makes and takes back addresses; reads what stands behind one."""

    def __init__(self, work: WorkServices) -> None:
        self._work = work
        self._intake = work.intake
        self._kept: tuple[date, WorkingDays] | None = None

    # --- addresses --------------------------------------------------------------------------------

    def make(self, who: str) -> str:
        """Return a new secret address's last part, told once; an older one stops working.

        ``who`` is "leader:<hex>" or "officer:<hex>".
        """
        _check(who)
        token, now = secrets.token_urlsafe(32), self._intake.clock.now()
        row = CalendarRow(_hash(token), who, now)

        def work(tx: Tx) -> None:
            tx.own_addresses.add_calendar(row)
            _note(tx, now, who, "calendar.make")

        self._intake.write_now(work)
        return token

    def revoke(self, who: str) -> bool:
        """Take somebody's address back; False when there was none."""
        _check(who)
        now = self._intake.clock.now()

        def work(tx: Tx) -> bool:
            if not tx.own_addresses.drop_calendars(who):
                return False
            _note(tx, now, who, "calendar.revoke")
            return True

        return self._intake.write_now(work)

    def state(self, who: str) -> CalendarState:
        """Return whether somebody has an address."""
        with self._intake.read() as view:
            rows = view.own_addresses.calendars_of(who)
        return CalendarState(max((row.made_at for row in rows), default=None))

    # --- what stands behind one -------------------------------------------------------------------

    def whose(self, token: str, kind: str) -> str | None:
        """Return whose calendar stands behind an address; None for one that opens nothing.

        ``kind`` is what this door serves: "leader" or "officer". One look into one index.
        """
        if not _TOKEN.fullmatch(token):
            return None
        with self._intake.read() as view:
            row = view.own_addresses.calendar(_hash(token))
        return row.who if row is not None and row.who.startswith(f"{kind}:") else None

    def behind(self, token: str, kind: str) -> tuple[OwnDay, ...] | None:
        """Return the days behind an address; None for one that opens nothing."""
        who = self.whose(token, kind)
        return self.days_of(who) if who else None

    def days_of(self, who: str) -> tuple[OwnDay, ...] | None:
        """Return somebody's days; None for one who is gone."""
        with self._intake.read() as view:
            owners, today = self._owners(view, who), self._intake.clock.today()
            owed = [(owner, view.obligations.standing(owner.id, today)) for owner in owners or ()]
        if owners is None:
            return None
        found: dict[str, OwnDay] = {}
        for owner, rows in owed:
            for one in (*self._duties(owner, rows, today), *self._reports(owner, today)):
                found.setdefault(one.key, one)
        return tuple(sorted(found.values(), key=lambda one: (one.last_good_on, one.title, one.key)))

    def _owners(self, view: View, who: str) -> list[OwnerRow] | None:
        """Return what somebody looks after today; None for one who is gone."""
        kind, _, hexed = who.partition(":")
        key, today = bytes.fromhex(hexed), self._intake.clock.today()
        if kind == "leader":
            leader = view.leaders.get(key)
            if leader is None or leader.left_on is not None:
                return None
            ids = view.owners.held_by(key, today)
        else:
            officer = view.officers.get(key)
            unit = view.areas.unit(officer.unit_id) if officer and officer.active else None
            if unit is None:
                return None
            ids = [unit.area_id]
        return [owner for each in sorted(ids) if (owner := view.owners.get(each)) is not None]

    def _duties(
        self, owner: OwnerRow, standing: Iterable[ObligationRow], today: date
    ) -> Iterator[OwnDay]:
        """Yield what is owed now, and the same duties in the periods to come."""
        rows = [row for row in standing if row.state == "open" and row.last != date.max]
        titles = self._work.uses.titles({row.programme for row in rows})
        latest: dict[tuple[str, str], ObligationRow] = {}
        for row in rows:
            title = titles.get((row.programme, row.duty), row.duty)
            if row.exempt != "granted":
                yield self._day(owner, row, row.period, row.last, title, is_done=row.met)
            key = (row.programme, row.duty)
            latest[key] = max(latest.get(key, row), row, key=lambda each: each.last)
        for key, row in latest.items():
            yield from self._to_come(owner, row, titles.get(key, row.duty), today)

    def _to_come(
        self, owner: OwnerRow, row: ObligationRow, title: str, today: date
    ) -> Iterator[OwnDay]:
        programme = self._work.uses.programme(row.programme)
        duty = next((each for each in programme.duties if each.id == row.duty), None)
        at = max(row.last, today - DAY) + DAY
        while duty is not None and at <= today + AHEAD:
            terms = terms_of(programme, duty, at)
            if terms is None or terms.last == date.max:
                return
            yield self._day(owner, row, terms.period, terms.last, title)
            at = terms.last + DAY

    def _day(
        self, owner: OwnerRow, row: ObligationRow, period: str, last: date, title: str, *,
        is_done: bool = False,
    ) -> OwnDay:  # fmt: skip
        key = f"{row.programme}/{row.duty}/{period}/{owner.id}"
        safe, label = self._days().last_until(last), period_label(period)
        return OwnDay(key, title, owner.name, label, last, safe, None, is_done)

    def _reports(self, owner: OwnerRow, today: date) -> Iterator[OwnDay]:
        """Yield the reports that a commune or province sends: the late ones, and a year ahead."""
        if owner.kind not in {"commune", "province"}:
            return
        filings = self._work.filings
        for programme in self._work.uses.for_area(owner.id, today):
            done = filings.filed(programme.id, owner.id)
            late = {
                (each.deadline.id, each.occurrence)
                for each in self._work.boards.of(programme, owner.id, today).late
            }
            for deadline in programme.deadlines:
                plan = programme.id

                def named(role: str, plan: str = plan, area: str = owner.id) -> str | None:
                    return filings.holder(plan, role, area)

                sender = sender_at(programme, deadline, owner.kind, named)
                if sender is None or sender.unset:
                    continue
                behind = (when for item, when in late if item == deadline.id)
                for when in (*behind, *_times(programme, deadline, today)):
                    is_done = when.named_on in done.get(deadline.id, ())
                    yield self._report(owner, programme, deadline, when, is_done=is_done)

    def _report(
        self, owner: OwnerRow, programme: Programme, deadline: Deadline, when: Occurrence, *,
        is_done: bool,
    ) -> OwnDay:  # fmt: skip
        named = when.named_on if when.named_on != when.last_good_on else None
        key = f"{programme.id}/{deadline.id}/{when.named_on.isoformat()}/{owner.id}"
        covers = programme.covers(deadline, when)
        label = f"số liệu {covers[0]:%d/%m/%Y} đến {covers[1]:%d/%m/%Y}" if covers else ""
        safe = self._days().last_until(when.last_good_on)
        return OwnDay(
            key, deadline.title, owner.name, label, when.last_good_on, safe, named, is_done
        )

    def _days(self) -> WorkingDays:
        """Return the days off, read once a day: an installation's own may change."""
        today = self._intake.clock.today()
        if self._kept is None or self._kept[0] != today:
            folder = self._work.settings.programmes
            self._kept = (today, working_days(folder / f"{DAYS_OFF}.toml"))
        return self._kept[1]


def _times(programme: Programme, deadline: Deadline, today: date) -> Iterator[Occurrence]:
    """Yield the times of a deadline in the coming year that can still be met."""
    rule, at = due_rule(deadline), today
    while (named := rule.earliest(at)) is not None and named <= today + AHEAD:
        when = rule.at(named)
        if when.last_good_on >= today and programme.in_force(named):
            yield when
        at = named + DAY


def _check(who: str) -> None:
    if not _WHO.fullmatch(who):
        raise NotValid("neither a leader nor an officer")


def _note(tx: Tx, now: datetime, who: str, act: str) -> None:
    """Add an officer's act to the audit chain; a leader's is none of its business (`0014`)."""
    kind, _, hexed = who.partition(":")
    if kind == "officer":
        tx.audit.append(now, hexed, act, hexed)


def _hash(token: str) -> bytes:
    return hashlib.sha256(b"homthu calendar 1\0" + token.encode()).digest()
