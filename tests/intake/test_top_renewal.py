"""The unit at the top changes its key: drawn in session, certified offline, taken in at once."""

import pytest
from sqlalchemy import delete

from intake import rewrapping
from intake.errors import KeyListRejected
from intake.keylist import SEEN_FILE, KeyList, read_key_file
from intake.list_signing import ListSigning
from intake.officers import Session
from intake.rewrapping import Rewrapping
from intake.vault.custody import certify
from intake.vault.segments import RootBody, SignedSegment
from storage.statements import table_of
from storage.tables import KeySegment
from tests.intake.test_epochs import Newcomer, enrol, holds, listed, remove
from tests.wards import COMMUNE_AREA, Ward


def kinds(ward: Ward, session: Session) -> list[str]:
    return [act.kind for act in ward.services.key_acts.pending.of(session)]


def second_officer(ward: Ward, top: Session) -> Newcomer:
    second = enrol(ward, "tinh", "tinh.hai")
    ward.services.key_acts.hand_key(top, second.view.id, second.view.fingerprint or "")
    return second


def certified(ward: Ward, session: Session) -> SignedSegment:
    asked = RootBody.model_validate_json(ward.services.key_acts.founding_request(session).request)
    return certify(ward.custody.shares["root"], ward.custody.public, asked)


def wrapped_to(ward: Ward, key_id: bytes) -> int:
    with ward.intake.read() as view:
        return len(view.parts.open_parts_with([key_id]))


def send_three(ward: Ward) -> None:
    ward.send(what="ở phường")
    ward.send(what="ở xã", area_id=COMMUNE_AREA)
    ward.send(what="về cán bộ", conflict="yes")


def test_a_leaver_at_the_top_makes_a_new_key_due_and_it_replaces_the_old_everywhere(
    ward: Ward,
) -> None:
    send_three(ward)
    top = ward.sign_in("tinh.an")
    leaver = second_officer(ward, top)
    remove(ward, top, "tinh.hai")
    old, ward_key = listed(ward, "tinh"), listed(ward, "phuong")
    top = ward.sign_in("tinh.an")
    assert kinds(ward, top) == ["renew_top"]
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    assert kinds(ward, top) == ["fetch_root"]
    assert listed(ward, "tinh") == old
    ward.send(what="trong lúc chờ")
    ward.foundation.key_list.put(certified(ward, top))
    new = listed(ward, "tinh")
    assert new != old
    assert listed(ward, "phuong") == ward_key
    assert kinds(ward, top) == []
    assert holds(ward, leaver.view.id) == set()
    assert wrapped_to(ward, old) == 4
    ward.sign_in("tinh.an")
    assert wrapped_to(ward, old) == 0
    assert wrapped_to(ward, new) == 4
    ward.clock.advance(minutes=5)
    top = ward.sign_in("tinh.an")
    rows = ward.services.triage.queue(top).rows
    assert [row.readable for row in rows] == [True] * 4
    for row in rows:
        assert ward.services.disclosure.open_tip(top, row.id).messages
    mine = ward.services.triage.queue(ward.sign_in("phuong.chi")).rows
    assert [row.readable for row in mine] == [True] * 2
    with ward.intake.read() as view:
        assert view.keys.facts("rewrap:") == view.keys.facts("new-epoch:") == []
        assert view.keys.facts("waiting-children:") == []
        assert [key.key_id for key in view.keys.unit_keys("tinh") if not key.ended_on] == [new]
        probe = view.keys.probe("tinh")
    assert probe is not None
    assert (probe.key_id, probe.opened_on) == (new, ward.clock.today())


def test_the_new_signing_key_of_the_top_signs_and_the_old_one_no_longer_counts(ward: Ward) -> None:
    top = ward.sign_in("tinh.an")
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    with ward.intake.read() as view:
        before = {row.signer: SignedSegment(*row) for row in view.keys.segments()}
    ward.foundation.key_list.put(certified(ward, top))
    key = listed(ward, "phuong")
    ward.services.key_acts.epochs.new_epoch(top, "phuong")
    assert listed(ward, "phuong") != key
    with pytest.raises(KeyListRejected):
        ward.foundation.key_list.check(before["tinh"])


def forget_the_children(ward: Ward) -> None:
    """Leave the list as it is before the unit at the top has signed anything."""
    segment = table_of(KeySegment)
    gone = delete(segment).where(segment.c.signer == "tinh")
    ward.intake.write_now(lambda tx: tx.connection.execute(gone) and None)
    (ward.settings.state_dir / SEEN_FILE).unlink()
    ward.foundation.key_list._seen.clear()
    ward.foundation.key_list.forget()


