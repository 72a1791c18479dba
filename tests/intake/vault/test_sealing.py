"""The pieces of a tip: who opens what, and that a named tip looks like any other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import TooLong
from intake.vault import opening, sealing
from intake.vault.envelope import NotOpened, OpeningKey, pad, seal_to
from intake.vault.key_pairs import new_seed, public_key

WARD, ABOVE, IDENTITY, GATE, OFFICER = (new_seed() for _ in range(5))
RECIPIENTS = (public_key(WARD), public_key(ABOVE))
CUSTODIANS, DOOR = public_key(IDENTITY), public_key(GATE)
TIP = sealing.new_id()

contacts = st.none() | st.text(max_size=100)


@given(body=st.binary(max_size=2000))
def test_both_recipients_open_a_part_and_nobody_else(body: bytes) -> None:
    part = sealing.seal_part(TIP, body, RECIPIENTS)
    assert [key_id for key_id, _ in part.wraps] == [key.key_id for key in RECIPIENTS]
    for seed, (_, wrap) in zip((WARD, ABOVE), part.wraps, strict=True):
        key = opening.open_wrap(seed, wrap, part.id)
        assert opening.open_body(key, part.id, part.body_sealed) == body
        with pytest.raises(NotOpened):
            opening.open_wrap(OFFICER, wrap, part.id)


def test_a_part_gets_its_own_id_unless_it_is_the_tip_itself() -> None:
    own = sealing.seal_part(TIP, b"", RECIPIENTS, part_id=TIP)
    other = sealing.seal_part(TIP, b"", RECIPIENTS)
    assert own.id == TIP
    assert other.id != TIP
    assert len(other.id) == 16


def test_each_part_has_its_own_content_key_unless_one_is_handed_in() -> None:
    first, second = (sealing.seal_part(TIP, b"", RECIPIENTS) for _ in range(2))
    assert first.content_key != second.content_key
    assert sealing.seal_part(TIP, b"", RECIPIENTS, content_key=OFFICER).content_key == OFFICER


def test_a_part_moved_to_another_row_does_not_open() -> None:
    part = sealing.seal_part(TIP, b"seen", RECIPIENTS)
    other = sealing.new_id()
    with pytest.raises(NotOpened):
        opening.open_wrap(WARD, part.wraps[0][1], other)
    with pytest.raises(NotOpened):
        opening.open_body(part.content_key, other, part.body_sealed)


def test_a_body_does_not_pass_for_a_headline() -> None:
    part = sealing.seal_part(TIP, b"seen", RECIPIENTS, part_id=TIP)
    with pytest.raises(NotOpened):
        opening.open_headline(part.content_key, TIP, part.body_sealed)


def test_a_late_wrap_lets_one_more_recipient_in() -> None:
    part = sealing.seal_part(TIP, b"seen", RECIPIENTS)
    key_id, wrap = sealing.wrap_key(part.content_key, part.id, public_key(OFFICER))
    assert key_id == public_key(OFFICER).key_id
    assert opening.open_wrap(OpeningKey(OFFICER), wrap, part.id) == part.content_key


@pytest.mark.parametrize("recipients", [(), (RECIPIENTS[0], RECIPIENTS[0])])
def test_recipients_are_there_and_each_once(recipients: tuple[()]) -> None:
    with pytest.raises(ValueError, match="recipients"):
        sealing.seal_part(TIP, b"", recipients)


def test_ids_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        sealing.seal_part(b"body in the wrong place", TIP, RECIPIENTS)


@given(headline=st.binary(max_size=1020))
def test_headlines_have_one_size(headline: bytes) -> None:
    key = new_seed()
    sealed = sealing.seal_headline(key, TIP, headline)
    assert len(sealed) == sealing.HEADLINE_SIZE + 32
    assert opening.open_headline(key, TIP, sealed) == headline


def test_headline_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        sealing.seal_headline(new_seed(), TIP, bytes(1021))


@given(contact=contacts)
def test_identity_slot_has_one_size_named_or_not(contact: str | None) -> None:
    slot = sealing.seal_identity(contact, TIP, CUSTODIANS, DOOR)
    assert len(slot) == len(sealing.seal_identity(None, TIP, CUSTODIANS, DOOR))
    assert len(slot) == sealing.IDENTITY_SIZE + 2 * (12 + 1136)
    inner = opening.remove_gate(GATE, TIP, slot)
    assert opening.open_identity(IDENTITY, TIP, inner) == contact


def test_neither_gate_nor_custodians_open_an_identity_alone() -> None:
    slot = sealing.seal_identity("0900 000 000", TIP, CUSTODIANS, DOOR)
    with pytest.raises(NotOpened):
        opening.open_identity(IDENTITY, TIP, slot)
    inner = opening.remove_gate(GATE, TIP, slot)
    with pytest.raises(NotOpened):
        opening.open_identity(GATE, TIP, inner)
    with pytest.raises(NotOpened):
        opening.remove_gate(GATE, sealing.new_id(), slot)
    with pytest.raises(NotOpened):
        opening.open_identity(IDENTITY, sealing.new_id(), inner)


def test_a_slot_that_holds_no_text_does_not_open() -> None:
    framed = pad(b"\x01\xff", sealing.IDENTITY_SIZE)
    inner = seal_to(CUSTODIANS, framed, sealing.identity_context(TIP))
    with pytest.raises(NotOpened) as failed:
        opening.open_identity(IDENTITY, TIP, inner)
    assert failed.value.__cause__ is None


def test_contact_that_does_not_fit_is_refused_without_repeating_it() -> None:
    with pytest.raises(TooLong) as refused:
        sealing.seal_identity("ă" * 300, TIP, CUSTODIANS, DOOR)
    assert str(refused.value) == ""


def test_a_probe_opens_for_its_own_unit_only() -> None:
    probe = sealing.seal_probe(public_key(WARD), "p-01")
    opening.open_probe(WARD, "p-01", probe)
    for seed, unit in ((ABOVE, "p-01"), (WARD, "p-02")):
        with pytest.raises(NotOpened):
            opening.open_probe(seed, unit, probe)


@pytest.mark.parametrize("signing", [None, bytes(32), bytes(range(32))])
def test_a_grant_hands_a_unit_secret_to_one_officer(signing: bytes | None) -> None:
    secret = sealing.UnitSecret(public_key(WARD).key_id, WARD, signing)
    granted = sealing.seal_grant(public_key(OFFICER), secret)
    assert opening.open_grant(OFFICER, granted, secret.key_id) == secret
    with pytest.raises(NotOpened):
        opening.open_grant(ABOVE, granted, secret.key_id)
    with pytest.raises(NotOpened):
        opening.open_grant(OFFICER, granted, public_key(ABOVE).key_id)


def test_grants_look_alike_with_and_without_a_signing_seed() -> None:
    key_id = public_key(WARD).key_id
    sizes = {
        len(sealing.seal_grant(public_key(OFFICER), sealing.UnitSecret(key_id, WARD, signing)))
        for signing in (None, new_seed())
    }
    assert len(sizes) == 1


def test_a_grant_of_a_wrong_seed_is_noticed_at_once() -> None:
    wrong = sealing.UnitSecret(public_key(WARD).key_id, ABOVE, None)
    with pytest.raises(NotOpened):
        opening.open_grant(OFFICER, sealing.seal_grant(public_key(OFFICER), wrong), wrong.key_id)


def test_a_grant_of_another_shape_is_refused() -> None:
    key_id = public_key(WARD).key_id
    short = seal_to(public_key(OFFICER), b"short", sealing.grant_context(key_id))
    with pytest.raises(NotOpened):
        opening.open_grant(OFFICER, short, key_id)
    odd = seal_to(RECIPIENTS[0], b"no probe", sealing.probe_context("p-01"))
    with pytest.raises(NotOpened):
        opening.open_probe(WARD, "p-01", odd)
