"""Epochs: who is handed one, and that no race or crash leaves a key, a list or a tip astray."""

from dataclasses import dataclass

import pytest
from pyotp.totp import TOTP

from intake.disclosure import UnitKeys
from intake.epochs import Epochs
from intake.errors import Conflict, NotAllowed, NotValid
from intake.keylist import KeyList
from intake.officers import OfficerView, Session
from intake.rewrapping import Rewrapping
from intake.vault.key_pairs import new_seed, public_key
from intake.vault.keyring import Keyring
from intake.vault.segments import SignedSegment
from storage.unit_of_work import Tx
from tests.wards import COMMUNE_AREA, Ward


@dataclass
class Newcomer:
    """An enrolled officer whose key nobody has compared."""

    view: OfficerView
    passphrase: str
    totp_secret: str

    def sign_in(self, ward: Ward) -> Session:
        ward.clock.advance(minutes=2)
        digits = TOTP(self.totp_secret).at(ward.clock.now())
        return ward.services.sign_ins.sign_in(self.view.login, self.passphrase, digits).session


def enrol(ward: Ward, unit_id: str, login: str, actor: Session | None = None) -> Newcomer:
    people, sign_ins = ward.services.people, ward.services.sign_ins
    token = people.add_officer(actor, unit_id, login, login)
    shown = sign_ins.enrol_begin(token)
    digits = TOTP(shown.totp_secret).at(ward.clock.now())
    view = sign_ins.enrol_finish(token, shown.ticket, shown.passphrase, digits)
    return Newcomer(view, shown.passphrase, shown.totp_secret)


def remove(ward: Ward, by: Session, login: str) -> None:
    people = ward.services.people
    who = next(person for person in people.officers(by) if person.login == login)
    people.remove_officer(by, who.id)


def holds(ward: Ward, officer_id: str) -> set[bytes]:
    with ward.intake.read() as view:
        return {grant.key_id for grant in view.keys.grants_of(bytes.fromhex(officer_id))}


def listed(ward: Ward, unit_id: str) -> bytes:
    ward.foundation.key_list.forget()
    return ward.foundation.key_list.current.key_of(unit_id).key_id


def test_an_administrators_puppet_gets_no_key_when_somebody_leaves(ward: Ward) -> None:
    admin = ward.sign_in("quantri")
    puppet = enrol(ward, "phuong", "con.roi", admin)
    remove(ward, admin, "phuong.binh")
    ward.sign_in("tinh.an")
    assert holds(ward, puppet.view.id) == set()
    stayed = ward.sign_in("phuong.chi")
    assert listed(ward, "phuong") in holds(ward, stayed.officer.id)


def test_a_key_swapped_in_the_rows_gets_no_new_epoch(ward: Ward) -> None:
    top = ward.sign_in("tinh.an")
    chi = next(p for p in ward.services.people.officers(top) if p.login == "phuong.chi")
    thief = public_key(new_seed())
    row_id = bytes.fromhex(chi.id)
    ward.intake.write_now(lambda tx: tx.officers.set_key(row_id, thief.to_bytes(), b""))
    ward.services.key_acts.epochs.new_epoch(top, "phuong")
    with ward.intake.read() as view:
        holders = {grant.officer_id for grant in view.keys.grants_for(listed(ward, "phuong"))}
    assert row_id not in holders


def test_an_officer_without_the_key_cannot_draw_a_new_one(ward: Ward) -> None:
    newcomer = enrol(ward, "phuong", "moi").sign_in(ward)
    with pytest.raises(NotAllowed):
        ward.services.key_acts.epochs.new_epoch(newcomer, "phuong")
    assert holds(ward, newcomer.officer.id) == set()


