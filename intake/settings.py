"""The settings of one installation, read once by ``homthu.py`` and handed down.

A TOML file (``/etc/homthu/homthu.toml`` or ``--config``), overridden by ``HOMTHU_*`` variables. No
secret stands here: secrets are files named ``*_file``. This module never reads a key.
"""

import os
import re
import shlex
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from intake.errors import Misconfigured

DEFAULT_CONFIG = Path("/etc/homthu/homthu.toml")
Port = Annotated[int, Field(ge=0, le=65535)]


class TelegramSettings(BaseModel):
    """How the Telegram bot is reached; tokens and secrets are files."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    token_file: Path
    name: str | None = None
    """The bot's public name without @: posters then show this door too."""
    mode: Literal["poll", "webhook"] = "poll"
    webhook_secret_file: Path | None = None
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    proxy: str | None = None


class Counselling(BaseModel):
    """Where a person who needs help can turn; shown, never stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    place: str
    address: str
    hours: str
    phone: str


class RetentionMonths(BaseModel):
    """How many months things are kept; afterwards they are erased."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    tips: Annotated[int, Field(ge=1, le=240)] = 24
    """After a tip was closed, or after the last news that came to it."""
    photos: Annotated[int, Field(ge=1, le=240)] = 24
    """Pictures and voice notes of activities, after they were filed. The activity stays."""
    leaders: Annotated[int, Field(ge=1, le=240)] = 12
    """Names of leaders, after they left. What they filed stays, without a name."""
    nudges: Annotated[int, Field(ge=13, le=240)] = 13
    """Which reminders were sent. What is still owed after that long may be recalled once more."""


class Settings(BaseSettings):
    """Everything an operator may choose."""

    model_config = SettingsConfigDict(
        env_prefix="HOMTHU_", env_nested_delimiter="__", extra="forbid"
    )

    state_dir: Path = Path("/var/lib/homthu")
    keys_dir: Path | None = None
    programmes_dir: Path | None = None
    database_url: str | None = None
    backup_dir: Path | None = None
    """Where sealed backups go, every night; none are made without it."""
    demo: bool = False

    base_url: str = "https://tip.invalid"
    console_url: str = "https://desk.invalid"
    host: str = "127.0.0.1"
    public_port: Port = 8080
    officer_port: Port = 8081
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    proxy_logs_off: bool = False
    """The operator's word that the proxy in front logs no address on residents' routes."""

    hotline: str | None = None
    national_hotline: str | None = None
    complaint_office: str | None = None
    box_places: str | None = None
    counselling: Counselling | None = None
    weather_url: str = "https://nchmf.gov.vn/"
    retention: RetentionMonths = RetentionMonths()

    named_tips: bool = False
    push_notices: bool = False
    languages: tuple[str, ...] = ("vi", "en")
    release_minutes: Annotated[int, Field(ge=0, le=240)] = 60
    draft_minutes: Annotated[int, Field(ge=5, le=120)] = 30
    close_after_days: Annotated[int, Field(ge=0, le=60)] = 10
    unread_tip_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """After how long linked officers are told how many tips nobody has looked at."""
    max_photos: Annotated[int, Field(ge=0, le=10)] = 6
    max_upload_mb: Annotated[int, Field(ge=1, le=20)] = 10
    allow_x25519: bool = False

    code_memory_kib: Annotated[int, Field(ge=8192)] = 8192
    code_passes: Annotated[int, Field(ge=1)] = 1
    passphrase_memory_kib: Annotated[int, Field(ge=65536)] = 262144
    passphrase_passes: Annotated[int, Field(ge=2)] = 4
    session_idle_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    session_hours: Annotated[int, Field(ge=1, le=12)] = 8
    bot_processes: Annotated[int, Field(ge=1, le=16)] = 1
    key_list_minimum: dict[str, int] = Field(default_factory=dict)
    telegram: TelegramSettings | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("retention", mode="before")
    @classmethod
    def _months_in_words(cls, given: object) -> object:
        """Read "24 tháng", as it was written before there was a table."""
        words = given.split() if isinstance(given, str) else []
        if len(words) == 2 and words[0].isdecimal() and words[1] == "tháng":
            return {"tips": int(words[0])}
        return given

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let variables win over the file; no dotenv, no secrets folder."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))

    @property
    def keys(self) -> Path:
        """The folder of key files."""
        return self.keys_dir or self.state_dir / "keys"

    @property
    def programmes(self) -> Path:
        """The folder of the installation's own dates, duties and days off."""
        return self.programmes_dir or self.state_dir / "programmes"

    @property
    def database(self) -> str:
        """The database's URL; SQLite under ``state_dir`` unless set."""
        return self.database_url or f"sqlite:///{self.state_dir / 'homthu.db'}"

    @property
    def upgrade_command(self) -> str:
        """What an operator types to upgrade this installation, with the file that it was read from.

        The usual file need not be named; one that only the service's own environment names must be.
        """
        file = self.model_config.get("toml_file")
        if not isinstance(file, Path) or file == DEFAULT_CONFIG:
            return "homthu upgrade"
        return f"homthu upgrade --config {shlex.quote(str(file))}"

    def key_file(self, name: str) -> Path:
        """Return the path of one key file."""
        return self.keys / name


def load_settings(config: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings once.

    Raises:
        Misconfigured: a missing file, one that is no TOML (naming the line), or a value that does
            not fit, naming the setting only.
    """
    path = config or Path(os.environ.get("HOMTHU_CONFIG", DEFAULT_CONFIG))
    if config is not None and not config.is_file():
        raise Misconfigured("the settings file named with --config does not exist")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=path if path.is_file() else None)

    try:
        settings = FromFile(**overrides)
    except ValidationError as error:
        names = sorted({".".join(map(str, e["loc"])) for e in error.errors()})
        raise Misconfigured(f"settings that do not fit: {', '.join(names)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Misconfigured(f"the settings file {path} {_why_unreadable(error)}") from None
    return check(settings)


def _why_unreadable(error: Exception) -> str:
    """Return why a file is no TOML, without a word of what stands in it."""
    if isinstance(error, OSError):
        return "cannot be read"
    if isinstance(error, UnicodeDecodeError):
        return "is no TOML: it is not UTF-8"
    place = re.search(r"\(at (.*)\)$", str(error))
    return f"is no TOML: {place[1] if place else 'somewhere'}"


def settings_from(**values: Any) -> Settings:
    """Return settings made of these values alone: no file, no variable (the demo, tests).

    Raises:
        Misconfigured: a combination that would be unsafe to run.
    """

    class Given(Settings):
        model_config = SettingsConfigDict(env_prefix="NOBODY_SETS_THIS_")

    return check(Given(**values))


def check(settings: Settings) -> Settings:
    """Refuse a combination that would be unsafe to run.

    Raises:
        Misconfigured: names what to change.
    """
    if not settings.demo:
        for name, url in (("base_url", settings.base_url), ("console_url", settings.console_url)):
            if urlsplit(url).scheme != "https":
                raise Misconfigured(f"{name} must be an https address outside the demo")
    telegram = settings.telegram
    if telegram and telegram.mode == "webhook" and telegram.webhook_secret_file is None:
        raise Misconfigured("telegram.webhook_secret_file is needed for mode webhook")
    return settings
