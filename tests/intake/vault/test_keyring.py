"""The key list: whatever somebody changes in the rows, it does not verify."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import KeyListRejected, NoOpenUnit
from intake.vault.key_pairs import SUITE_X25519, SUITE_XWING, PublicKey, new_seed, public_key
from intake.vault.keyring import Keyring
from intake.vault.segments import (
    ChildBody,
    RootBody,
    SignedSegment,
    Signer,
    UnitEntry,
    long_fingerprint,
    sign_segment,
    signing_public,
)

TODAY = date(2030, 1, 1)
ROOT, PROVINCE, OTHER, STRANGER = (new_seed() for _ in range(4))
ROOT_PUBLIC = signing_public(ROOT)


def key() -> PublicKey:
    return public_key(new_seed())


KEYS = {name: key() for name in ("province", "ward-1", "ward-2", "oversight", "identity", "shared")}


def entry(unit_id: str, parent_id: str | None, **changes: object) -> UnitEntry:
    fields: dict[str, object] = {
        "unit_id": unit_id,
        "name": f"Công an {unit_id}",
        "parent_id": parent_id,
        "epoch": 1,
        "public_key": KEYS[unit_id].to_bytes().hex() if unit_id in KEYS else "",
        "expires_on": TODAY,
    }
    return UnitEntry.model_validate({**fields, **changes})


def root(**changes: object) -> RootBody:
    shared = KEYS["shared"].to_bytes().hex()
    fields: dict[str, object] = {
        "version": 3,
        "identity": KEYS["identity"].to_bytes().hex(),
        "gate": shared,
        "relay": shared,
        "oversight": KEYS["oversight"].to_bytes().hex(),
        "units": (entry("province", None),),
        "signers": (
            Signer(unit_id="province", public_key=signing_public(PROVINCE).hex(), expires_on=TODAY),
        ),
    }
    return RootBody.model_validate({**fields, **changes})


def child(**changes: object) -> ChildBody:
    fields: dict[str, object] = {
        "version": 5,
        "signer": "province",
        "units": (entry("ward-1", "province"), entry("ward-2", "province")),
    }
    return ChildBody.model_validate({**fields, **changes})


ROOT_SEGMENT = sign_segment(ROOT, root())
CHILD_SEGMENT = sign_segment(PROVINCE, child())


def read(*segments: SignedSegment, **options: object) -> Keyring:
    chosen = segments or (ROOT_SEGMENT, CHILD_SEGMENT)
    return Keyring.read(ROOT_PUBLIC, chosen, **{"today": TODAY, **options})  # type: ignore[arg-type]


def test_a_good_list_gives_keys_and_parents() -> None:
    ring = read()
    assert ring.recipients("ward-1") == (KEYS["ward-1"], KEYS["province"])
    assert ring.recipients("province") == (KEYS["province"], KEYS["oversight"])
    assert ring.parent_of("ward-1") == "province"
    assert ring.parent_of("province") is None
    assert ring.parent_of("nowhere") is None
    assert ring.identity == KEYS["identity"]
    assert ring.gate == ring.relay == KEYS["shared"]
    assert ring.version_of == {"root": 3, "province": 5}
    assert not ring.demo
    unit = ring.unit("ward-1")
    assert unit is not None
    assert unit.name == "Công an ward-1"


def test_a_good_list_gives_the_tree() -> None:
    ring = read()
    assert ring.parents == {"province": None, "ward-1": "province", "ward-2": "province"}
    assert ring.top_unit == "province"
    assert ring.key_of("ward-2") == KEYS["ward-2"]
    with pytest.raises(NoOpenUnit):
        ring.key_of("nowhere")


def test_a_list_without_units_has_no_top() -> None:
    empty = read(sign_segment(ROOT, root(units=(), signers=())))
    assert empty.parents == {}
    with pytest.raises(NoOpenUnit):
        _ = empty.top_unit


def test_the_demo_mark_is_read() -> None:
    assert read(sign_segment(ROOT, root(demo=True)), CHILD_SEGMENT).demo


def test_posters_print_the_roots_fingerprint() -> None:
    printed = read().root_fingerprint
    assert printed == long_fingerprint(ROOT_PUBLIC)
    assert [len(group) for group in printed.split()] == [4] * 8


def test_the_root_alone_is_a_list() -> None:
    ring = read(ROOT_SEGMENT)
    assert ring.is_open("province")
    assert not ring.is_open("ward-1")


@given(data=st.data(), which=st.sampled_from(["root", "child"]))
def test_no_changed_byte_verifies(data: st.DataObject, which: str) -> None:
    segments = {"root": ROOT_SEGMENT, "child": CHILD_SEGMENT}
    segment = segments[which]
    field = data.draw(st.sampled_from(["body", "signature"]))
    stored: bytes = getattr(segment, field)
    at = data.draw(st.integers(0, len(stored) - 1))
    changed = stored[:at] + bytes((stored[at] ^ data.draw(st.integers(1, 255)),)) + stored[at + 1 :]
    segments[which] = segment._replace(**{field: changed})
    with pytest.raises(KeyListRejected):
        read(*segments.values())


@pytest.mark.parametrize(
    "change",
    [
        {"public_key": key().to_bytes().hex()},
        {"parent_id": "ward-2"},
        {"parent_id": None},
        {"name": "Công an khác"},
        {"expires_on": "2099-01-01"},
    ],
)
def test_a_swapped_key_or_a_changed_parent_in_the_row_is_noticed(change: dict[str, str]) -> None:
    body = json.loads(CHILD_SEGMENT.body)
    body["units"][0].update(change)
    forged = CHILD_SEGMENT._replace(body=json.dumps(body).encode())
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, forged)


@pytest.mark.parametrize("parent", [None, "ward-2", "other", "nowhere"])
def test_an_upper_unit_speaks_for_its_own_children_only(parent: str | None) -> None:
    taken = child(units=(entry("ward-1", parent), entry("ward-2", "province")))
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, sign_segment(PROVINCE, taken))


def test_the_root_lists_top_units_only() -> None:
    with pytest.raises(KeyListRejected):
        read(sign_segment(ROOT, root(units=(entry("province", "ward-1"),))))


@pytest.mark.parametrize("signing_seed", [STRANGER, ROOT], ids=["stranger", "root"])
def test_an_uncertified_signer_is_refused(signing_seed: bytes) -> None:
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, sign_segment(signing_seed, child()))


def test_a_signer_that_the_root_does_not_name_is_refused() -> None:
    body = child(signer="ward-1", units=())
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, CHILD_SEGMENT, sign_segment(STRANGER, body))


def test_an_expired_signer_closes_its_children_and_leaves_the_rest_of_the_list() -> None:
    gone = root().signers[0].model_copy(update={"expires_on": date(2029, 12, 31)})
    keyring = read(sign_segment(ROOT, root(signers=(gone,))), CHILD_SEGMENT)
    assert keyring.unit("ward-1") is None
    assert not keyring.is_open("ward-1")
    assert keyring.is_open("province")


def test_another_root_is_refused() -> None:
    with pytest.raises(KeyListRejected):
        Keyring.read(signing_public(STRANGER), [ROOT_SEGMENT, CHILD_SEGMENT], today=TODAY)
    with pytest.raises(KeyListRejected):
        Keyring.read(b"short", [ROOT_SEGMENT], today=TODAY)


@pytest.mark.parametrize("minimum", [{"root": 4}, {"province": 6}, {"elsewhere": 1}])
def test_an_old_or_missing_version_is_refused(minimum: dict[str, int]) -> None:
    with pytest.raises(KeyListRejected):
        read(minimum=minimum)


def test_the_pinned_version_itself_is_good() -> None:
    assert read(minimum={"root": 3, "province": 5}).is_open("ward-1")


def test_leaving_out_a_pinned_segment_is_going_back() -> None:
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, minimum={"province": 1})


@pytest.mark.parametrize("field", ["version", "signer"])
def test_a_row_cannot_claim_more_than_is_signed(field: str) -> None:
    claims = {"version": 9, "signer": "other"}
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, CHILD_SEGMENT._replace(**{field: claims[field]}))
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT._replace(**{field: claims[field]}))


def test_a_child_segment_does_not_pass_for_the_roots_nor_back() -> None:
    with pytest.raises(KeyListRejected):
        read(sign_segment(ROOT, child())._replace(signer="root"))
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, sign_segment(PROVINCE, child())._replace(signer="root"))


@pytest.mark.parametrize(
    "body",
    [
        lambda: root(units=(entry("province", None), entry("province", None))),
        lambda: root(units=(entry("root", None, public_key=key().to_bytes().hex()),)),
        lambda: root(signers=root().signers * 2),
        lambda: root(signers=(root().signers[0].model_copy(update={"unit_id": "nobody"}),)),
        lambda: root(gate="00"),
        lambda: root(relay="not hex"),
        lambda: root(oversight=KEYS["province"].to_bytes().hex()),
        lambda: root(identity=public_key(new_seed(), SUITE_X25519).to_bytes().hex()),
        lambda: root(units=(entry("province", None, public_key="01"),)),
    ],
)
def test_a_signed_but_senseless_root_is_refused(body: Callable[[], RootBody]) -> None:
    with pytest.raises(KeyListRejected):
        read(sign_segment(ROOT, body()))


def test_a_signing_key_that_is_none_is_refused() -> None:
    for written in ("zz", "00"):
        broken = root().signers[0].model_copy(update={"public_key": written})
        with pytest.raises(KeyListRejected):
            read(sign_segment(ROOT, root(signers=(broken,))), CHILD_SEGMENT)


def test_a_unit_cannot_be_listed_by_two_signers() -> None:
    other_unit = entry("other", None, public_key=key().to_bytes().hex())
    other = Signer(unit_id="other", public_key=signing_public(OTHER).hex(), expires_on=TODAY)
    top = root(units=(*root().units, other_unit), signers=(*root().signers, other))
    taken = ChildBody(version=1, signer="other", units=(entry("ward-1", "other"),))
    with pytest.raises(KeyListRejected):
        read(sign_segment(ROOT, top), CHILD_SEGMENT, sign_segment(OTHER, taken))


def test_two_segments_of_one_signer_are_refused() -> None:
    with pytest.raises(KeyListRejected):
        read(ROOT_SEGMENT, CHILD_SEGMENT, CHILD_SEGMENT)


def test_two_units_that_vouch_for_each_other_do_not_reach_the_top() -> None:
    signers = tuple(
        Signer(unit_id=unit, public_key=signing_public(seed).hex(), expires_on=TODAY)
        for unit, seed in (("ward-1", PROVINCE), ("ward-2", OTHER))
    )
    circle = (
        sign_segment(ROOT, root(signers=signers)),
        sign_segment(
            PROVINCE,
            ChildBody(version=1, signer="ward-1", units=(entry("ward-2", "ward-1"),)),
        ),
        sign_segment(
            OTHER, ChildBody(version=1, signer="ward-2", units=(entry("ward-1", "ward-2"),))
        ),
    )
    with pytest.raises(KeyListRejected):
        read(*circle)


def test_a_third_level_is_certified_by_the_root_and_hangs_below_its_unit() -> None:
    ward = Signer(unit_id="ward-1", public_key=signing_public(OTHER).hex(), expires_on=TODAY)
    below = entry("post", "ward-1", public_key=key().to_bytes().hex())
    ring = read(
        sign_segment(ROOT, root(signers=(*root().signers, ward))),
        CHILD_SEGMENT,
        sign_segment(OTHER, ChildBody(version=1, signer="ward-1", units=(below,))),
    )
    assert ring.recipients("post")[1] == KEYS["ward-1"]


@pytest.mark.parametrize("segments", [(), (CHILD_SEGMENT,)], ids=["none", "child"])
def test_without_the_roots_segment_there_is_no_list(segments: tuple[SignedSegment, ...]) -> None:
    with pytest.raises(KeyListRejected):
        Keyring.read(ROOT_PUBLIC, segments, today=TODAY)


def test_bodies_that_are_no_body_are_refused_without_repeating_them() -> None:
    wide = root().model_dump(mode="json") | {"more": "canary"}
    narrow = child().model_dump(mode="json") | {"more": "canary"}
    for segment in (_signed_raw(ROOT, "root", wide), _signed_raw(PROVINCE, "province", narrow)):
        with pytest.raises(KeyListRejected) as refused:
            read(*((segment,) if segment.signer == "root" else (ROOT_SEGMENT, segment)))
        assert "canary" not in str(refused.value)


def test_an_expired_unit_is_closed_and_so_is_everything_that_needs_it() -> None:
    yesterday = date(2029, 12, 31)
    ward = child(units=(entry("ward-1", "province", expires_on=yesterday),))
    ring = read(ROOT_SEGMENT, sign_segment(PROVINCE, ward))
    assert ring.unit("ward-1") is None
    assert ring.parent_of("ward-1") == "province"
    assert not ring.is_open("ward-1")
    above = root(units=(entry("province", None, expires_on=yesterday),))
    ring = read(sign_segment(ROOT, above), CHILD_SEGMENT)
    for unit_id in ("ward-1", "province", "nowhere"):
        with pytest.raises(NoOpenUnit):
            ring.recipients(unit_id)


def test_plain_x25519_needs_the_operators_word() -> None:
    plain = public_key(new_seed(), SUITE_X25519).to_bytes().hex()
    segment = sign_segment(ROOT, root(units=(entry("province", None, public_key=plain),)))
    with pytest.raises(KeyListRejected):
        read(segment)
    assert read(segment, suites=frozenset({SUITE_XWING, SUITE_X25519})).is_open("province")


def test_a_segment_travels_as_a_file() -> None:
    assert SignedSegment.from_json(CHILD_SEGMENT.to_json()) == CHILD_SEGMENT
    for text in ("", "[]", '{"signer":"root","version":1,"body":"","signature":"zz"}'):
        with pytest.raises(KeyListRejected):
            SignedSegment.from_json(text)


def _signed_raw(seed: bytes, signer: str, body: object) -> SignedSegment:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from intake.vault.segments import _signed

    raw = json.dumps(body).encode()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return SignedSegment(signer, 3 if signer == "root" else 5, raw, key.sign(_signed(signer, raw)))
