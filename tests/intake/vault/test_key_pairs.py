"""Key pairs: how a seed becomes one, and what passes for a public key."""

import json
from pathlib import Path

import pytest

from intake.vault.key_pairs import SUITE_X25519, SUITE_XWING, PublicKey, new_seed, public_key

SEED = bytes(range(32))
SUITES = (SUITE_XWING, SUITE_X25519)
PUBLIC = {suite: public_key(SEED, suite) for suite in SUITES}


def test_seed_expands_as_the_x_wing_draft_publishes() -> None:
    vector = json.loads(Path(__file__).with_name("xwing_vector.json").read_text())
    key = public_key(bytes.fromhex(vector["seed"]))
    assert key.raw.hex() == vector["public_key"]


@pytest.mark.parametrize("suite", SUITES)
def test_public_key_survives_storage(suite: int) -> None:
    assert PublicKey.from_bytes(PUBLIC[suite].to_bytes()) == PUBLIC[suite]
    assert len(PUBLIC[suite].key_id) == 8


@pytest.mark.parametrize(
    "stored", [b"", b"\x01", b"\x03" + bytes(32), b"\x02" + bytes(31), b"\x01" + b"\xff" * 1216]
)
def test_what_is_no_public_key_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError):
        PublicKey.from_bytes(stored)


def test_seeds_have_one_size_and_are_fresh() -> None:
    assert len(new_seed()) == 32
    assert new_seed() != new_seed()
    with pytest.raises(ValueError, match="32 bytes"):
        public_key(b"short")
    with pytest.raises(ValueError, match="suite"):
        public_key(SEED, 9)
