"""`homthu backup`: from the offline key to a restored database, and every refusal in a sentence."""

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import homthu
from api.commands import custody
from storage import backups as stored
from storage.database import Database
from tests.wards import Ward


class House:
    """A ward whose settings stand in a file."""

    def __init__(self, ward: Ward, folder: Path) -> None:
        self.ward, self.folder = ward, folder
        self.backups = folder / "backups"

    def config(self, database: Database | None = None, *, keeps: bool = True) -> Path:
        url = (database or self.ward.intake.database).url.render_as_string(hide_password=False)
        lines = [f'state_dir = "{self.ward.settings.state_dir}"', "demo = true",
                 f'database_url = "{url}"']  # fmt: skip
        lines += [f'backup_dir = "{self.backups}"'] if keeps else []
        path = self.folder / "homthu.toml"
        path.write_text("\n".join([*lines, ""]))
        return path

    def types(self, *words: object, code: int = 0) -> str:
        result = CliRunner().invoke(homthu.app, ["backup", *map(str, words)])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output

    @property
    def files(self) -> tuple[Path, Path]:
        return next(self.backups.glob("*.body")), next(self.backups.glob("*.brief"))


@pytest.fixture
def house(ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    for name in [name for name in os.environ if name.startswith("HOMTHU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(custody, "SETTINGS_PLACES", ())
    made = House(ward, tmp_path)
    made.types("new-key", "--out", tmp_path / "offline")
    (ward.settings.keys / "backup.pub").write_text(
        (tmp_path / "offline" / "backup.pub").read_text()
    )
    return made


def test_from_the_offline_key_to_a_restored_database(
    house: House, request: pytest.FixtureRequest
) -> None:
    config, key = house.config(), house.folder / "offline" / "khoa-sao-luu.txt"
    assert ".body" in house.types("take", "--config", config)
    assert house.types("list", "--config", config).count("homthu-") == 2
    body, brief = house.files
    assert house.types("check", body, brief, "--key", key).count("đọc được đến hết") == 2
    kind = house.ward.intake.database.kind
    if kind == "sqlite":
        target = Database(f"sqlite:///{house.folder / 'new.db'}")
    else:
        cluster = request.getfixturevalue("postgres_cluster")
        target = Database(cluster.url(cluster.new_database()))
    request.addfinalizer(target.close)
    told = house.types("restore", body, brief, "--key", key, "--config", house.config(target))
    assert "Đã khôi phục" in told
    target.check_schema()
    again = house.types(
        "restore", body, brief, "--key", key, "--config", house.config(target), code=2
    )
    assert "không trống" in again


def test_a_machine_whose_data_folder_is_not_there_yet_takes_it_in(house: House) -> None:
    house.types("take", "--config", house.config())
    new = house.folder / "other-machine" / "state"
    lines = [f'state_dir = "{new}"', f'keys_dir = "{house.ward.settings.keys}"', "demo = true", ""]
    config = house.folder / "other.toml"
    config.write_text("\n".join(lines))
    key = house.folder / "offline" / "khoa-sao-luu.txt"
    told = house.types("restore", *house.files, "--key", key, "--config", config)
    assert "Đã khôi phục" in told
    assert new.stat().st_mode & 0o077 == 0


def test_the_secret_half_is_never_printed_nor_overwritten(house: House) -> None:
    key = house.folder / "offline" / "khoa-sao-luu.txt"
    secret = key.read_text().strip()
    assert key.stat().st_mode & 0o077 == 0
    told = house.types("new-key", "--out", house.folder / "offline", code=2)
    assert "không ghi đè" in told
    assert key.read_text().strip() == secret
    assert secret not in house.types("new-key", "--out", house.folder / "other")


def test_the_key_is_not_made_where_a_server_is(house: House) -> None:
    told = house.types("new-key", "--out", house.folder / "x", "--config", house.config(), code=2)
    assert "--rehearsal" in told
    assert not (house.folder / "x").exists()


@pytest.mark.parametrize("harm", ["no folder", "no key", "wrong key", "no key file"])
def test_what_cannot_be_done_ends_in_a_sentence(house: House, harm: str) -> None:
    config, key = house.config(keeps=harm != "no folder"), house.folder / "wrong.txt"
    if harm == "no folder":
        assert "backup_dir" in house.types("take", "--config", config, code=2)
        assert "backup_dir" in house.types("list", "--config", config, code=2)
        return
    if harm == "no key":
        (house.ward.settings.keys / "backup.pub").unlink()
        assert "backup.pub" in house.types("take", "--config", config, code=2)
        return
    house.types("take", "--config", config)
    body, _ = house.files
    if harm == "wrong key":
        key.write_text("00" * 32)
    house.types("check", body, "--key", key, code=2)


def test_a_half_restored_database_is_not_upgraded_into_service(
    house: House, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:

    def killed(*_: Any) -> None:
        raise OSError(5, "killed")

    house.types("take", "--config", house.config())
    body, brief = house.files
    target = Database(f"sqlite:///{house.folder / 'new.db'}")
    request.addfinalizer(target.close)
    monkeypatch.setattr(stored, "put_back", killed)
    key = house.folder / "offline" / "khoa-sao-luu.txt"
    words = ("restore", body, brief, "--key", key, "--config", house.config(target))
    house.types(*words, code=2)
    result = CliRunner().invoke(homthu.app, ["upgrade", "--config", str(house.config(target))])
    assert result.exit_code == 2
    assert "homthu backup restore" in result.output
    monkeypatch.undo()
    house.types(*words)
