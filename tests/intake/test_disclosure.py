"""The audit row names the tip in one spelling only, and nothing that was typed."""

import pytest

from intake.errors import NotFound
from tests.wards import Ward


def test_the_audit_row_names_the_tip_in_one_spelling(ward: Ward) -> None:
    ward.send()
    officer = ward.sign_in("phuong.chi")
    tip = ward.services.triage.queue(officer).rows[0].id
    odd = " ".join(tip.upper()[at : at + 2] for at in range(0, 32, 2))
    ward.services.disclosure.open_tip(officer, odd)
    with pytest.raises(NotFound):
        ward.services.disclosure.photo(officer, odd, "họ tên gõ vào đây")
    with ward.intake.read() as view:
        rows = view.audit.rows()
    assert [row.subject for row in rows if row.act == "tip.open"] == [tip]
    assert not any(row.act == "photo.open" for row in rows)
