"""Sign-ins: what a person sees of their own key, and what a stranger leaves behind."""

import pytest
from sqlalchemy import select

from intake.errors import NotSignedIn
from intake.vault.key_pairs import new_seed, public_key
from storage.officers import TRY
from tests.wards import Ward


def tries(ward: Ward) -> list[str]:
    with ward.intake.read() as view:
        return list(view.connection.execute(select(TRY.c.login)).scalars())


def test_an_officers_own_digits_come_from_their_key_and_not_from_a_row(ward: Ward) -> None:
    session = ward.sign_in("phuong.chi")
    thief = public_key(new_seed())
    with ward.intake.read() as view:
        row = view.officers.by_login("phuong.chi")
    assert row is not None
    assert row.seed_sealed is not None
    sealed = row.seed_sealed
    ward.intake.write_now(lambda tx: tx.officers.set_key(row.id, thief.to_bytes(), sealed))
    again = ward.sign_in("phuong.chi")
    assert again.officer.fingerprint == session.officer.fingerprint
    colleague = ward.sign_in("phuong.binh")
    seen = next(p for p in ward.services.people.officers(colleague) if p.id == session.officer.id)
    assert seen.fingerprint is None


def test_what_is_typed_as_a_login_is_not_kept(ward: Ward) -> None:
    mistyped = "sáu chữ của câu mật khẩu"
    with pytest.raises(NotSignedIn):
        ward.services.sign_ins.sign_in(mistyped, "x", "000000")
    assert len(tries(ward)) == 1
    assert "mat khau" not in tries(ward)[0]


def test_failed_sign_ins_are_forgotten_after_a_day(ward: Ward) -> None:
    with pytest.raises(NotSignedIn):
        ward.services.sign_ins.sign_in("ai.do", "x", "000000")
    ward.clock.advance(hours=25)
    with pytest.raises(NotSignedIn):
        ward.services.sign_ins.sign_in("phuong.chi", "x", "000000")
    assert tries(ward) == ["phuong.chi"]


def test_a_known_login_is_slowed_after_failures(ward: Ward) -> None:
    pauses: list[float] = []
    ward.services.sign_ins.__dict__["_pause"] = pauses.append
    for login in ("phuong.chi", "phuong.chi", "ai.do", "ai.do"):
        with pytest.raises(NotSignedIn):
            ward.services.sign_ins.sign_in(login, "x", "000000")
    assert pauses[:2] == pauses[2:]
    assert pauses[1] > pauses[0]


@pytest.mark.parametrize("digits", ["٣٣٣٣٣٣", "", "１２３４５６"])
def test_digits_of_another_script_are_only_wrong(ward: Ward, digits: str) -> None:
    who = ward.sign_ins["phuong.chi"]
    with pytest.raises(NotSignedIn):
        ward.services.sign_ins.sign_in("phuong.chi", who.passphrase, digits)
