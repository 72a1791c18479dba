"""Settings: one file, variables on top, and nothing unsafe."""

from pathlib import Path

import pytest

from intake.errors import Misconfigured
from intake.settings import load_settings, settings_from


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "homthu.toml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = 'base_url = "https://a.invalid"\nconsole_url = "https://b.invalid"\n'


def test_variables_win_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMTHU_RELEASE_MINUTES", "5")
    settings = load_settings(written(tmp_path, GOOD + "release_minutes = 90\nmax_photos = 2\n"))
    assert (settings.release_minutes, settings.max_photos) == (5, 2)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("release_minutes = 900\n", "release_minutes"),
        ("code_memory_kib = 1024\n", "code_memory_kib"),
        ("passphrase_passes = 1\n", "passphrase_passes"),
        ("khong_co = 1\n", "khong_co"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_not_repeated(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(Misconfigured) as refused:
        load_settings(written(tmp_path, GOOD + text))
    assert named in str(refused.value)
    assert "900" not in str(refused.value)


def test_outside_the_demo_addresses_must_be_https(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="base_url"):
        load_settings(written(tmp_path, GOOD.replace("https://a", "http://a")))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        load_settings(tmp_path / "none.toml")


def test_the_demo_reads_no_variable_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMTHU_RELEASE_MINUTES", "5")
    settings = settings_from(
        state_dir=tmp_path, demo=True, base_url="http://127.0.0.1", console_url="http://127.0.0.1"
    )
    assert settings.release_minutes == 60


def test_a_webhook_without_a_secret_is_refused(tmp_path: Path) -> None:
    telegram = '[telegram]\ntoken_file = "t"\nmode = "webhook"\n'
    with pytest.raises(Misconfigured, match="secret"):
        load_settings(written(tmp_path, GOOD + telegram))
