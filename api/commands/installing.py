"""Writes a new installation: settings, server keys, the database, areas, units, first accounts.

All of it or nothing: what a failure interrupts is taken back, and only what this run has made.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from intake.errors import Misconfigured

if TYPE_CHECKING:
    from intake.settings import Settings


@dataclass
class Answers:
    """What the administrator said."""

    folder: Path
    state_dir: Path
    custody: Path
    province_id: str = ""
    province: str = ""
    top_unit: str = ""
    communes: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    base_url: str = ""
    console_url: str = ""
    hotline: str = ""
    national_hotline: str = ""
    officer_login: str = ""
    officer_name: str = ""
    admin_login: str = ""


def install(answers: Answers) -> dict[str, str]:
    """Write everything; return one-time links by login. Whatever fails, nothing of it stays.

    Raises:
        Misconfigured: something is there already or does not fit; names it.
        OSError, StorageError: the machine or its database does not take it.
    """
    files, folders = _files(answers), _missing_folders(answers)
    for path in files:
        if path.exists():
            raise Misconfigured(f"{path} is there already; nothing was overwritten")
    try:
        return _write(answers)
    except BaseException:
        _take_back(files, folders)
        raise


def _files(answers: Answers) -> list[Path]:
    """Return every file that this command writes."""
    from intake.foundation import ROOT_PUBLIC, SESSION
    from intake.founding import CUSTODY_PUBLIC
    from intake.keyfiles import SERVER_SECRETS

    keys, database = answers.state_dir / "keys", answers.state_dir / "homthu.db"
    names = (*SERVER_SECRETS, SESSION, CUSTODY_PUBLIC, ROOT_PUBLIC)
    return [
        answers.folder / "homthu.toml",
        *(keys / name for name in names),
        *(database.with_name(database.name + end) for end in ("", "-wal", "-shm")),
    ]


def _missing_folders(answers: Answers) -> list[Path]:
    """Return the folders that are not there yet, the deepest first."""
    found: set[Path] = set()
    for folder in (answers.folder.absolute(), answers.state_dir.absolute() / "keys"):
        found.update(one for one in (folder, *folder.parents) if not one.exists())
    return sorted(found, key=lambda one: len(one.parts), reverse=True)


def _take_back(files: list[Path], folders: list[Path]) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink(missing_ok=True)
    for folder in folders:
        with suppress(OSError):  # somebody else put something there meanwhile
            folder.rmdir()


def _write(answers: Answers) -> dict[str, str]:
    import shutil

    from api.services import open_services
    from intake.foundation import ROOT_PUBLIC, lay
    from intake.founding import CUSTODY_PUBLIC, read_custody
    from intake.keyfiles import make_server_keys, write_secret
    from intake.ports import SystemClock
    from intake.settings import load_settings
    from storage.database import Database

    answers.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    answers.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings_file = answers.folder / "homthu.toml"
    keys = answers.state_dir / "keys"
    make_server_keys(keys, SystemClock().now())
    shutil.copyfile(answers.custody, keys / CUSTODY_PUBLIC)
    write_secret(keys / ROOT_PUBLIC, read_custody(keys).root + "\n")
    write_secret(settings_file, _toml(answers))
    settings = load_settings(settings_file)
    database = Database(settings.database)
    database.upgrade()
    database.close()
    foundation = lay(settings)
    try:
        services = open_services(foundation)
        areas = services.areas
        areas.add(answers.province_id, "province", None, "tỉnh", answers.province)
        areas.add_unit("tinh", answers.top_unit, None, answers.province_id)
        for area_id, name, unit in answers.communes:
            areas.add(area_id, "commune", answers.province_id, name.split(" ")[0], name)
            areas.add_unit(f"x{area_id}", unit, "tinh", area_id)
        people = services.people
        named = answers.officer_name
        return {
            answers.officer_login: _link(
                settings, people.add_officer(None, "tinh", answers.officer_login, named)
            ),
            answers.admin_login: _link(
                settings,
                people.add_officer(None, "tinh", answers.admin_login, "Quản trị", "admin"),
            ),
        }
    finally:
        foundation.close()


def _link(settings: "Settings", token: str) -> str:
    return f"{settings.console_url.rstrip('/')}/thiet-lap/{token}"


def _toml(answers: Answers) -> str:
    import json

    lines = {
        "state_dir": str(answers.state_dir.absolute()),
        "base_url": answers.base_url,
        "console_url": answers.console_url,
        "hotline": answers.hotline,
        "national_hotline": answers.national_hotline,
    }
    written = [
        f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in lines.items() if text
    ]
    return "\n".join([*written, "proxy_logs_off = true", "trusted_proxies = 1", ""])
