"""An officer's key: the passphrase, the session and the second factor each open their own thing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.vault import officer_keys as keys
from intake.vault.envelope import NotOpened
from intake.vault.key_pairs import new_seed, public_key
from intake.vault.officer_keys import Cost

CHEAP = Cost(memory_kib=64, passes=1)
PEPPER = bytes(range(32))
SEED = new_seed()
WORDS = "ban tre nui song mua nang"


def test_the_passphrase_opens_the_seed() -> None:
    sealed = keys.seal_officer_seed(SEED, WORDS, PEPPER, CHEAP)
    assert keys.open_officer_seed(sealed, WORDS, PEPPER) == SEED


@pytest.mark.parametrize("typed", [WORDS.upper(), f"  {WORDS} ", WORDS.replace(" ", "-")])
def test_case_spaces_and_dashes_do_not_matter(typed: str) -> None:
    sealed = keys.seal_officer_seed(SEED, WORDS, PEPPER, CHEAP)
    assert keys.open_officer_seed(sealed, typed, PEPPER) == SEED


@settings(max_examples=30)
@given(typed=st.text(max_size=40).filter(lambda typed: typed.casefold().split() != WORDS.split()))
def test_another_passphrase_does_not_open_it(typed: str) -> None:
    sealed = keys.seal_officer_seed(SEED, WORDS, PEPPER, CHEAP)
    with pytest.raises(NotOpened):
        keys.open_officer_seed(sealed, typed, PEPPER)


def test_the_passphrase_alone_does_not_open_it_without_the_pepper_file() -> None:
    sealed = keys.seal_officer_seed(SEED, WORDS, PEPPER, CHEAP)
    with pytest.raises(NotOpened):
        keys.open_officer_seed(sealed, WORDS, bytes(32))


def test_no_changed_byte_opens() -> None:
    sealed = keys.seal_officer_seed(SEED, WORDS, PEPPER, CHEAP)
    for at in (*range(9), *range(9, len(sealed), 5)):  # the first nine name format and cost
        with pytest.raises(NotOpened):
            keys.open_officer_seed(_flip(sealed, at), WORDS, PEPPER)


@pytest.mark.parametrize(
    "cost", [Cost(2**32 - 1, 1), Cost(2**21 + 1, 1), Cost(7, 1), Cost(64, 0), Cost(64, 65)]
)
def test_a_changed_row_cannot_make_a_sign_in_eat_the_server(cost: Cost) -> None:
    sealed = keys.seal_officer_seed(SEED, WORDS, PEPPER, CHEAP)
    asked = sealed[:3] + cost.memory_kib.to_bytes(4) + cost.passes.to_bytes(2) + sealed[9:]
    with pytest.raises(NotOpened):
        keys.open_officer_seed(asked, WORDS, PEPPER)


def test_bytes_that_are_no_sealed_seed_do_not_open() -> None:
    for stored in (b"", b"OK\x01", b"XX" + bytes(200)):
        with pytest.raises(NotOpened):
            keys.open_officer_seed(stored, WORDS, PEPPER)


def test_default_cost_is_256_mib_and_four_passes() -> None:
    assert Cost() == (262144, 4)


def test_a_session_carries_the_seed_for_its_own_cookie_only() -> None:
    cookie, other = new_seed(), new_seed()
    sealed = keys.seal_for_session(cookie, SEED)
    assert keys.open_for_session(cookie, sealed) == SEED
    assert SEED not in sealed
    with pytest.raises(NotOpened):
        keys.open_for_session(other, sealed)


def test_a_session_row_does_not_give_its_cookie() -> None:
    cookie = new_seed()
    row = keys.session_id(cookie)
    assert len(row) == 32
    with pytest.raises(NotOpened):
        keys.open_for_session(row, keys.seal_for_session(cookie, SEED))


def test_a_short_cookie_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        keys.seal_for_session(b"short", SEED)


def test_second_factor_opens_for_its_own_officer_only() -> None:
    sealed = keys.seal_totp(PEPPER, b"officer-1", b"JBSWY3DPEHPK3PXP")
    assert keys.open_totp(PEPPER, b"officer-1", sealed) == b"JBSWY3DPEHPK3PXP"
    with pytest.raises(NotOpened):
        keys.open_totp(PEPPER, b"officer-2", sealed)
    with pytest.raises(NotOpened):
        keys.open_totp(bytes(32), b"officer-1", sealed)


def test_fingerprint_is_eight_spoken_digits_of_one_key() -> None:
    mine, other = public_key(SEED), public_key(new_seed())
    assert re.fullmatch(r"\d{4} \d{4}", keys.fingerprint(mine))
    assert keys.fingerprint(mine) == keys.fingerprint(mine)
    assert keys.fingerprint(mine) != keys.fingerprint(other)


def test_a_spoken_fingerprint_is_compared_however_it_is_typed() -> None:
    mine, other = public_key(SEED), public_key(new_seed())
    spoken = keys.fingerprint(mine)
    assert keys.same_fingerprint(spoken.replace(" ", ""), mine)
    assert keys.same_fingerprint(f" {spoken[:2]} {spoken[2:]} ", mine)
    assert not keys.same_fingerprint(spoken, other)
    assert not keys.same_fingerprint(spoken[:-1], mine)
    assert not keys.same_fingerprint("", mine)


def test_passphrases_are_six_plain_words_of_eleven_bits() -> None:
    words = keys._words()
    assert len(set(words)) == len(words) >= 2048
    assert all(re.fullmatch(r"[a-z]{1,6}", word) for word in words)
    phrase = keys.new_passphrase()
    assert set(phrase.split()) <= set(words)
    assert len(phrase.split()) == 6
    assert phrase != keys.new_passphrase()


def _flip(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
