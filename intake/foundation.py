"""What every process stands on: database, clock, verified key list, places.

Built once by ``homthu.py`` and handed down. It reads public keys only; each process adds the few
secrets that it may hold from its own key files.
"""

from dataclasses import dataclass

from intake.keylist import KeyList, read_key_file
from intake.places import Places
from intake.ports import Clock, SystemClock
from intake.service import Intake
from intake.settings import Settings
from intake.tips import Tips
from intake.vault.answers import CodeCost, CodePool
from storage.database import Database

ROOT_PUBLIC = "root.pub"
SALT = "salt.key"
PEPPER = "pepper.key"
TOTP = "totp.key"
GATE = "gate.key"
RELAY = "relay.key"
AUDIT = "audit.key"
SESSION = "session.key"
_READY_CODES = 1024  # a burst of as many tips waits for no derivation


@dataclass(frozen=True, slots=True)
class Foundation:
    """The shared ground of one process."""

    settings: Settings
    clock: Clock
    intake: Intake
    key_list: KeyList
    places: Places

    def tips(self) -> tuple[Tips, CodePool]:
        """Return the way in for tips and its pool of ready codes (needs the instance salt)."""
        pool = CodePool(self.salt(), self.code_cost(), size=_READY_CODES)
        return Tips(self.key_list, self.places, pool, self.settings, self.clock), pool

    def salt(self) -> bytes:
        """Return the receipts' instance salt: lost, and every code is lost."""
        return read_key_file(self.settings, SALT)

    def code_cost(self) -> CodeCost:
        """Return the cost of deriving from a code."""
        return CodeCost(self.settings.code_memory_kib, self.settings.code_passes)

    def close(self) -> None:
        """Let the database go."""
        self.intake.database.close()


def lay(settings: Settings, clock: Clock | None = None, *, check: bool = True) -> Foundation:
    """Open the database and read the root's public key.

    Raises:
        SchemaBehind: the schema is older or newer than the code.
        MissingKey: the root's public key is not there.
        WrongMark: a demo's key list outside the demo, or another's in it.
    """
    clock = clock or SystemClock()
    intake = Intake(Database(settings.database), clock)
    if check:
        intake.check_schema(settings.upgrade_command)
    key_list = KeyList(intake, settings, read_key_file(settings, ROOT_PUBLIC))
    if check:
        key_list.check_mark()
    return Foundation(settings, clock, intake, key_list, Places(intake))
