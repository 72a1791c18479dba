"""One housekeeping process: its secrets, its jobs, its ticks. It has no port and sends no nudge."""

import secrets
from collections.abc import Sequence

from intake.audit import AuditSigner
from intake.foundation import AUDIT, RELAY, Foundation
from intake.keylist import read_key_file
from intake.relay import Relay
from reminders.housekeeping import Housekeeping, Messenger
from reminders.joining import Reminders
from reminders.scheduler import Ticker


class HousekeepingProcess:
    """What ``homthu serve reminders`` runs."""

    def __init__(
        self, foundation: Foundation, messenger: Messenger, channels: Sequence[str] = ()
    ) -> None:
        settings = foundation.settings
        self.jobs = Housekeeping(
            foundation.intake,
            settings,
            AuditSigner(foundation.intake, read_key_file(settings, AUDIT)),
            Relay(foundation.intake, read_key_file(settings, RELAY)),
            messenger,
        )
        reminders = Reminders(foundation.intake, settings, channels)
        self._ticker = Ticker(self.jobs, secrets.token_hex(8), reminders.sweep)

    async def start(self) -> None:
        """Begin to tick."""
        self._ticker.start()

    async def stop(self) -> None:
        """Stop ticking."""
        self._ticker.stop()
