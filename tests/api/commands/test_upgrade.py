"""`homthu upgrade`, and what is said of a schema that is not this program's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

import homthu
from intake.errors import SchemaBehind
from intake.foundation import lay
from intake.settings import Settings, load_settings
from intake.upkeep.operator_words import in_vietnamese
from storage.database import Database
from storage.migrations import VERSION_TABLE


@pytest.fixture(autouse=True)
def no_settings_from_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config", *Settings.model_fields):
        monkeypatch.delenv(f"HOMTHU_{name.upper()}", raising=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "my settings.toml"
    path.write_text(f'state_dir = "{tmp_path / "state"}"\ndemo = true\n')
    return path


@pytest.fixture
def database(config: Path) -> Iterator[Database]:
    settings = load_settings(config)
    settings.state_dir.mkdir()
    made = Database(settings.database)
    made.upgrade()
    yield made
    made.close()


def says(config: Path) -> tuple[int, str]:
    result = CliRunner().invoke(homthu.app, ["upgrade", "--config", str(config)])
    return result.exit_code, result.output.strip()


def stamp(database: Database, revision: str) -> None:
    with database.maintenance() as connection, connection.begin():
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'"))


@pytest.mark.parametrize("folder_is_there", [False, True])
def test_an_upgrade_before_anything_is_set_up_names_the_first_command(
    config: Path, *, folder_is_there: bool
) -> None:
    state = load_settings(config).state_dir
    if folder_is_there:
        state.mkdir()
    assert says(config) == (2, "Chưa thiết lập máy: chạy homthu init.")
    assert not (state / "homthu.db").exists()


def test_a_database_of_a_newer_program_is_called_so_everywhere(
    config: Path, database: Database
) -> None:
    stamp(database, "9999")
    code, said = says(config)
    assert code == 2
    assert said.startswith("Cơ sở dữ liệu mới hơn bản chương trình này")
    with pytest.raises(SchemaBehind, match="newer than this program") as refused:
        lay(load_settings(config))
    assert "upgrade" not in str(refused.value)
    assert "mới hơn" in in_vietnamese(refused.value)


def test_an_older_schema_names_the_whole_command(config: Path, database: Database) -> None:
    stamp(database, "0000")
    with pytest.raises(SchemaBehind) as refused:
        lay(load_settings(config))
    assert str(refused.value).endswith(f"run `homthu upgrade --config '{config}'`")
    assert in_vietnamese(refused.value).endswith(f"chạy homthu upgrade --config '{config}'")
