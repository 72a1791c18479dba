"""`homthu demo` takes a folder of its own and touches nobody else's."""

from pathlib import Path

import pytest

from api.commands import demo
from api.demo_ward import SignIn
from intake.errors import Misconfigured
from intake.settings import Settings

SIGN_IN = SignIn("xa", "Cán bộ xã", "bốn từ để vào", "SECRET")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make no ward: only where it would stand matters here."""

    def make(settings: Settings) -> list[SignIn]:
        (settings.state_dir / "homthu.db").write_text("new")
        return [SIGN_IN]

    monkeypatch.setattr(demo, "_make", make)


def prepared(folder: Path) -> list[SignIn]:
    return demo.prepare(demo.demo_settings(folder, 8080, 8081))


def test_a_folder_that_is_no_demos_is_refused_and_keeps_everything(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "salt.key").write_text("real")
    (tmp_path / "homthu.db").write_text("real")
    with pytest.raises(Misconfigured, match=f"{tmp_path}.*--dir"):
        prepared(tmp_path)
    assert (tmp_path / "keys" / "salt.key").read_text() == "real"
    assert (tmp_path / "homthu.db").read_text() == "real"
    assert not (tmp_path / demo.HALF_MADE).exists()


@pytest.mark.usefixtures("quick")
def test_an_empty_folder_and_one_that_is_not_there_are_taken(tmp_path: Path) -> None:
    assert prepared(tmp_path) == [SIGN_IN]
    assert prepared(tmp_path / "new" / "demo") == [SIGN_IN]
    assert not (tmp_path / demo.HALF_MADE).exists()


@pytest.mark.usefixtures("quick")
def test_a_demo_that_was_cut_short_starts_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()

    def cut_short(settings: Settings) -> list[SignIn]:
        (settings.keys / "deep").mkdir(parents=True)
        (settings.state_dir / "homthu.db").write_text("half")
        (settings.state_dir / "link").symlink_to(outside)
        raise KeyboardInterrupt

    folder = tmp_path / "demo"
    with monkeypatch.context() as patch:
        patch.setattr(demo, "_make", cut_short)
        with pytest.raises(KeyboardInterrupt):
            prepared(folder)
    assert prepared(folder) == [SIGN_IN]
    assert {each.name for each in folder.iterdir()} == {"homthu.db", demo.SIGN_INS}
    assert (folder / "homthu.db").read_text() == "new"
    assert (outside / "kept").exists()


@pytest.mark.parametrize("name", ["/proc/demo", "/dev/null", "file", "file/demo"])
def test_a_folder_that_cannot_be_is_named_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("kept")
    folder = tmp_path / name  # an absolute name stays what it is
    with pytest.raises(Misconfigured, match=f"{folder} .*--dir"):
        prepared(folder)
    assert (tmp_path / "file").read_text() == "kept"
