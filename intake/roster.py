"""Whose key was compared by voice: the service's own word, which a changed row cannot forge.

A new epoch is handed to several officers at once without another comparison, so each must be
vouched for here. The mark is a keyed hash under a file of the officers' hosts, over the person,
their unit and their key: swapping any of them in the database makes it void.
"""

import hmac

from intake.vault.envelope import subkey
from intake.vault.key_pairs import PublicKey
from storage.officers import OfficerRow
from storage.unit_of_work import Tx, View


class Roster:
    """Keeps and checks the marks that "Trao khóa" leaves."""

    def __init__(self, secret: bytes) -> None:
        self._key = subkey(secret, "roster")

    def vouch(self, tx: Tx, officer_id: bytes, unit_id: str, public: PublicKey) -> None:
        """Note that this officer's key was compared."""
        mark = self._mark(officer_id, unit_id, public.to_bytes())
        tx.keys.set_fact(fact_of(officer_id), mark)

    def of_unit(self, view: View, unit_id: str) -> dict[bytes, PublicKey]:
        """Return a unit's active officers whose key was compared and is still the same."""
        return {
            row.id: PublicKey.from_bytes(row.public_key)
            for row in view.officers.of_unit(unit_id)
            if row.public_key is not None and self._stands(view, row, row.public_key)
        }

    def _stands(self, view: View, row: OfficerRow, public: bytes) -> bool:
        if not row.active or row.role != "officer":
            return False
        mark = view.keys.fact(fact_of(row.id)) or ""
        return hmac.compare_digest(mark.encode(), self._mark(row.id, row.unit_id, public).encode())

    def _mark(self, officer_id: bytes, unit_id: str, public: bytes) -> str:
        return subkey(self._key, f"officer in {unit_id}", officer_id + public).hex()


def fact_of(officer_id: bytes) -> str:
    """Return the name of the fact that holds an officer's mark."""
    return f"handed:{officer_id.hex()}"
