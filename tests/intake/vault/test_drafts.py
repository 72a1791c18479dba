"""Session keys: two slots, and what a rotation leaves of the day before."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import MissingKey
from intake.vault import session_file
from intake.vault.drafts import FormBad, FormExpired, SessionKeys
from intake.vault.envelope import Context, NotOpened, seal_under, subkey
from intake.vault.session_file import Slot

NOW = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.key"


@pytest.fixture
def keys(path: Path) -> SessionKeys:
    return SessionKeys.create(path, NOW)


def test_a_draft_opens_again(keys: SessionKeys) -> None:
    row = keys.row_keys("telegram", "12345")[0]
    assert keys.open(keys.seal(b"seen", row), row) == b"seen"


def test_the_previous_slot_still_opens_and_the_one_before_is_gone(keys: SessionKeys) -> None:
    row = keys.row_keys("telegram", "12345")[0]
    sealed = keys.seal(b"seen", row)
    keys.rotate(NOW + DAY)
    assert keys.open(sealed, row) == b"seen"
    keys.rotate(NOW + 2 * DAY)
    with pytest.raises(NotOpened):
        keys.open(sealed, row)


def test_a_draft_that_0_1_0_sealed_still_opens(keys: SessionKeys) -> None:
    context = Context("draft", "state", "dialogue", b"row")
    sealed = seal_under(subkey(keys.current.key, "draft", b"row"), b"words", context)
    keys.rotate(NOW)
    assert keys.open(sealed, b"row") == b"words"
    keys.rotate(NOW)
    with pytest.raises(NotOpened):
        keys.open(sealed, b"row")


def test_names_follow_the_slots(keys: SessionKeys) -> None:
    first = keys.row_keys("telegram", "12345")
    mark = keys.marks("telegram", "7")
    keys.rotate(NOW + DAY)
    second = keys.row_keys("telegram", "12345")
    assert second[1] == first[0]
    assert keys.marks("telegram", "7")[1] == mark[0]
    keys.rotate(NOW + 2 * DAY)
    third = keys.row_keys("telegram", "12345")
    assert third[1] == second[0]
    assert first[0] not in third


@given(address=st.text(max_size=20), other=st.text(max_size=20))
def test_names_differ_by_chat_channel_and_use(address: str, other: str) -> None:
    keys = SessionKeys(Path("unused"), *_slots())
    keys.reload_if_changed = lambda: False  # no file behind these two slots
    names = {
        keys.row_keys("telegram", address),
        keys.row_keys("telegram", other),
        keys.row_keys("web", address),
        keys.marks("telegram", address),
    }
    assert len(names) == (3 if address == other else 4)


def test_a_draft_does_not_pass_for_another_chat(keys: SessionKeys) -> None:
    sealed = keys.seal(b"seen", keys.row_keys("telegram", "1")[0])
    with pytest.raises(NotOpened):
        keys.open(sealed, keys.row_keys("telegram", "2")[0])


def test_draft_sizes_climb_the_ladder(keys: SessionKeys) -> None:
    row = keys.row_keys("telegram", "1")[0]
    assert len(keys.seal(b"a", row)) == len(keys.seal(b"a" * 200, row)) == 256 + 32


def test_slots_survive_a_restart(keys: SessionKeys, path: Path) -> None:
    keys.rotate(NOW + DAY)
    again = SessionKeys.load(path)
    assert (again.current, again.previous) == (keys.current, keys.previous)
    assert again.current.created_at == NOW + DAY


def test_every_process_follows_the_file(keys: SessionKeys, path: Path) -> None:
    follower = SessionKeys.load(path)
    assert not follower.reload_if_changed()
    keys.rotate(NOW + DAY)
    assert follower.row_keys("web", "x") == keys.row_keys("web", "x")
    row = keys.row_keys("web", "x")[0]
    assert follower.open(keys.seal(b"seen", row), row) == b"seen"
    assert not follower.reload_if_changed()


def test_what_is_sealed_between_two_looks_at_the_file_still_opens(
    keys: SessionKeys, path: Path
) -> None:
    lonely = SessionKeys.load(path, look_every=3600)
    before = lonely.row_keys("web", "x")
    keys.rotate(NOW + DAY)
    assert lonely.row_keys("web", "x") == before
    sealed = lonely.seal(b"seen", before[0])
    at_the_next_look = SessionKeys.load(path)
    assert before[0] in at_the_next_look.row_keys("web", "x")
    assert at_the_next_look.open(sealed, before[0]) == b"seen"


def test_a_file_that_is_gone_is_noticed_at_every_look(keys: SessionKeys, path: Path) -> None:
    lonely = SessionKeys.load(path, look_every=3600)
    path.unlink()
    for _ in range(2):  # a look that failed does not hold
        with pytest.raises(MissingKey):
            lonely.row_keys("web", "x")


def test_rotation_by_a_process_that_slept_starts_from_the_file(
    keys: SessionKeys, path: Path
) -> None:
    sleeper = SessionKeys.load(path)
    keys.rotate(NOW + DAY)
    middle = keys.current
    sleeper.rotate(NOW + 2 * DAY)
    assert sleeper.previous == middle


def test_rotation_is_due_after_a_day(keys: SessionKeys) -> None:
    assert not keys.due(NOW + DAY - timedelta(seconds=1))
    assert keys.due(NOW + DAY)
    keys.rotate(NOW + DAY)
    assert not keys.due(NOW + DAY)


def test_after_a_long_stop_no_old_slot_is_kept(keys: SessionKeys) -> None:
    row = keys.row_keys("telegram", "1")[0]
    sealed = keys.seal(b"seen", row)
    keys.rotate(NOW + 2 * DAY)
    with pytest.raises(NotOpened):
        keys.open(sealed, row)


def test_the_replaced_file_is_wiped_and_the_new_one_is_private(
    keys: SessionKeys, path: Path
) -> None:
    old = path.open("rb")
    with old:
        held = old.read()
        keys.rotate(NOW + DAY)
        old.seek(0)
        assert old.read() == bytes(len(held))
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_failed_replacement_leaves_the_old_file(
    keys: SessionKeys, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(session_file, "_write_new", full)
    with pytest.raises(OSError, match="no space"):
        keys.rotate(NOW + DAY)
    assert path.read_bytes() == before
    monkeypatch.undo()
    assert SessionKeys.load(path).current.created_at == NOW


def test_keys_are_never_overwritten_by_creating_them(keys: SessionKeys, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        SessionKeys.create(path, NOW)
    assert path.read_bytes() == before


def test_a_missing_file_stops_the_start(path: Path) -> None:
    with pytest.raises(MissingKey):
        SessionKeys.load(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_stops_the_start(
    keys: SessionKeys, path: Path, mode: int
) -> None:
    path.chmod(mode)
    with pytest.raises(MissingKey):
        SessionKeys.load(path)


def test_somebody_elses_file_stops_the_start(
    keys: SessionKeys, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(MissingKey):
        SessionKeys.load(path)


@pytest.mark.parametrize("body", [b"", bytes(200), b"{}", b'[["00","2030-01-01"]]', b"[[1,2]]"])
def test_a_broken_file_stops_the_start(path: Path, body: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(body)
    with pytest.raises(MissingKey) as failed:
        SessionKeys.load(path)
    assert failed.value.__context__ is None or failed.value.__suppress_context__


def test_short_slots_stop_the_start(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(f'[["00","{NOW.isoformat()}"],["00","{NOW.isoformat()}"]]')
    with pytest.raises(MissingKey):
        SessionKeys.load(path)


def test_a_file_wiped_while_it_is_read_is_read_again(
    keys: SessionKeys, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = session_file._read, list[Path]()

    def wiped_at_first(path: Path) -> tuple[Slot, Slot]:
        seen.append(path)
        if len(seen) == 1:
            raise ValueError
        return real(path)

    monkeypatch.setattr(session_file, "_read", wiped_at_first)
    assert SessionKeys.load(path).current == keys.current


def test_a_form_token_gives_one_name_until_it_expires(keys: SessionKeys) -> None:
    token = keys.form_token(NOW, HOUR)
    name = keys.read_form_token(token, NOW)
    assert keys.read_form_token(token, NOW + HOUR - timedelta(seconds=1)) == name
    assert len(bytes.fromhex(name)) == 16
    assert keys.read_form_token(keys.form_token(NOW, HOUR), NOW) != name
    with pytest.raises(FormExpired) as refused:
        keys.read_form_token(token, NOW + HOUR)
    assert (refused.value.code, refused.value.status) == ("form_expired", 422)


def test_a_form_token_outlives_one_rotation(keys: SessionKeys) -> None:
    token = keys.form_token(NOW, 3 * DAY)
    keys.rotate(NOW + DAY)
    keys.read_form_token(token, NOW + DAY)
    keys.rotate(NOW + 2 * DAY)
    with pytest.raises(FormBad):
        keys.read_form_token(token, NOW + 2 * DAY)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: "",
        lambda token: "not a token",
        lambda token: "ố" * 20,
        lambda token: token[:-4],
        lambda token: token + "AAAA",
        lambda token: token[:40] + ("A" if token[40] != "A" else "B") + token[41:],
    ],
)
def test_a_form_token_that_was_not_given_is_refused(
    keys: SessionKeys, spoil: Callable[[str], str]
) -> None:
    with pytest.raises(FormBad) as refused:
        keys.read_form_token(spoil(keys.form_token(NOW, HOUR)), NOW)
    assert (refused.value.code, str(refused.value)) == ("form_bad", "")


def _slots() -> tuple[Slot, Slot]:
    return Slot(bytes(32), NOW), Slot(bytes(range(32)), NOW)


def test_a_rotation_that_failed_uses_no_key_that_no_file_holds(
    keys: SessionKeys, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(session_file, "_write_new", full)
    with pytest.raises(OSError, match="no space"):
        keys.rotate(NOW + DAY)
    row = keys.row_keys("telegram", "1")[0]
    sealed = keys.seal(b"seen", row)
    assert SessionKeys.load(path).open(sealed, row) == b"seen"


def test_what_a_process_left_that_died_while_it_saved_is_destroyed(
    keys: SessionKeys, path: Path
) -> None:
    leftover = path.with_name(f".{path.name}.abcd")
    leftover.write_bytes(path.read_bytes())
    handle = os.open(leftover, os.O_RDONLY)
    keys.rotate(NOW + DAY)
    assert not leftover.exists()
    assert not os.read(handle, 1000).strip(b"\0")
    os.close(handle)
