"""Accounts: whose links are drawn by whom, and which of them still opens."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from pyotp import TOTP
from sqlalchemy import select

from intake.errors import Conflict, NotFound
from storage.audit import AuditStore
from storage.officers import OfficerStore
from storage.statements import table_of
from storage.tables import Invite
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


@pytest.mark.parametrize("pause", ["set_totp", "add_invite"])
def test_of_a_new_link_and_a_set_up_at_one_moment_the_first_counts_and_no_link_stays_open(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, pause: str
) -> None:
    people, sign_ins, admin = ward.services.people, ward.services.sign_ins, ward.sign_in("quantri")
    token = people.add_officer(None, "phuong", "moi", "Mới")
    shown = sign_ins.enrol_begin(token)
    digits = TOTP(shown.totp_secret).at(ward.clock.now())
    half, acts = threading.Event(), list[str]()
    store, append = getattr(OfficerStore, pause), AuditStore.append

    def slowly(self: OfficerStore, *args: object) -> None:
        half.set()
        time.sleep(0.3)
        store(self, *args)

    def counted(self: AuditStore, at: datetime, actor: str, act: str, *more: str) -> int:
        acts.append(act)
        return append(self, at, actor, act, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(OfficerStore, pause, slowly)
    monkeypatch.setattr(AuditStore, "append", counted)
    calls: list[Callable[[], object]] = [
        lambda: sign_ins.enrol_finish(token, shown.ticket, shown.passphrase, digits),
        lambda: people.new_link(admin, shown.officer.id),
    ]
    first, second = calls if pause == "set_totp" else calls[::-1]
    with ThreadPoolExecutor() as side:
        earlier = side.submit(first)
        assert half.wait(5)
        with pytest.raises(Conflict if pause == "set_totp" else NotFound):
            second()
        earlier.result(5)
    with ward.intake.read() as view:
        row = view.officers.get(bytes.fromhex(shown.officer.id))
        links = view.connection.execute(select(table_of(Invite))).all()
        written = [entry.act for entry in view.audit.rows()][-1]
    assert row is not None
    is_set_up = pause == "set_totp"
    assert (row.public_key is not None, len(links)) == (is_set_up, 0 if is_set_up else 1)
    assert sorted(acts) == ["officer.enrol", "officer.link"]  # neither had to be run again
    assert written == ("officer.enrol" if is_set_up else "officer.link")


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