def test_the_first_ward_signed_beside_the_import_of_the_tops_new_key_closes_no_box(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = ward.sign_in("tinh.an")
    forget_the_children(ward)
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    renewed, check = certified(ward, top), KeyList.check
    with ward.intake.read() as view:
        (key,) = view.keys.unit_keys("phuong")

    def overtaken(self: KeyList, segment: SignedSegment) -> None:
        check(self, segment)
        monkeypatch.undo()
        self.put(renewed)

    monkeypatch.setattr(KeyList, "check", overtaken)
    ward.services.key_acts.epochs.signing.sign(top, "phuong", key.key_id)
    assert listed(ward, "phuong") == key.key_id
    assert ward.services.key_acts.epochs.signing.unsigned("tinh") is None
    assert ward.tips.any_open()


def test_wards_change_their_keys_while_the_top_waits_for_the_root(ward: Ward) -> None:
    top = ward.sign_in("tinh.an")
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    segment = certified(ward, top)
    ward.services.key_acts.epochs.new_epoch(top, "phuong")
    key = listed(ward, "phuong")
    ward.foundation.key_list.put(segment)
    assert listed(ward, "phuong") == key
    assert ward.tips.any_open()


def test_children_signed_behind_the_waiting_keys_back_stop_the_import_until_a_sign_in(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = ward.sign_in("tinh.an")
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    segment = certified(ward, top)
    monkeypatch.setattr(ListSigning, "sign_children_again", lambda *_: None)
    ward.services.key_acts.epochs.new_epoch(top, "phuong")
    monkeypatch.undo()
    old, key = listed(ward, "tinh"), listed(ward, "phuong")
    with pytest.raises(KeyListRejected):
        ward.foundation.key_list.put(segment)
    assert (listed(ward, "tinh"), listed(ward, "phuong")) == (old, key)
    ward.sign_in("tinh.an")
    ward.foundation.key_list.put(segment)
    assert (listed(ward, "tinh") != old, listed(ward, "phuong")) == (True, key)


def test_a_root_segment_for_a_key_that_another_leaver_had_is_refused(ward: Ward) -> None:
    top = ward.sign_in("tinh.an")
    second_officer(ward, top)
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    segment, old = certified(ward, top), listed(ward, "tinh")
    remove(ward, top, "tinh.hai")
    assert kinds(ward, top) == ["renew_top"]
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    with pytest.raises(KeyListRejected):
        ward.foundation.key_list.put(segment)
    assert listed(ward, "tinh") == old
    ward.foundation.key_list.put(certified(ward, top))
    assert listed(ward, "tinh") != old


def test_a_new_epoch_of_the_top_goes_to_colleagues_whose_key_was_compared(ward: Ward) -> None:
    top = ward.sign_in("tinh.an")
    second = second_officer(ward, top)
    stranger = enrol(ward, "tinh", "tinh.la")
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    ward.foundation.key_list.put(certified(ward, top))
    assert listed(ward, "tinh") in holds(ward, second.view.id)
    assert holds(ward, stranger.view.id) == set()


def test_renewing_the_upper_wraps_goes_on_after_a_crash(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_three(ward)
    top, old = ward.sign_in("tinh.an"), listed(ward, "tinh")
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    ward.foundation.key_list.put(certified(ward, top))
    monkeypatch.setattr(rewrapping, "_BATCH", 1)
    real, calls = Rewrapping._rewrap_parts, [0]

    def crash(self: Rewrapping, *given: object) -> int:
        calls[0] += 1
        if calls[0] == 2:
            raise MemoryError
        return real(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Rewrapping, "_rewrap_parts", crash)
    with pytest.raises(MemoryError):
        ward.sign_in("tinh.an")
    assert wrapped_to(ward, old) == 2
    monkeypatch.undo()
    ward.sign_in("tinh.an")
    assert wrapped_to(ward, old) == 0


def test_the_top_is_told_to_renew_before_its_year_is_over(ward: Ward) -> None:
    top = ward.sign_in("tinh.an")
    assert kinds(ward, top) == []
    ward.clock.advance(days=330)
    assert kinds(ward, ward.sign_in("tinh.an")) == ["renew_top"]


def test_waiting_children_that_somebody_changed_are_not_taken_in(ward: Ward) -> None:
    top, old = ward.sign_in("tinh.an"), listed(ward, "tinh")
    ward.services.key_acts.epochs.new_epoch(top, "tinh")
    segment = certified(ward, top)
    with ward.intake.read() as view:
        kept = view.keys.fact("waiting-children:tinh") or ""
    forged = kept.replace("Công an phường", "Công an huyện")
    assert forged != kept
    ward.intake.write_now(lambda tx: tx.keys.set_fact("waiting-children:tinh", forged))
    with pytest.raises(KeyListRejected):
        ward.foundation.key_list.put(segment)
    assert listed(ward, "tinh") == old
    again = KeyList(ward.intake, ward.settings, read_key_file(ward.settings, "root.pub"))
    assert again.current.key_of("tinh").key_id == old
