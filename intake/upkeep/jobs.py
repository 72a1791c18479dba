"""The jobs in the background: when each runs, and how long it may go without success.

One list for whoever ticks, for the doctor, the figures and the alarms. Nothing here runs a job.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from intake.ports import VIETNAM, Clock
from intake.settings import Settings
from storage.unit_of_work import Tx, View

PROBE_ALARM = timedelta(days=7)
"""A unit's probe that nobody opened for longer raises an alarm (``security.md`` 8)."""
_WRONG_CLOCK = timedelta(minutes=5)
SINCE = "jobs_since"
"""The fact that tells when this installation began to tick."""
_EVERY_MINUTE, _NIGHT = timedelta(minutes=10), timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Job:
    """One job. ``limit``: how long it may go without success before somebody is told."""

    name: str
    title: str
    limit: timedelta
    at: tuple[int, int] | None = None
    """Hour and minute in Vietnam of a job that runs once a night; None: it runs all day."""
    weekday: int | None = None
    """The day of a job that runs once a week, 0 is Monday."""
    until_hour: int | None = None
    """It may begin before this hour only; None: a job that was missed runs whenever it can."""

    def last_due(self, now: datetime) -> datetime | None:
        """Return the latest moment up to ``now`` at which it should have begun."""
        if self.at is None:
            return None
        local = now.astimezone(VIETNAM)
        due = local.replace(hour=self.at[0], minute=self.at[1], second=0, microsecond=0)
        due -= timedelta(days=1) if due > local else timedelta(0)
        if self.weekday is not None:
            due -= timedelta(days=(due.weekday() - self.weekday) % 7)
        return due

    def may_begin(self, now: datetime) -> bool:
        """Return whether this is an hour at which it may begin, late or not."""
        local = now.astimezone(VIETNAM)
        if self.until_hour is None or self.at is None:
            return True
        return (self.weekday in (None, local.weekday())) and (
            self.at <= (local.hour, local.minute) < (self.until_hour, 0)
        )


BACKUP, ERASE = "back-up", "erase-what-is-due"
JOBS: tuple[Job, ...] = (
    Job("dialogue", "biên nhận và bản nháp", _EVERY_MINUTE),
    Job("end-idle-sessions", "đóng phiên bỏ quên", _EVERY_MINUTE),
    Job("tell-of-answers", "báo có trả lời, yêu cầu dừng", _EVERY_MINUTE),
    Job("plan-nudges", "xếp lời nhắc trong ngày", _EVERY_MINUTE),
    Job("send-nudges", "gửi lời nhắc", _EVERY_MINUTE),
    Job("watch-jobs", "trông các việc nền", timedelta(minutes=30)),
    Job("keep-periods", "mở và khóa kỳ", timedelta(minutes=45)),
    Job("forget-what-is-past", "xóa liên kết và lần đăng nhập cũ", timedelta(hours=6)),
    Job("forget-old-addresses", "xóa địa chỉ báo tin hết hạn", _NIGHT, at=(0, 20)),
    Job(ERASE, "xóa theo thời hạn lưu", _NIGHT, at=(1, 10)),
    Job("mix-arrivals", "trộn thứ tự tin", _NIGHT, at=(2, 10)),
    Job("compact", "dồn tệp dữ liệu", timedelta(days=15), at=(3, 0), weekday=6, until_hour=5),
    Job("vouch-for-audit", "ký sổ nhật ký", _NIGHT, at=(3, 30)),
    Job(BACKUP, "sao lưu niêm phong", _NIGHT, at=(4, 0)),
)
_BY_NAME: Mapping[str, Job] = {job.name: job for job in JOBS}


def job_named(name: str) -> Job | None:
    """Return a job of the list."""
    return _BY_NAME.get(name)


def expected(settings: Settings) -> tuple[Job, ...]:
    """Return the jobs that this installation runs."""
    return tuple(job for job in JOBS if job.name != BACKUP or settings.backup_dir is not None)


class JobState(NamedTuple):
    """How a job does. ``last``: its last success; None when there is none that can be believed."""

    job: Job
    last: datetime | None
    late: bool


def states(view: View, jobs: Iterable[Job], now: datetime) -> list[JobState]:
    """Return how each job does.

    A job that never succeeded counts from the first tick of this installation. A success in the
    future was noted by a clock that was wrong, and proves nothing.
    """
    runs, since = view.jobs.all(), _read(view.keys.fact(SINCE))
    found: list[JobState] = []
    for job in jobs:
        last = runs.get(job.name)
        if last is not None and last > now + _WRONG_CLOCK:
            last = None
        base = last or since
        found.append(JobState(job, last, base is None or now - base > job.limit))
    return found


def note_first_tick(tx: Tx, now: datetime) -> None:
    """Note when this installation began to tick, once; a moment in the future is corrected."""
    since = _read(tx.keys.fact(SINCE))
    if since is None or since > now:
        tx.keys.set_fact(SINCE, now.isoformat())


class Trouble(NamedTuple):
    """Something that an administrator must look at."""

    name: str
    kind: str  # late, probe
    says: str


def troubles(view: View, jobs: Sequence[Job], clock: Clock) -> list[Trouble]:
    """Return what is wrong now: jobs that did not succeed in their time, probes nobody opened."""
    found = [state for state in states(view, jobs, clock.now()) if state.late]
    late = [
        Trouble(state.job.name, "late", f"việc nền quá giờ chưa chạy: {state.job.title}")
        for state in found
    ]
    if view.keys.fact(SINCE) is None:  # nobody has ever looked: one sentence says it all
        late = [Trouble("reminders", "late", "tiến trình reminders chưa chạy lần nào")]
    today = clock.today()
    stale = [
        Trouble(f"probe:{probe.unit_id}", "probe", f"bảy ngày chưa ai mở thử khóa: {probe.unit_id}")
        for probe in view.keys.probes()
        if today - (probe.opened_on or probe.made_on) > PROBE_ALARM
    ]
    return [*late, *stale]


def _read(moment: str | None) -> datetime | None:
    return None if moment is None else datetime.fromisoformat(moment)
