"""The offline keys: enough right shares open one, anything else is noticed; and the command."""

import json
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from shamir_mnemonic import shamir
from typer.testing import CliRunner

from api.commands import custody as command
from intake.errors import NotValid
from intake.vault import custody, opening, sealing
from intake.vault.custody import Sharing, TooManyShares, WrongProposal, WrongShares, combine, split
from intake.vault.key_pairs import PublicKey, new_seed, public_key
from intake.vault.keyring import Keyring
from intake.vault.segments import RootBody, SignedSegment, Signer, UnitEntry, signing_public

TODAY = date(2030, 1, 1)
MADE = custody.new_custody()
GATE = new_seed()
DAMAGED = "wrong word order"


def test_any_three_of_five_open_the_identity_key_and_no_two_do() -> None:
    expected = MADE.public.expected("identity")
    assert isinstance(expected, PublicKey)
    shares = MADE.shares["identity"]
    seeds = {combine(chosen, expected) for chosen in combinations(shares, 3)}
    assert [public_key(seed) for seed in seeds] == [expected]
    for chosen in combinations(shares, 2):
        with pytest.raises(WrongShares):
            combine(chosen, expected)


@pytest.mark.parametrize("key", ["root", "oversight"])
def test_any_two_of_three_open_the_others_and_no_one_does(key: str) -> None:
    expected = MADE.public.expected(key)
    for chosen in combinations(MADE.shares[key], 2):
        assert len(combine(chosen, expected)) == 32
    with pytest.raises(WrongShares):
        combine(MADE.shares[key][:1], expected)


def test_one_named_identity_opens_from_shares_through_both_layers() -> None:
    tip, custodians = sealing.new_id(), MADE.public.expected("identity")
    assert isinstance(custodians, PublicKey)
    slot = sealing.seal_identity("Bà Năm, 0900 000 000", tip, custodians, public_key(GATE))
    inner = opening.remove_gate(GATE, tip, slot)
    seed = combine(MADE.shares["identity"][2:], custodians)
    assert opening.open_identity(seed, tip, inner) == "Bà Năm, 0900 000 000"


def test_shares_of_another_key_are_noticed() -> None:
    other = custody.new_custody()
    with pytest.raises(WrongShares):
        combine(other.shares["identity"][:3], MADE.public.expected("identity"))
    with pytest.raises(WrongShares):
        combine(other.shares["root"][:2], MADE.public.expected("root"))


def test_shares_of_two_sets_do_not_mix() -> None:
    seed = new_seed()
    first, second = split(seed, Sharing(2, 3)), split(seed, Sharing(2, 3))
    with pytest.raises(WrongShares):
        combine([first[0], second[1]], public_key(seed))


def test_a_wrong_passphrase_gives_another_seed_and_is_noticed() -> None:
    seed = new_seed()
    shares = split(seed, Sharing(2, 3), b"right")
    assert combine(shares[:2], public_key(seed), b"right") == seed
    with pytest.raises(WrongShares):
        combine(shares[:2], public_key(seed), b"wrong")


@pytest.mark.parametrize("expected", ["identity", "root"])
def test_a_share_copied_wrongly_is_noticed(expected: str) -> None:
    shares = list(MADE.shares[expected])
    words = shares[0].split()
    words[4] = "acid" if words[4] == "academic" else "academic"
    for spoiled in (" ".join(words), " ".join(words[:-1]), f"{shares[0]} academic", DAMAGED, ""):
        with pytest.raises(WrongShares):
            custody.check_share(spoiled)
        with pytest.raises(WrongShares):
            combine([spoiled, *shares[1:]], MADE.public.expected(expected))


def test_case_line_breaks_and_repeats_do_not_matter() -> None:
    first, second, *_ = MADE.shares["root"]
    typed = [first.upper(), "\n".join(second.split()), first]
    custody.check_share(typed[0])
    assert combine(typed, MADE.public.expected("root"))


