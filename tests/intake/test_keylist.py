"""An old key list, though rightly signed, does not come back: not even after a restart."""

import json
import stat

import pytest

from intake.errors import KeyListRejected
from intake.keylist import SEEN_FILE, KeyList, read_key_file
from intake.upkeep.doctor import examine
from storage.keys import SegmentRow
from tests.wards import Ward


def restarted(ward: Ward) -> KeyList:
    return KeyList(ward.intake, ward.settings, read_key_file(ward.settings, "root.pub"))


def roll_back(ward: Ward) -> None:
    """Give the ward a new key, then put the rows back as they were."""
    with ward.intake.read() as view:
        old = view.keys.segments()
    top = ward.sign_in("tinh.an")
    ward.services.key_acts.epochs.new_epoch(top, "phuong")
    ward.foundation.key_list.forget()
    assert ward.foundation.key_list.current
    put_back(ward, old)


def put_back(ward: Ward, rows: list[SegmentRow]) -> None:
    ward.intake.write_now(lambda tx: [tx.keys.put_segment(*row) for row in rows] and None)


def test_a_list_older_than_this_host_has_seen_is_refused_after_a_restart(ward: Ward) -> None:
    roll_back(ward)
    with pytest.raises(KeyListRejected, match="older"):
        _ = restarted(ward).current
    mark = ward.settings.state_dir / SEEN_FILE
    assert stat.S_IMODE(mark.stat().st_mode) == 0o600
    assert [path.name for path in mark.parent.glob(f"{SEEN_FILE}*")] == [SEEN_FILE]


@pytest.mark.parametrize("text", ["", "{}", '{"root": "00", "versions": {"tinh": 999}}', "\x00"])
def test_a_mark_that_cannot_be_read_or_is_another_roots_counts_for_nothing(
    ward: Ward, text: str
) -> None:
    mark = ward.settings.state_dir / SEEN_FILE
    mark.write_text(text)
    assert restarted(ward).current
    assert json.loads(mark.read_text())["versions"]["tinh"] >= 1


def test_a_folder_that_takes_no_mark_does_not_stop_the_list(ward: Ward) -> None:
    settings = ward.settings.model_copy(update={"state_dir": ward.settings.state_dir / "none"})
    key_list = KeyList(ward.intake, settings, read_key_file(ward.settings, "root.pub"))
    assert key_list.current
    assert not settings.state_dir.exists()


def test_the_doctor_prints_the_line_that_pins_the_key_list(ward: Ward) -> None:
    says = [finding for finding in examine(ward.settings) if "ghim" in finding.says]
    assert [finding.good for finding in says] == [False]
    versions = ward.foundation.key_list.current.version_of
    assert f'{{ "root" = {versions["root"]}, "tinh" = {versions["tinh"]} }}' in says[0].says
    pinned = ward.settings.model_copy(update={"key_list_minimum": dict(versions)})
    assert [f.good for f in examine(pinned) if "ghim" in f.says] == [True]
