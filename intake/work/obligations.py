"""What is owed by whom in which period: opened with the period, frozen when it closes.

Who owes is decided by the programmes that apply to an area on the day of opening, and by which
areas and organisations exist on that day. Opening again adds what is missing and changes nothing
else, so that it may run every day.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from intake.check_in_line import refuses_names
from intake.errors import Conflict, NeedsReason, NotFound, NotValid, PeriodClosed
from intake.plans.periods import local_day, period_label
from intake.plans.programme_use import ProgrammeUses
from intake.service import Intake
from intake.text import clean, is_empty
from intake.work.owing import Opening, openings
from intake.work.recounting import recount
from intake.work.work_audit import note
from storage.obligations import ObligationRow
from storage.tables import NEVER
from storage.unit_of_work import Tx, View

AT_ONCE = 4_000
"""Obligations closed in one unit of work: the writer serves others in between."""


class Owed(BaseModel):
    """One thing owed by one owner, as it stands."""

    model_config = ConfigDict(frozen=True)
    obligation_id: str
    owner_id: str
    owner_name: str
    programme: str
    duty: str
    kind: str
    title: str
    period: str
    period_label: str
    done: int
    need: int
    last_good_on: date | None
    """None where it has no last day: a thing to be kept always."""
    due_at: datetime | None
    state: str
    """open, closed, or ended: its owner was merged away before the close."""
    exempt: str
    """no, asked, granted"""
    exempt_reason: str
    met: bool
    timely: bool


class Obligations:
    """Opens, shows, exempts and closes what is owed."""

    def __init__(self, intake: Intake, uses: ProgrammeUses) -> None:
        self._intake = intake
        self._uses = uses

    # --- opening ----------------------------------------------------------------------------------

    def open_period(self, day: date) -> int:
        """Open what is owed for the periods that hold ``day``; return how many are new.

        Activities that were filed before count at once. A part of the communes is one unit of
        work; a run that was cut off is finished by the next.
        """
        self.end_orphans(day)
        with self._intake.read() as view:
            plan = openings(view, self._uses, day)
        return sum(self._open(opening, day) for opening in plan)

    def _open(self, opening: Opening, day: date) -> int:
        now = self._intake.clock.now()

        def work(tx: Tx) -> int:
            new = opening.run(tx, day, now)
            if new:
                recount(tx, tx.obligations.lock(opening.uncounted(tx)))
            return new

        return self._intake.write_now(work)

    # --- closing ----------------------------------------------------------------------------------

    def close_due(self, now: datetime) -> int:
        """Freeze every obligation whose time to file late is over; return how many.

        Each is counted a last time before, so that what is frozen is what was filed.
        """
        self.end_orphans(local_day(now))
        return self.close_over(now)

    def close_over(self, now: datetime) -> int:
        """Freeze as `close_due` does, where nobody's owner can have ended since the last look."""
        before, closed = now - self._uses.close_after, 0
        with self._intake.read() as view:
            if not view.obligations.due(before, 1):
                return 0
        while some := self._close_some(before, now):
            closed += some
        return closed

    def _close_some(self, before: datetime, now: datetime) -> int:
        def work(tx: Tx) -> int:
            ids = tx.obligations.due(before, AT_ONCE)
            recount(tx, tx.obligations.lock(tx.counting.uncounted(ids)))
            return tx.obligations.close(ids, now)

        return self._intake.write_now(work)

    def end_owner(self, owner_id: str, on: date) -> int:
        """End the open instances of an owner that was merged away on that day.

        What was closed before stays; what runs on that day or later is nobody's debt any more and
        stands in a column of its own.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> int:
            ids = tx.obligations.unfinished_of(owner_id, on)
            return tx.obligations.close(ids, now, into="ended")

        return self._intake.write_now(work)

    def end_orphans(self, day: date) -> None:
        """End open instances whose owner was gone before their period was over."""
        with self._intake.read() as view:
            left = view.obligations.orphans(day)
        now = self._intake.clock.now()
        for start in range(0, len(left), AT_ONCE):
            some = left[start : start + AT_ONCE]
            self._intake.write_now(lambda tx, ids=some: tx.obligations.close(ids, now, "ended"))

    # --- showing ----------------------------------------------------------------------------------

    def standing(
        self, owner_id: str, day: date, names: Mapping[str, str] | None = None
    ) -> tuple[Owed, ...]:
        """Return what an owner owes in the periods that hold ``day``, and what is still unmet.

        Nearest due time first. ``names`` are those of owners, where the caller knows them: one
        statement is enough then.
        """
        if names is None or owner_id not in names:
            with self._intake.read() as view:
                return self.owed(view, view.obligations.standing(owner_id, day))
        with self._intake.glance() as view:
            return self.owed(view, view.obligations.standing(owner_id, day), names)

    def get(self, obligation_id: str) -> Owed:
        """Return one obligation.

        Raises:
            NotFound: no such obligation.
        """
        with self._intake.read() as view:
            row = view.obligations.get(key_of(obligation_id))
            if row is None:
                raise NotFound("Không có việc phải làm này.")
            return self.owed(view, [row])[0]

    def asked(self, commune_ids: Sequence[str]) -> tuple[Owed, ...]:
        """Return the exemptions that wait for the ward's word."""
        with self._intake.read() as view:
            return self.owed(view, view.obligations.asked(commune_ids))

    def owed(
        self, view: View, rows: Iterable[ObligationRow], names: Mapping[str, str] | None = None
    ) -> tuple[Owed, ...]:
        """Return rows as others may see them; ``names`` are those of all their owners."""
        found = list(rows)
        names = names or view.owners.names({row.owner_id for row in found})
        titles = self._uses.titles({row.programme for row in found})
        return tuple(_owed(row, names, titles) for row in found)

    def title(self, row: ObligationRow) -> str:
        """Return what the programme calls this duty."""
        return self._uses.titles([row.programme]).get((row.programme, row.duty), row.duty)

    # --- exemptions -------------------------------------------------------------------------------

    def ask_exemption(self, obligation_id: str, leader: str, reason: str) -> None:
        """Ask the ward to let an owner off; reminders stop until it decides.

        ``leader`` is the leader's id (hex).

        Raises:
            NotFound: no such obligation, or not one of this leader's.
            NeedsReason: no reason.
            NotValid: the reason names people.
            PeriodClosed: the period is closed.
            Conflict: it is met already, or decided already.
        """
        said = clean(reason)[:200]
        if is_empty(said):
            raise NeedsReason("Xin miễn phải có lý do.")
        if refuses_names(said):
            raise NotValid(
                "Lý do không ghi tên người, số điện thoại: chỉ ghi vì sao không tổ chức được."
            )
        today = self._intake.clock.today()

        def work(tx: Tx) -> None:
            row = _open_row(tx, obligation_id)
            if row.owner_id not in tx.owners.held_by(key_of(leader), today):
                raise NotFound("Không có việc phải làm này.")
            if row.met or row.exempt == "granted":
                raise Conflict("Việc này đã đủ, hoặc đã được miễn: không phải xin nữa.")
            tx.obligations.set_exempt(row.id, "asked", said, f"leader:{leader}")

        self._intake.write_now(work)

    def decide_exemption(self, obligation_id: str, *, granted: bool, by: str) -> None:
        """Grant or refuse an exemption; a grant may be given without being asked for.

        ``by`` is the officer's id (hex).

        Raises:
            NotFound: no such obligation.
            PeriodClosed: the period is closed.
        """
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            row = _open_row(tx, obligation_id)
            asked_by = row.exempt_by.partition(",")[0]
            who = ",".join(part for part in (asked_by, f"officer:{by}") if part)
            state = "granted" if granted else "no"
            tx.obligations.set_exempt(row.id, state, row.exempt_reason, who)
            note(tx, now, by, "exempt", row.id.hex(), {"granted": granted})

        self._intake.write_now(work)


def key_of(text: str) -> bytes:
    """Return the id behind its hex form; what is no id is nobody's."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _open_row(tx: Tx, obligation_id: str) -> ObligationRow:
    rows = tx.obligations.lock([key_of(obligation_id)])
    if not rows:
        raise NotFound("Không có việc phải làm này.")
    if rows[0].state != "open":
        raise PeriodClosed("Kỳ này đã khóa sổ: không đổi được nữa.")
    return rows[0]


def _owed(
    row: ObligationRow, names: Mapping[str, str], titles: dict[tuple[str, str], str]
) -> Owed:  # fmt: skip
    endless = row.due_at == NEVER
    return Owed(
        obligation_id=row.id.hex(), owner_id=row.owner_id,
        owner_name=names.get(row.owner_id, row.owner_id), programme=row.programme, duty=row.duty,
        kind=row.kind, title=titles.get((row.programme, row.duty), row.duty), period=row.period,
        period_label=period_label(row.period), done=row.done, need=row.need,
        last_good_on=None if endless else local_day(row.due_at) - timedelta(days=1),
        due_at=None if endless else row.due_at, state=row.state, exempt=row.exempt,
        exempt_reason=row.exempt_reason, met=row.met, timely=row.timely,
    )  # fmt: skip