def test_one_old_share_among_good_ones_does_no_harm() -> None:
    old = custody.new_custody().shares["identity"][0]
    assert combine([old, *MADE.shares["identity"]], MADE.public.expected("identity"))


@pytest.mark.parametrize("how", [Sharing(3, 16), Sharing(7, 13), Sharing(8, 16)])
def test_old_shares_do_no_harm_however_a_key_is_shared(how: Sharing) -> None:
    seed, old = new_seed(), split(new_seed(), how)
    shares = split(seed, how)
    assert combine([old[0], *shares], public_key(seed)) == seed
    spare = how.made - how.needed
    assert combine([*old[:spare], *shares[-how.needed :]], public_key(seed)) == seed


def shares_of_one_name(monkeypatch: pytest.MonkeyPatch, *made: tuple[bytes, Sharing]) -> list[str]:
    """Cut seeds into sets that one 15-bit number names alike, as one pair of 32,768 is named."""
    with monkeypatch.context() as patch:
        patch.setattr(shamir, "_random_identifier", lambda: 7)
        return [share for seed, how in made for share in split(seed, how)]


@pytest.mark.parametrize("how", [Sharing(3, 16), Sharing(7, 13)])
def test_old_shares_that_cannot_be_told_apart_do_no_harm_either(
    monkeypatch: pytest.MonkeyPatch, how: Sharing
) -> None:
    seed = new_seed()
    named = shares_of_one_name(monkeypatch, (new_seed(), how), (seed, how))
    old, good = named[: how.made - how.needed], named[-how.needed :]
    assert combine([*old, *good], public_key(seed)) == seed


def test_more_choices_than_anybody_waits_for_are_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, offline: Path, request_file: Path
) -> None:
    how = Sharing(8, 16)
    many = shares_of_one_name(monkeypatch, (new_seed(), how), (new_seed(), how))
    with pytest.raises(TooManyShares):
        combine(many, MADE.public.expected("root"))
    out, files = offline / "segment.json", [share_file(offline, *each) for each in enumerate(many)]
    options = [word for path in files for word in ("--share-file", path)]
    code, said = run("certify", request_file, "--out", out, "--yes", *options)
    assert (code, out.exists()) == (2, False)
    assert "bỏ bớt" in said


def test_no_share_at_all_opens_nothing() -> None:
    with pytest.raises(WrongShares):
        combine([], MADE.public.expected("root"))


@pytest.mark.parametrize("written", ["", "3", "3-5", "a-of-5", "1-of-5", "4-of-3", "2-of-17"])
def test_sharing_that_makes_no_sense_is_refused(written: str) -> None:
    with pytest.raises(NotValid):
        Sharing.parse(written)
    assert Sharing.parse("3-of-5") == (3, 5)


def test_what_may_leave_the_machine_holds_no_secret() -> None:
    leaves = MADE.public.model_dump_json()
    for key, shares in MADE.shares.items():
        needed = MADE.public.sharing[key][0]
        seed = combine(shares[:needed], MADE.public.expected(key))
        assert seed.hex() not in leaves
        assert not any(share in leaves for share in shares)


def test_the_root_signs_a_list_that_verifies() -> None:
    segment = custody.certify(MADE.shares["root"][1:], MADE.public, proposal())
    root_public = MADE.public.expected("root")
    assert isinstance(root_public, bytes)
    assert Keyring.read(root_public, [segment], today=TODAY).is_open("province")


@pytest.mark.parametrize(
    "change",
    [
        {"identity": public_key(new_seed()).to_bytes().hex()},
        {"oversight": public_key(new_seed()).to_bytes().hex()},
        {"gate": "00"},
        {"relay": "not hex"},
        {"signers": (Signer(unit_id="province", public_key="00", expires_on=TODAY),)},
    ],
)
def test_a_proposal_that_swaps_a_custodians_key_is_not_signed(change: dict[str, object]) -> None:
    body = proposal().model_copy(update=change)
    with pytest.raises(WrongProposal):
        custody.certify(MADE.shares["root"], MADE.public, body)


