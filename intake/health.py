"""How the machine does: whether it takes writes, fits its schema, and holds the listed unit keys.

Figures are about the machine, never about a tip, a person or an hour. Asking never raises: a
database that is down is an answer, not an accident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.errors import SchemaBehind, TryLater
from intake.service import Intake
from storage.errors import StorageError


@dataclass(frozen=True, slots=True)
class Figures:
    """How the machine does at this moment."""

    writer_alive: bool
    schema_current: bool
    probe_age_days: Mapping[str, int | None] = field(default_factory=dict[str, int | None])
    """Unit id → days since a sign-in last proved the unit's listed key; None when never."""


class Health:
    """Looks at the writer, the schema and the probes."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def figures(self) -> Figures:
        """Return the figures of this moment."""
        try:
            self._intake.check_schema()
            ages = self._probe_ages()
        except SchemaBehind:
            return Figures(writer_alive=self._writes(), schema_current=False)
        except (TryLater, StorageError):
            return Figures(writer_alive=False, schema_current=False)
        return Figures(self._writes(), schema_current=True, probe_age_days=ages)

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
