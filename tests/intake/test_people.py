"""Accounts and sign-ins: what a person sees of their own key, and what a stranger leaves behind."""

import pytest
from sqlalchemy import select

from intake.errors import Conflict, NotFound, NotSignedIn
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
    assert seen.fingerprint != session.officer.fingerprint


def test_what_is_typed_as_a_login_is_not_kept(ward: Ward) -> None:
    mistyped = "sáu chữ của câu mật khẩu"
    with pytest.raises(NotSignedIn):
        ward.services.people.sign_in(mistyped, "x", "000000")
    assert len(tries(ward)) == 1
    assert "mat khau" not in tries(ward)[0]


def test_failed_sign_ins_are_forgotten_after_a_day(ward: Ward) -> None:
    with pytest.raises(NotSignedIn):
        ward.services.people.sign_in("ai.do", "x", "000000")
    ward.clock.advance(hours=25)
    with pytest.raises(NotSignedIn):
        ward.services.people.sign_in("phuong.chi", "x", "000000")
    assert tries(ward) == ["phuong.chi"]


def test_a_known_login_is_slowed_after_failures(ward: Ward) -> None:
    pauses: list[float] = []
    ward.services.people.__dict__["_pause"] = pauses.append
    for login in ("phuong.chi", "phuong.chi", "ai.do", "ai.do"):
        with pytest.raises(NotSignedIn):
            ward.services.people.sign_in(login, "x", "000000")
    assert pauses[:2] == pauses[2:]
    assert pauses[1] > pauses[0]


@pytest.mark.parametrize("digits", ["٣٣٣٣٣٣", "", "１２３４５６"])
def test_digits_of_another_script_are_only_wrong(ward: Ward, digits: str) -> None:
    who = ward.sign_ins["phuong.chi"]
    with pytest.raises(NotSignedIn):
        ward.services.people.sign_in("phuong.chi", who.passphrase, digits)


def test_a_lost_link_is_replaced_and_dies(ward: Ward) -> None:
    people = ward.services.people
    lost = people.add_officer(None, "phuong", "moi", "Mới")
    row_id = people.enrol_begin(lost).officer.id
    ward.clock.advance(hours=49)
    fresh = people.new_link(ward.sign_in("phuong.chi"), row_id)
    with pytest.raises(NotFound):
        people.enrol_begin(lost)
    assert people.enrol_begin(fresh).officer.login == "moi"
    newest = people.new_link(ward.sign_in("quantri"), row_id)
    with pytest.raises(NotFound):
        people.enrol_begin(fresh)
    assert people.enrol_begin(newest)


def test_an_account_that_is_set_up_gets_no_new_link(ward: Ward) -> None:
    people, admin = ward.services.people, ward.sign_in("quantri")
    chi = next(p for p in people.officers(admin) if p.login == "phuong.chi")
    with pytest.raises(Conflict):
        people.new_link(admin, chi.id)


def test_nobody_makes_a_link_for_an_account_that_they_could_not_have_added(ward: Ward) -> None:
    people = ward.services.people
    token = people.add_officer(None, "phuong", "moi", "Mới")
    officer = people.enrol_begin(token).officer
    with pytest.raises(NotFound):
        people.new_link(ward.sign_in("xa.dung"), officer.id)
    admin = people.enrol_begin(people.add_officer(None, "phuong", "qt", "QT", "admin")).officer
    with pytest.raises(NotFound):
        people.new_link(ward.sign_in("phuong.chi"), admin.id)
    assert people.enrol_begin(token)
