"""How the machine does: whether it takes writes, fits its schema, and holds the listed unit keys.

Figures are about the machine, never about a tip, a person or an hour. Asking never raises: a
database that is down is an answer, not an accident.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from intake.errors import SchemaBehind, TryLater
from intake.service import Intake
from intake.upkeep.jobs import JOBS, Job, Trouble, job_named, states, troubles
from storage.errors import StorageError

_PROBE = "probe"
_MOST_UNITS = 5


class JobFigure(NamedTuple):
    """A job in the background; ``age_seconds`` since its last success, None when never."""

    age_seconds: int | None
    late: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How the machine does at this moment."""

    writer_alive: bool
    schema_current: bool
    probe_age_days: Mapping[str, int | None] = field(default_factory=dict[str, int | None])
    """Unit id → days since a sign-in last proved the unit's listed key; None when never."""
    jobs: Mapping[str, JobFigure] = field(default_factory=dict[str, JobFigure])


class Health:
    """Looks at the writer, the schema, the probes and the jobs."""

    def __init__(self, intake: Intake, jobs: Sequence[Job] = JOBS) -> None:
        self._intake = intake
        self._jobs = jobs

    def figures(self) -> Figures:
        """Return the figures of this moment."""
        try:
            self._intake.check_schema()
            ages, jobs = self._probe_ages(), self._job_figures()
        except SchemaBehind:
            return Figures(writer_alive=self._writes(), schema_current=False)
        except (TryLater, StorageError):
            return Figures(writer_alive=False, schema_current=False)
        return Figures(self._writes(), schema_current=True, probe_age_days=ages, jobs=jobs)

    def troubles(self) -> tuple[str, ...]:
        """Return what an administrator must look at, as sentences; a database that is down too."""
        try:
            with self._intake.read() as view:
                found = troubles(view, self._jobs, self._intake.clock)
                names = {unit.id: unit.name for unit in view.areas.units()}
        except (TryLater, StorageError):
            return ("cơ sở dữ liệu không trả lời",)
        return _sentences(found, names)

    def _writes(self) -> bool:
        return self._intake.database.writer.alive

    def _probe_ages(self) -> dict[str, int | None]:
        today = self._intake.clock.today()
        with self._intake.read() as view:
            probes = view.keys.probes()
        return {
            probe.unit_id: (today - probe.opened_on).days if probe.opened_on else None
            for probe in probes
        }

    def _job_figures(self) -> dict[str, JobFigure]:
        now = self._intake.clock.now()
        with self._intake.read() as view:
            found = states(view, self._jobs, now)
        return {
            each.job.name: JobFigure(
                max(0, int((now - each.last).total_seconds())) if each.last else None, each.late
            )
            for each in found
        }


def _sentences(found: Sequence[Trouble], units: Mapping[str, str]) -> tuple[str, ...]:
    """Return one sentence for all jobs that are late, one for all units nobody looked after."""
    late = [job.title for each in found if (job := job_named(each.name))]
    told = [each.says for each in found if each.kind != _PROBE and not job_named(each.name)]
    if late:
        told.append(f"việc nền quá giờ chưa chạy: {'; '.join(late)}")
    stale = [each.name.partition(":")[2] for each in found if each.kind == _PROBE]
    if stale:
        shown = ", ".join(units.get(each, each) for each in stale[:_MOST_UNITS])
        rest = f" và {len(stale) - _MOST_UNITS} đơn vị nữa" if len(stale) > _MOST_UNITS else ""
        told.append(f"bảy ngày không cán bộ nào đăng nhập để thử khóa của đơn vị: {shown}{rest}")
    return tuple(told)