def proposal(**changes: object) -> RootBody:
    key = public_key(GATE).to_bytes().hex()
    unit = UnitEntry(
        unit_id="province",
        name="Công an tỉnh",
        parent_id=None,
        epoch=1,
        public_key=public_key(new_seed()).to_bytes().hex(),
        expires_on=TODAY,
    )
    signer = Signer(
        unit_id="province", public_key=signing_public(new_seed()).hex(), expires_on=TODAY
    )
    body = RootBody(
        version=1,
        identity=MADE.public.identity,
        gate=key,
        relay=key,
        oversight=MADE.public.oversight,
        units=(unit,),
        signers=(signer,),
    )
    return body.model_copy(update=changes)


# The command.


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(command, "SETTINGS_PLACES", (tmp_path / "homthu.toml",))
    for name in [name for name in command.os.environ if name.startswith("HOMTHU_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def request_file(offline: Path) -> Path:
    path = offline / "request.json"
    path.write_text(proposal().model_dump_json(), encoding="utf-8")
    (offline / "custody-public.json").write_text(MADE.public.model_dump_json(), encoding="utf-8")
    return path


def run(*words: object, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(command.app, [str(word) for word in words], input=typed)
    return result.exit_code, result.output


def share_file(folder: Path, number: int, words: str) -> Path:
    path = folder / f"share-{number}.txt"
    path.write_text(f"# PHẦN CHIA\n\n{words}\n", encoding="utf-8")
    return path


def test_new_writes_one_private_file_per_share(offline: Path) -> None:
    out = offline / "keys"
    code, said = run("new", "--shares", "2-of-3", "--out", out)
    assert code == 0
    files = sorted(out.iterdir())
    assert len(files) == 1 + 3 * 3
    assert out.stat().st_mode & 0o777 == 0o700
    shares = [path for path in files if path.suffix == ".txt"]
    assert {path.stat().st_mode & 0o777 for path in shares} == {0o600}
    public = custody.CustodyPublic.model_validate_json((out / "custody-public.json").read_bytes())
    assert public.sharing["identity"] == (2, 3)
    mnemonics = [command._words_of(path) for path in shares if path.name.startswith("danh-tinh")]
    assert combine(mnemonics[1:], public.expected("identity"))
    assert not any(" ".join(words.split()[:6]) in said for words in mnemonics)
    assert "Cần 2 phần khác nhau" in shares[0].read_text(encoding="utf-8")


def test_new_overwrites_nothing(offline: Path) -> None:
    (offline / "keys").mkdir()
    (offline / "keys" / "other").touch()
    assert run("new", "--out", offline / "keys")[0] == 2
    assert run("new", "--out", offline / "keys" / "other")[0] == 2


def test_new_refuses_shares_that_make_no_sense(offline: Path) -> None:
    code, said = run("new", "--shares", "9-of-3", "--out", offline / "keys")
    assert (code, (offline / "keys").exists()) == (2, False)
    assert "3-of-5" in said


def test_custody_refuses_to_run_on_a_server(
    offline: Path, request_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMTHU_DATABASE", "somewhere")
    assert run("new", "--out", offline / "keys")[0] == 2
    assert run("certify", request_file, "--out", offline / "segment.json")[0] == 2
    monkeypatch.delenv("HOMTHU_DATABASE")
    (offline / "homthu.toml").touch()
    assert run("new", "--out", offline / "keys")[0] == 2
    (offline / "homthu.toml").rename(offline / "own.toml")
    assert run("new", "--config", offline / "own.toml", "--out", offline / "keys")[0] == 2
    assert not (offline / "keys").exists()


def test_a_rehearsal_may_run_on_a_server_and_says_so(
    offline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMTHU_DATABASE", "somewhere")
    code, said = run("new", "--rehearsal", "--out", offline / "keys")
    assert code == 0
    assert "DIỄN TẬP" in said
    assert json.loads((offline / "keys" / "custody-public.json").read_text())["rehearsal"]
    text = next((offline / "keys").glob("goc-*.txt")).read_text(encoding="utf-8")
    assert "DIỄN TẬP" in text


def test_certify_signs_what_it_shows(offline: Path, request_file: Path) -> None:
    files = [share_file(offline, n, MADE.shares["root"][n]) for n in (0, 2)]
    options = [word for path in files for word in ("--share-file", path)]
    out = offline / "segment.json"
    code, said = run("certify", request_file, "--out", out, *options, typed="y\n")
    assert code == 0, said
    assert "Công an tỉnh" in said
    assert custody.combine(MADE.shares["root"][:2], MADE.public.expected("root")).hex() not in said
    segment = SignedSegment.from_json(out.read_text(encoding="utf-8"))
    root_public = bytes.fromhex(MADE.public.root)
    assert Keyring.read(root_public, [segment], today=TODAY).version_of == {"root": 1}


def test_certify_asks_for_the_shares_and_again_after_a_slip(
    offline: Path, request_file: Path
) -> None:
    first, second, _ = MADE.shares["root"]
    out = offline / "segment.json"
    typed = f"y\n{first}\n{DAMAGED}\n{second}\n"
    code, said = run("certify", request_file, "--out", out, typed=typed)
    assert (code, out.exists()) == (0, True)
    assert "nhập lại" in said


def test_certify_signs_nothing_that_was_not_agreed_to(offline: Path, request_file: Path) -> None:
    out = offline / "segment.json"
    assert run("certify", request_file, "--out", out, typed="n\n")[0] == 1
    assert not out.exists()


def test_certify_does_not_sign_with_too_few_shares(offline: Path, request_file: Path) -> None:
    one = share_file(offline, 1, MADE.shares["root"][0])
    out = offline / "segment.json"
    code, said = run("certify", request_file, "--out", out, "--yes", "--share-file", one)
    assert (code, out.exists()) == (2, False)
    assert "Không ký" in said


def test_certify_does_not_sign_a_swapped_identity_key(offline: Path, request_file: Path) -> None:
    body = proposal(identity=public_key(new_seed()).to_bytes().hex())
    request_file.write_text(body.model_dump_json(), encoding="utf-8")
    out = offline / "segment.json"
    code, said = run("certify", request_file, "--out", out, "--yes")
    assert (code, out.exists()) == (2, False)
    assert "Không ký" in said


def test_certify_marks_a_demos_list(offline: Path, request_file: Path) -> None:
    request_file.write_text(proposal(demo=True).model_dump_json(), encoding="utf-8")
    said = run("certify", request_file, "--out", offline / "segment.json", typed="n\n")[1]
    assert "BẢN THỬ" in said


def test_certify_says_which_file_it_cannot_read(offline: Path, request_file: Path) -> None:
    out = offline / "segment.json"
    missing = offline / "missing"
    assert run("certify", missing, "--out", out)[0] == 2
    assert run("certify", request_file, "--public", missing, "--out", out)[0] == 2
    code, said = run("certify", request_file, "--out", out, "--yes", "--share-file", missing)
    assert (code, "missing" in said) == (2, True)
    broken = MADE.public.model_dump() | {"identity": "00"}
    (offline / "custody-public.json").write_text(json.dumps(broken))
    assert run("certify", request_file, "--out", out)[0] == 2


def test_certify_overwrites_nothing(offline: Path, request_file: Path) -> None:
    files = [share_file(offline, n, MADE.shares["root"][n]) for n in (0, 1)]
    options = [word for path in files for word in ("--share-file", path)]
    out = offline / "segment.json"
    out.write_text("kept")
    assert run("certify", request_file, "--out", out, "--yes", *options)[0] == 2
    assert out.read_text() == "kept"
