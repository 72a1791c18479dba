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


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'host = "::1"\nhidden hidden', "is no TOML: line 2, column 8"),
        (b'hotline = "hidden', "is no TOML: end of document"),
        (b"hidden = 1\nhidden = 2\n", "is no TOML: line 2, column 11"),
        (b"hidden = \xff", "is no TOML: it is not UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_told_by_its_place_alone(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "homthu.toml"
    path.write_bytes(content)
    with pytest.raises(Misconfigured) as refused:
        load_settings(path)
    assert str(refused.value).startswith(f"the settings file {path} is no TOML: ")
    assert str(refused.value).endswith(told)
    assert "hidden" not in str(refused.value)
    assert refused.value.__cause__ is None
