"""What about keys waits for an officer: read from rows and the signed list, never done here.

The acts themselves are `handover` and `epochs`. Digits that this officer reads aloud come from the
key that they hold; digits that they hear from others are compared where the act is done.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from intake.disclosure import Disclosure
from intake.epochs import Epochs
from intake.officers import OfficerView, Session
from intake.people import People
from intake.service import Intake
from intake.vault.officer_keys import fingerprint


class PendingAct(BaseModel):
    """Something about keys that waits for this officer."""

    model_config = ConfigDict(frozen=True)
    kind: Literal[
        "found_unit", "renew_top", "fetch_root", "hand_key", "sign_entry", "await_signing"
    ]
    unit_id: str
    unit_name: str
    officer: OfficerView | None = None
    fingerprint: str | None = None
    """Digits to read aloud, of a key that this officer holds; those to compare must be heard."""


class PendingActs:
    """Lists what waits, for the page and the API."""

    def __init__(
        self, intake: Intake, people: People, disclosure: Disclosure, epochs: Epochs
    ) -> None:
        self._intake = intake
        self._people = people
        self._disclosure = disclosure
        self._epochs = epochs

    def of(self, session: Session) -> list[PendingAct]:
        """Return what about keys waits for this officer."""
        if session.role != "officer":
            return []
        people = [self._hand_act(person) for person in self._waiting_people(session)]
        return [
            *self._founding_acts(session),
            *people,
            *self._signing_acts(session),
            *self._waiting_acts(session),
        ]

    def _waiting_people(self, session: Session) -> list[OfficerView]:
        return [
            person
            for person in self._people.officers(session)
            if person.active
            and person.role == "officer"
            and person.has_key
            and not person.has_grant
            and person.id != session.officer.id
            and session.unit_id in (person.unit_id, self._epochs.parent_of(person.unit_id))
        ]

    def _hand_act(self, person: OfficerView) -> PendingAct:
        return PendingAct(
            kind="hand_key",
            unit_id=person.unit_id,
            unit_name=person.unit_name,
            officer=person,
        )

    def _founding_acts(self, session: Session) -> list[PendingAct]:
        with self._intake.read() as view:
            unit = view.areas.unit(session.unit_id)
            rows = view.keys.unit_keys(session.unit_id)
        if unit is None or unit.parent_id is not None:
            return []
        if not rows:
            return [PendingAct(kind="found_unit", unit_id=unit.id, unit_name=unit.name)]
        if self._epochs.renewal_due(unit.id):
            return [PendingAct(kind="renew_top", unit_id=unit.id, unit_name=unit.name)]
        if self._epochs.signing.unsigned(unit.id) is None:
            return []
        return [PendingAct(kind="fetch_root", unit_id=unit.id, unit_name=unit.name)]

    def _waiting_acts(self, session: Session) -> list[PendingAct]:
        """Return the digits that this officer reads to the unit above, from the key they hold."""
        waiting, keys = (
            self._epochs.signing.unsigned(session.unit_id),
            self._disclosure.keys(session),
        )
        top = self._epochs.parent_of(session.unit_id) is None
        if top or waiting is None or not keys.holds(waiting.key_id):
            return []
        public, _ = keys.publics(waiting.key_id)
        return [
            PendingAct(
                kind="await_signing",
                unit_id=session.unit_id,
                unit_name=session.officer.unit_name,
                fingerprint=fingerprint(public),
            )
        ]

    def _signing_acts(self, session: Session) -> list[PendingAct]:
        with self._intake.read() as view:
            below = [unit for unit in view.areas.units() if unit.parent_id == session.unit_id]
        waiting = [(unit, self._epochs.signing.unsigned(unit.id)) for unit in below]
        return [
            PendingAct(kind="sign_entry", unit_id=unit.id, unit_name=unit.name)
            for unit, row in waiting
            if row is not None
        ]
