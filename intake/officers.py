"""Officers as shapes: a colleague's view, a session, an enrolment; and the register of them.

Reads only. Adding and removing people is `people`, enrolling and signing in `sign_ins`.
"""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from intake.errors import NotFound
from intake.service import Intake
from intake.vault import officer_keys
from intake.vault.key_pairs import public_key
from storage.officers import OfficerRow


class OfficerView(BaseModel):
    """An officer as colleagues see them."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    login: str
    role: str
    unit_id: str
    unit_name: str
    active: bool
    has_key: bool
    has_grant: bool
    fingerprint: str | None = None
    """The digits of their own key, for themselves alone: colleagues must hear them."""


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """A signed-in officer; ``seed`` opens what was granted to them and lives for one request."""

    officer: OfficerView
    seed: bytes
    form_token: str

    @property
    def role(self) -> str:
        """The officer's role."""
        return self.officer.role

    @property
    def unit_id(self) -> str:
        """The officer's unit."""
        return self.officer.unit_id


@dataclass(frozen=True, slots=True, repr=False)
class SignedIn:
    """The result of a sign-in: the cookie's value, told once."""

    cookie: str
    session: Session


@dataclass(frozen=True, slots=True, repr=False)
class Enrolment:
    """What a new officer is shown once. ``ticket`` carries it, sealed, to the second step."""

    officer: OfficerView
    passphrase: str
    totp_secret: str
    totp_uri: str
    ticket: str


class Register:
    """Looks officers up."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def officer(self, officer_id: bytes) -> OfficerView:
        """Return one officer.

        Raises:
            NotFound: there is none.
        """
        with self._intake.read() as view:
            row = view.officers.get(officer_id)
        if row is None:
            raise NotFound("no such officer")
        return self.view(row)

    def parents(self) -> dict[str, str | None]:
        """Return units and parents from the rows: people are managed before any key is signed."""
        with self._intake.read() as view:
            return {unit.id: unit.parent_id for unit in view.areas.units()}

    def view(self, row: OfficerRow) -> OfficerView:
        """Return an officer as colleagues see them."""
        with self._intake.read() as view:
            unit = view.areas.unit(row.unit_id)
            granted = {grant.key_id for grant in view.keys.grants_of(row.id)}
            current = [k.key_id for k in view.keys.unit_keys(row.unit_id) if k.ended_on is None]
        return OfficerView(
            id=row.id.hex(),
            name=row.name,
            login=row.login,
            role=row.role,
            unit_id=row.unit_id,
            unit_name=unit.name if unit else row.unit_id,
            active=row.active,
            has_key=row.public_key is not None,
            has_grant=any(key_id in granted for key_id in current),
        )


def own(officer: OfficerView, seed: bytes) -> OfficerView:
    """Show a person the digits of the key that they hold, whatever a row says: these are spoken."""
    mine = officer_keys.fingerprint(public_key(seed))
    return officer.model_copy(update={"fingerprint": mine})
