"""What an opening notes, and what it loads."""

import secrets
from collections.abc import Collection
from datetime import timedelta

import pytest

from intake.drafts import KeptPhoto
from intake.errors import NotFound
from intake.parts import Body, encode
from intake.vault import sealing
from storage.drafts import PhotoRow
from storage.parts import PartRow, PartStore
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


def test_a_tips_pictures_are_loaded_only_when_they_are_asked_for(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id, key, data = secrets.token_bytes(16), secrets.token_bytes(32), b"\xff" * 200_000
    body = sealing.seal_body(key, photo_id, encode(Body(kind="photo"), data))
    later = ward.clock.now() + timedelta(hours=1)
    row = PhotoRow(photo_id, bytes(32), body, later)
    ward.intake.write_now(lambda tx: tx.drafts.add_photo(row))
    longest = "ỹ" * 7000
    ward.send(what=longest, photos=(KeptPhoto(id=photo_id.hex(), key=key.hex()),))
    loaded: list[bytes] = []
    real = PartStore.bodies

    def counted(self: PartStore, part_ids: Collection[bytes]) -> list[PartRow]:
        loaded.extend(part_ids)
        return real(self, part_ids)

    monkeypatch.setattr(PartStore, "bodies", counted)
    officer = ward.sign_in("phuong.chi")
    tip = ward.services.triage.queue(officer).rows[0].id
    shown = ward.services.disclosure.open_tip(officer, tip).messages
    assert [(m.text[-7000:], m.photo_ids) for m in shown] == [(longest, (photo_id.hex(),))]
    assert loaded == [bytes.fromhex(tip)]
    assert ward.services.disclosure.photo(officer, tip, photo_id.hex()) == data
