"""The two sealed forms: what opens, what never does, and what a size gives away."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.vault import envelope
from intake.vault.envelope import (
    Context,
    NotOpened,
    OpeningKey,
    key_id_of,
    open_under,
    open_with,
    pad,
    seal_to,
    seal_under,
    subkey,
    unpad,
)
from intake.vault.key_pairs import SUITE_X25519, SUITE_XWING, public_key

HERE = Context("part", "body", "text", b"0123456789abcdef")
SEED = bytes(range(32))
KEY = bytes(range(32, 64))
SUITES = (SUITE_XWING, SUITE_X25519)
PUBLIC = {suite: public_key(SEED, suite) for suite in SUITES}

elsewhere = st.sampled_from(
    [
        HERE._replace(label="tip"),
        HERE._replace(kind="wrap"),
        HERE._replace(field="texts"),
        HERE._replace(record=b"0123456789abcdeg"),
        HERE._replace(record=b""),
        HERE._replace(schema=2),
        # the same letters, cut at other places
        HERE._replace(label="partb", kind="ody"),
        HERE._replace(kind="bodyt", field="ext"),
    ]
)


def test_published_x_wing_ciphertext_opens_through_hpke() -> None:
    vector = json.loads(Path(__file__).with_name("xwing_vector.json").read_text())
    key = public_key(bytes.fromhex(vector["seed"]))
    header = b"HT\x01\x01" + key.key_id
    info = envelope._bound(header, HERE, key.key_id)
    sealed = _hpke_by_hand(bytes.fromhex(vector["shared_secret"]), info, b"told")
    whole = header + bytes.fromhex(vector["ciphertext"]) + sealed
    assert open_with(bytes.fromhex(vector["seed"]), whole, HERE) == b"told"


@given(plaintext=st.binary(max_size=3000), suite=st.sampled_from(SUITES))
def test_what_is_sealed_to_a_key_opens_with_its_seed(plaintext: bytes, suite: int) -> None:
    sealed = seal_to(PUBLIC[suite], plaintext, HERE)
    assert open_with(SEED, sealed, HERE) == plaintext
    assert OpeningKey(SEED).open(sealed, HERE) == plaintext
    assert key_id_of(sealed) == PUBLIC[suite].key_id


@given(plaintext=st.binary(max_size=3000))
def test_what_is_sealed_under_a_key_opens_with_it(plaintext: bytes) -> None:
    assert open_under(KEY, seal_under(KEY, plaintext, HERE), HERE) == plaintext


@given(data=st.data(), suite=st.sampled_from(SUITES))
def test_no_changed_byte_opens_with_a_seed(data: st.DataObject, suite: int) -> None:
    sealed = seal_to(PUBLIC[suite], b"seen", HERE)
    with pytest.raises(NotOpened):
        open_with(SEED, _flipped(data, sealed), HERE)


@given(data=st.data())
def test_no_changed_byte_opens_under_a_key(data: st.DataObject) -> None:
    sealed = seal_under(KEY, b"seen", HERE)
    with pytest.raises(NotOpened):
        open_under(KEY, _flipped(data, sealed), HERE)


def test_every_single_byte_counts() -> None:
    to, under = seal_to(PUBLIC[SUITE_XWING], b"seen", HERE), seal_under(KEY, b"seen", HERE)
    holder = OpeningKey(SEED)
    for at in range(0, len(to), 7):
        with pytest.raises(NotOpened):
            holder.open(to[:at] + bytes((to[at] ^ 1,)) + to[at + 1 :], HERE)
    for at in range(len(under)):
        with pytest.raises(NotOpened):
            open_under(KEY, under[:at] + bytes((under[at] ^ 1,)) + under[at + 1 :], HERE)


@given(cut=st.integers(min_value=0, max_value=1400))
def test_truncated_or_lengthened_bytes_do_not_open(cut: int) -> None:
    to, under = seal_to(PUBLIC[SUITE_XWING], b"seen", HERE), seal_under(KEY, b"seen", HERE)
    for sealed in (to[: cut % len(to)], to + bytes(cut + 1)):
        with pytest.raises(NotOpened):
            open_with(SEED, sealed, HERE)
    for sealed in (under[: cut % len(under)], under + bytes(cut + 1)):
        with pytest.raises(NotOpened):
            open_under(KEY, sealed, HERE)


@given(noise=st.binary(max_size=400), suite=st.sampled_from(SUITES))
def test_noise_does_not_open(noise: bytes, suite: int) -> None:
    with pytest.raises(NotOpened):
        open_with(SEED, b"HT\x01" + bytes((suite,)) + noise, HERE)
    with pytest.raises(NotOpened):
        open_under(KEY, b"HT\x01\x80" + noise, HERE)


@given(there=elsewhere)
def test_nothing_opens_where_it_does_not_belong(there: Context) -> None:
    with pytest.raises(NotOpened):
        open_with(SEED, seal_to(PUBLIC[SUITE_XWING], b"seen", HERE), there)
    with pytest.raises(NotOpened):
        open_under(KEY, seal_under(KEY, b"seen", HERE), there)


@given(other=st.binary(min_size=32, max_size=32).filter(lambda key: key not in {SEED, KEY}))
def test_nothing_opens_with_another_key(other: bytes) -> None:
    with pytest.raises(NotOpened):
        open_with(other, seal_to(PUBLIC[SUITE_XWING], b"seen", HERE), HERE)
    with pytest.raises(NotOpened):
        open_under(other, seal_under(KEY, b"seen", HERE), HERE)


@pytest.mark.parametrize("version", [0, 2, 255])
def test_unknown_version_is_refused(version: int) -> None:
    to, under = seal_to(PUBLIC[SUITE_XWING], b"seen", HERE), seal_under(KEY, b"seen", HERE)
    with pytest.raises(NotOpened):
        open_with(SEED, to[:2] + bytes((version,)) + to[3:], HERE)
    with pytest.raises(NotOpened):
        key_id_of(to[:2] + bytes((version,)) + to[3:])
    with pytest.raises(NotOpened):
        open_under(KEY, under[:2] + bytes((version,)) + under[3:], HERE)


def test_the_two_forms_and_the_two_suites_do_not_pass_for_each_other() -> None:
    to, under = seal_to(PUBLIC[SUITE_XWING], b"seen", HERE), seal_under(KEY, b"seen", HERE)
    with pytest.raises(NotOpened):
        open_with(SEED, under, HERE)
    with pytest.raises(NotOpened):
        open_under(KEY, to, HERE)
    with pytest.raises(NotOpened):
        key_id_of(under)
    assert PUBLIC[SUITE_XWING].raw[-32:] != PUBLIC[SUITE_X25519].raw


def test_two_seals_of_the_same_are_different() -> None:
    assert seal_to(PUBLIC[SUITE_XWING], b"seen", HERE) != seal_to(
        PUBLIC[SUITE_XWING], b"seen", HERE
    )
    assert seal_under(KEY, b"seen", HERE) != seal_under(KEY, b"seen", HERE)


def test_failure_says_nothing_of_its_reason() -> None:
    with pytest.raises(NotOpened) as failed:
        open_under(KEY, b"HT\x01\x80 tell-tale", HERE)
    assert (str(failed.value), failed.value.__cause__) == ("", None)
    assert (failed.value.code, failed.value.status) == ("not_opened", 500)


@given(length=st.integers(min_value=0, max_value=200_000))
def test_padding_climbs_the_ladder(length: int) -> None:
    size = len(pad(bytes(length)))
    rungs = [256, 512, 1024, 2048, 4096, 8192, 16384, 65536]
    assert size in rungs or size % 65536 == 0
    assert size >= length + 4
    smaller = [rung for rung in rungs if rung < size] + [size - 65536]
    assert all(rung < length + 4 for rung in smaller)


@pytest.mark.parametrize(
    ("length", "size"), [(0, 256), (252, 256), (253, 512), (65532, 65536), (65533, 131072)]
)
def test_padding_counts_its_own_length(length: int, size: int) -> None:
    assert len(pad(bytes(length))) == size
    assert len(seal_under(KEY, bytes(length), HERE)) == size + 32


@given(plaintext=st.binary(max_size=508))
def test_constant_size_is_constant(plaintext: bytes) -> None:
    sealed = seal_under(KEY, plaintext, HERE, 512)
    assert len(sealed) == 512 + 32
    assert open_under(KEY, sealed, HERE) == plaintext


def test_what_does_not_fit_its_constant_size_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        seal_under(KEY, bytes(509), HERE, 512)


@pytest.mark.parametrize("framed", [b"", b"\0\0\0", b"\0\0\0\x02a", b"\0\0\0\x01ab"])
def test_broken_frames_do_not_open(framed: bytes) -> None:
    with pytest.raises(NotOpened):
        unpad(framed)


def test_subkeys_differ_by_purpose_record_and_salt() -> None:
    made = {
        subkey(KEY, "a"),
        subkey(KEY, "b"),
        subkey(KEY, "a", b"1"),
        subkey(KEY, "a", salt=b"1"),
        subkey(SEED, "a"),
    }
    assert len(made) == 5


def _flipped(data: st.DataObject, sealed: bytes) -> bytes:
    at = data.draw(st.integers(min_value=0, max_value=len(sealed) - 1))
    change = data.draw(st.integers(min_value=1, max_value=255))
    return sealed[:at] + bytes((sealed[at] ^ change,)) + sealed[at + 1 :]


def _hpke_by_hand(shared_secret: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Seal as RFC 9180 says (base mode), from a KEM's shared secret, to check the library by."""
    import hmac

    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    # X-Wing, HKDF-SHA256, ChaCha20-Poly1305
    suite = b"HPKE" + (0x647A).to_bytes(2) + (1).to_bytes(2) + (3).to_bytes(2)

    def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, "sha256")

    def expand(key: bytes, label: bytes, about: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + about
        return hmac.digest(key, labelled + b"\x01", "sha256")[:length]

    schedule = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared_secret, b"secret", b"")
    nonce = expand(secret, b"base_nonce", schedule, 12)
    return ChaCha20Poly1305(expand(secret, b"key", schedule, 32)).encrypt(nonce, plaintext, b"")
