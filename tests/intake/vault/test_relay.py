"""Push addresses: only the relay reads one, and all rows have one size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.vault.envelope import NotOpened, pad, seal_to
from intake.vault.key_pairs import new_seed, public_key
from intake.vault.relay import ADDRESS_SIZE, _context, open_address, seal_address

SEED = new_seed()
RELAY = public_key(SEED)
ROW = bytes(range(16))


@given(channel=st.text(max_size=12), address=st.text(max_size=24))
def test_relay_reads_the_address_and_every_row_has_one_size(channel: str, address: str) -> None:
    sealed = seal_address(RELAY, ROW, channel, address)
    assert open_address(SEED, ROW, sealed) == (channel, address)
    assert len(sealed) == len(seal_address(RELAY, ROW, "telegram", "1"))


def test_nobody_else_reads_it_and_no_row_passes_for_another() -> None:
    sealed = seal_address(RELAY, ROW, "telegram", "12345")
    with pytest.raises(NotOpened):
        open_address(new_seed(), ROW, sealed)
    with pytest.raises(NotOpened):
        open_address(SEED, bytes(16), sealed)


def test_address_that_no_channel_gives_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        seal_address(RELAY, ROW, "telegram", "1" * 300)


def test_something_else_in_a_row_does_not_open() -> None:
    for inside in (b"[1,2]", b"[]", b"not json"):
        with pytest.raises(NotOpened):
            open_address(SEED, ROW, seal_to(RELAY, pad(inside, ADDRESS_SIZE), _context(ROW)))
