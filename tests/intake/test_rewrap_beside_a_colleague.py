"""Two sessions that wrap the same tips at one moment: neither fails, and nothing stays astray."""

import pytest

from storage.errors import Duplicate
from storage.parts import PartStore
from tests.intake.test_epochs import enrol
from tests.wards import COMMUNE_AREA, Ward


def test_who_draws_or_signs_an_epoch_does_not_fail_when_a_colleague_wraps_the_same_tips(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL the second to insert a wrap meets the first one's, and its batch fails."""
    ward.send(area_id=COMMUNE_AREA)
    top, epochs = ward.sign_in("tinh.an"), ward.services.key_acts.epochs
    rewrap, refused = PartStore.rewrap, list[str]()

    def a_colleague_was_faster(self: PartStore, *args: object) -> None:
        if len(refused) == 2:
            rewrap(self, *args)  # type: ignore[arg-type]
            return
        refused.append("the row exists")
        raise Duplicate(refused[-1])

    monkeypatch.setattr(PartStore, "rewrap", a_colleague_was_faster)
    epochs.new_epoch(top, "xa")
    dung = ward.sign_in("xa.dung")
    epochs.new_epoch(dung, "xa")
    (waiting,) = ward.services.key_acts.pending.of(dung)
    epochs.sign_entry(top, "xa", waiting.fingerprint or "")
    assert len(refused) == 2
    ward.clock.advance(minutes=5)
    ward.sign_in("tinh.an")
    newcomer = enrol(ward, "xa", "xa.moi")
    ward.services.key_acts.hand_key(
        ward.sign_in("xa.dung"), newcomer.view.id, newcomer.view.fingerprint or ""
    )
    session = newcomer.sign_in(ward)
    assert [row.readable for row in ward.services.triage.queue(session).rows] == [True]
