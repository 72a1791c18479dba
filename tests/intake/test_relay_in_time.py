"""A stop request counts from the moment it was made, also while notices are on their way."""

from datetime import timedelta

import pytest

from intake.audit import AuditSigner
from intake.relay import Relay
from intake.vault.key_pairs import public_key
from intake.vault.relay import seal_address
from reminders.housekeeping import Housekeeping
from storage.pushes import PushRow, StopRow
from tests.reminders.test_housekeeping import SEED, Chats, wants_news
from tests.wards import Ward

pytestmark = pytest.mark.anyio


class StopsMeanwhile(Chats):
    """While the first notice leaves, the person of the second one says stop."""

    def __init__(self, ward: Ward) -> None:
        super().__init__()
        self._ward = ward

    async def tell(self, channel: str, address: str) -> bool:
        stop_id = bytes(16)
        sealed = seal_address(public_key(SEED), stop_id, "demo", "b")
        if not self.told:
            row = StopRow(stop_id, sealed)
            await self._ward.intake.write(lambda tx: tx.pushes.add_stop(row))
        return await super().tell(channel, address)


def jobs_of(ward: Ward, chats: Chats) -> Housekeeping:
    signer = AuditSigner(ward.intake, bytes(range(32)))
    return Housekeeping(ward.intake, ward.settings, signer, Relay(ward.intake, SEED), chats)


async def test_nobody_is_told_after_they_said_stop(ward: Ward) -> None:
    chats = StopsMeanwhile(ward)
    wants_news(ward, 1, "a")
    wants_news(ward, 2, "b")
    await jobs_of(ward, chats).tell_of_answers()
    assert chats.told == [("demo", "a")]
    with ward.intake.read() as view:
        assert [row.id for row in view.pushes.all()] == [bytes([1]) * 16]


async def test_an_address_past_its_last_day_is_not_written_to(ward: Ward) -> None:
    """Though the job that forgets it has not run yet."""
    chats = Chats()
    row_id, sealed_for = bytes([7]) * 16, ward.clock.today() - timedelta(days=1)
    sealed = seal_address(public_key(SEED), row_id, "demo", "late")
    due = ward.clock.now() - timedelta(minutes=1)
    row = PushRow(row_id, bytes([9]) * 16, sealed, sealed_for, due)
    ward.intake.write_now(lambda tx: tx.pushes.add(row))
    await jobs_of(ward, chats).tell_of_answers()
    assert chats.told == []