def test_a_leaver_removed_while_an_epoch_is_drawn_gets_no_part_of_it(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, admin = ward.sign_in("tinh.an"), ward.sign_in("quantri")
    leaver = next(p for p in ward.services.people.officers(top) if p.login == "phuong.binh")
    store = Epochs.store

    def late(self: Epochs, *args: object) -> None:
        monkeypatch.undo()
        remove(ward, admin, "phuong.binh")
        store(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Epochs, "store", late)
    with pytest.raises(Conflict):
        ward.services.key_acts.epochs.new_epoch(top, "phuong")
    assert holds(ward, leaver.id) == set()
    before = listed(ward, "phuong")
    ward.sign_in("tinh.an")
    assert listed(ward, "phuong") != before


def test_a_leaver_removed_before_the_signature_still_causes_another_epoch(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, admin = ward.sign_in("tinh.an"), ward.sign_in("quantri")
    sign = UnitKeys.sign

    def late(self: UnitKeys, *args: object) -> object:
        monkeypatch.undo()
        remove(ward, admin, "phuong.binh")
        return sign(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(UnitKeys, "sign", late)
    ward.services.key_acts.epochs.new_epoch(top, "phuong")
    seen_by_leaver = listed(ward, "phuong")
    ward.sign_in("tinh.an")
    assert listed(ward, "phuong") != seen_by_leaver


def test_two_sessions_signing_two_wards_at_once_lose_neither(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, epochs = ward.sign_in("tinh.an"), ward.services.key_acts.epochs
    sign = UnitKeys.sign
    before = listed(ward, "xa")

    def meanwhile(self: UnitKeys, *args: object) -> object:
        monkeypatch.undo()
        epochs.new_epoch(top, "xa")
        return sign(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(UnitKeys, "sign", meanwhile)
    epochs.new_epoch(top, "phuong")
    after = listed(ward, "xa")
    assert after != before
    assert epochs.signing.unsigned("xa") is None
    assert epochs.signing.unsigned("phuong") is None


def test_a_signature_that_does_not_verify_never_closes_the_boxes(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = ward.sign_in("tinh.an")
    sign = UnitKeys.sign

    def spoilt(self: UnitKeys, *args: object) -> object:
        return sign(self, *args)._replace(signature=bytes(64))  # type: ignore[arg-type]

    monkeypatch.setattr(UnitKeys, "sign", spoilt)
    with pytest.raises(NotAllowed):
        ward.services.key_acts.epochs.new_epoch(top, "phuong")
    ward.foundation.key_list.forget()
    assert ward.tips.any_open()


def test_a_rewrap_that_a_crash_cut_short_is_finished_at_a_later_sign_in(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.send(what="trước khi đổi khoá", area_id=COMMUNE_AREA)
    top, acts = ward.sign_in("tinh.an"), ward.services.key_acts
    remove(ward, top, "xa.dung")
    newcomer = enrol(ward, "xa", "xa.moi")

    def crash(*_: object) -> int:
        raise MemoryError

    monkeypatch.setattr(Rewrapping, "rewrap", crash)
    with pytest.raises(MemoryError):
        acts.hand_key(top, newcomer.view.id, newcomer.view.fingerprint or "")
    monkeypatch.undo()
    ward.sign_in("tinh.an")
    session = newcomer.sign_in(ward)
    assert [row.readable for row in ward.services.triage.queue(session).rows] == [True]


def test_a_tip_sealed_under_the_list_of_a_moment_ago_is_wrapped_again(ward: Ward) -> None:
    top, acts = ward.sign_in("tinh.an"), ward.services.key_acts
    remove(ward, top, "xa.dung")
    newcomer = enrol(ward, "xa", "xa.moi")
    stale = ward.tips.key_list.current
    acts.hand_key(top, newcomer.view.id, newcomer.view.fingerprint or "")
    ward.tips.key_list.__dict__.update(_keyring=stale, _read_at=ward.clock.monotonic())
    ward.send(what="gửi bằng danh sách cũ", area_id=COMMUNE_AREA)
    ward.foundation.key_list.forget()
    ward.clock.advance(minutes=5)
    ward.sign_in("tinh.an")
    session = newcomer.sign_in(ward)
    assert [row.readable for row in ward.services.triage.queue(session).rows] == [True]
    with ward.intake.read() as view:
        assert view.keys.facts("rewrap:") == []


def test_founding_refuses_a_signing_key_swapped_in_the_rows(ward: Ward) -> None:
    top = ward.sign_in("tinh.an")
    assert ward.services.key_acts.founding_request(top).fingerprint

    def swap(tx: Tx) -> None:
        tx.keys.set_fact("signer:tinh", bytes(range(32)).hex())

    ward.intake.write_now(swap)
    with pytest.raises(Conflict):
        ward.services.key_acts.founding_request(top)


def test_the_ward_reads_digits_of_the_key_it_holds_to_the_unit_above(ward: Ward) -> None:
    chi, acts = ward.sign_in("phuong.chi"), ward.services.key_acts
    assert acts.pending.of(chi) == []
    acts.epochs.new_epoch(chi, "phuong")
    (told,) = [act for act in acts.pending.of(chi) if act.kind == "await_signing"]
    waiting = acts.epochs.signing.unsigned("phuong")
    assert waiting is not None
    swapped = public_key(new_seed())
    row = waiting._replace(public_key=swapped.to_bytes())
    ward.intake.write_now(lambda tx: tx.keys.add_unit_key(row))
    assert acts.pending.of(chi)[-1].fingerprint == told.fingerprint
    top = ward.sign_in("tinh.an")
    with pytest.raises(NotValid):
        acts.epochs.sign_entry(top, "phuong", told.fingerprint or "")
    ward.intake.write_now(lambda tx: tx.keys.add_unit_key(waiting))
    acts.epochs.sign_entry(top, "phuong", told.fingerprint or "")
    assert listed(ward, "phuong") == waiting.key_id
    assert acts.pending.of(chi) == []


def test_no_epoch_is_drawn_while_the_root_has_not_certified_who_would_sign_it(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = ward.sign_in("tinh.an")
    remove(ward, top, "phuong.binh")
    with ward.intake.read() as view:
        before = view.keys.unit_keys("phuong")
    real = KeyList._verify

    def other_signer(self: KeyList, segments: list[SignedSegment]) -> Keyring:
        keyring = real(self, segments)
        keyring.signers = {"tinh": "00" * 32}
        return keyring

    with monkeypatch.context() as bad:
        bad.setattr(KeyList, "_verify", other_signer)
        ward.foundation.key_list.forget()
        for _ in range(3):
            ward.sign_in("tinh.an")
        with ward.intake.read() as view:
            assert view.keys.unit_keys("phuong") == before
        for _ in range(3):
            ward.sign_in("phuong.chi")
        with ward.intake.read() as view:
            assert len(view.keys.unit_keys("phuong")) == len(before) + 1
    ward.foundation.key_list.forget()
    old = listed(ward, "phuong")
    ward.sign_in("tinh.an")
    assert listed(ward, "phuong") != old
