"""Where a tip goes when the ward is registered but has no key yet."""

import pytest

from intake.drafts import Conflict, TipDraft
from tests.wards import CLOSED_AREA, Ward


@pytest.mark.parametrize("conflict", ["no", "yes", "unknown"])
def test_a_ward_without_a_key_yet_is_received_by_the_unit_above(
    ward: Ward, conflict: Conflict
) -> None:
    ward.services.areas.add_unit("xa2", "Công an xã Đông Mẫu", "tinh", CLOSED_AREA)
    receiver = ward.tips.destination(TipDraft(what="x", area_id=CLOSED_AREA, conflict=conflict))
    assert receiver.unit_id == "tinh"
    assert receiver.raised == (conflict != "yes")
