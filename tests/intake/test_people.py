"""Accounts: whose links are drawn by whom, and which of them still opens."""

import pytest

from intake.errors import Conflict, NotFound
from tests.wards import Ward


def test_a_lost_link_is_replaced_and_dies(ward: Ward) -> None:
    people, sign_ins = ward.services.people, ward.services.sign_ins
    lost = people.add_officer(None, "phuong", "moi", "Mới")
    row_id = sign_ins.enrol_begin(lost).officer.id
    ward.clock.advance(hours=49)
    fresh = people.new_link(ward.sign_in("phuong.chi"), row_id)
    with pytest.raises(NotFound):
        sign_ins.enrol_begin(lost)
    assert sign_ins.enrol_begin(fresh).officer.login == "moi"
    newest = people.new_link(ward.sign_in("quantri"), row_id)
    with pytest.raises(NotFound):
        sign_ins.enrol_begin(fresh)
    assert sign_ins.enrol_begin(newest)


def test_an_account_that_is_set_up_gets_no_new_link(ward: Ward) -> None:
    people, admin = ward.services.people, ward.sign_in("quantri")
    chi = next(p for p in people.officers(admin) if p.login == "phuong.chi")
    with pytest.raises(Conflict):
        people.new_link(admin, chi.id)


def test_nobody_makes_a_link_for_an_account_that_they_could_not_have_added(ward: Ward) -> None:
    people, sign_ins = ward.services.people, ward.services.sign_ins
    token = people.add_officer(None, "phuong", "moi", "Mới")
    officer = sign_ins.enrol_begin(token).officer
    with pytest.raises(NotFound):
        people.new_link(ward.sign_in("xa.dung"), officer.id)
    admin = sign_ins.enrol_begin(people.add_officer(None, "phuong", "qt", "QT", "admin")).officer
    with pytest.raises(NotFound):
        people.new_link(ward.sign_in("phuong.chi"), admin.id)
    assert sign_ins.enrol_begin(token)
