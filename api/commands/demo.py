"""`homthu demo`: makes a sample installation once, and says how to use it.

The demo's keys and rows are marked as a demo's; a real server refuses them. It binds loopback only.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.demo_ward import SignIn
    from intake.ports import Clock
    from intake.service import Intake
    from intake.settings import Settings

SIGN_INS = "sign-ins.json"
PUBLIC_PORT = "--public-port 8090, hoặc HOMTHU_DEMO_PUBLIC_PORT=8090 make demo"
OFFICER_PORT = "--officer-port 8091, hoặc HOMTHU_DEMO_OFFICER_PORT=8091 make demo"
HALF_MADE = "ban-thu-do-dang"  # stands in the folder while the demo is being made, and no longer


def demo_settings(folder: Path, public_port: int, officer_port: int) -> "Settings":
    """Return the settings of the demo; nothing of the machine's own settings is read."""
    from intake.settings import Counselling, settings_from

    return settings_from(
        state_dir=folder.absolute(),
        demo=True,
        base_url=f"http://127.0.0.1:{public_port}",
        console_url=f"http://127.0.0.1:{officer_port}",
        public_port=public_port,
        officer_port=officer_port,
        hotline="0200 000 113",
        box_places="nhà văn hóa tổ dân phố số 3",
        release_minutes=0,
        push_notices=True,
        passphrase_memory_kib=65536,
        passphrase_passes=2,
        session_idle_minutes=60,
        counselling=Counselling(
            place="Trạm y tế phường Hoa Mẫu",
            address="số 1 phố Mẫu",
            hours="thứ hai đến thứ sáu, 7 giờ 30 đến 16 giờ 30",
            phone="0200 000 115",
        ),
    )


def prepare(settings: "Settings") -> "list[SignIn]":
    """Make keys, database and the sample ward, unless they are there from an earlier start.

    Raises:
        Misconfigured: the folder holds something that is no demo's, and nothing of it was touched;
            or there can be no such folder.
    """
    from api.demo_ward import SignIn
    from intake.errors import Misconfigured
    from intake.keyfiles import write_secret

    folder = settings.state_dir
    kept = folder / SIGN_INS
    try:
        mark = None if kept.is_file() else _begin(folder)
    except OSError as error:
        raise Misconfigured(
            f"không ghi được vào thư mục {folder} ({error.strerror}): xin chọn nơi khác (--dir)"
        ) from None
    if mark is None:
        _upgrade(settings)
        return [SignIn(*entry) for entry in json.loads(kept.read_text(encoding="utf-8"))]
    sign_ins = _make(settings)
    write_secret(kept, json.dumps(sign_ins, ensure_ascii=False))
    mark.unlink()
    return sign_ins


def _begin(folder: Path) -> Path:
    """Mark a new folder as a demo's; empty one that a start cut short left with that mark."""
    import shutil

    from intake.errors import Misconfigured

    mark = folder / HALF_MADE
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    left = [entry for entry in folder.iterdir() if entry != mark]
    if left and not mark.is_file():
        raise Misconfigured(
            f"thư mục {folder} đã có thứ khác, không phải bản thử: chưa xóa gì;"
            " xin chọn thư mục trống hoặc chưa có (--dir)"
        )
    mark.touch(mode=0o600)
    for entry in left:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    return mark


def _make(settings: "Settings") -> "list[SignIn]":
    from api.demo_ward import EarlierClock, Furnisher
    from api.demo_work import SINCE, WorkFurnisher
    from api.services import open_services
    from intake.foundation import ROOT_PUBLIC, lay
    from intake.founding import CUSTODY_PUBLIC
    from intake.keyfiles import make_server_keys, write_secret
    from intake.vault.custody import new_custody

    clock = EarlierClock()
    make_server_keys(settings.keys, clock.now())
    custody = new_custody(rehearsal=True)
    write_secret(settings.keys / CUSTODY_PUBLIC, custody.public.model_dump_json())
    write_secret(settings.keys / ROOT_PUBLIC, custody.public.root)
    _upgrade(settings)
    foundation = lay(settings, clock)
    try:
        services = open_services(foundation)
        sign_ins = Furnisher(services, foundation.key_list, custody, clock).furnish(SINCE)
        WorkFurnisher(foundation.intake, services).furnish()
        return sign_ins
    finally:
        foundation.close()


def _upgrade(settings: "Settings") -> None:
    from storage.database import Database

    database = Database(settings.database)
    database.upgrade()
    database.close()


def board(
    sign_ins: "list[SignIn]", clock: "Clock | None" = None
) -> list[tuple[str, str, str, str]]:
    """Return login, name, passphrase and the six digits of this moment, for the demo's board."""
    from pyotp.totp import TOTP

    from intake.ports import SystemClock

    now = (clock or SystemClock()).now()
    return [
        (one.login, one.name, one.passphrase, TOTP(one.totp_secret).at(now)) for one in sign_ins
    ]


def invite(intake: "Intake", part: str) -> str:
    """Return an invite for a sample leader, or for somebody of the sample ward.

    The phone that had the part before is forgotten: messages go to the one that takes it now.
    """
    from api.demo_work import LEADERS_AREA, WARDS_AREA, WARDS_OWN
    from intake.work.leaders import Leaders

    leaders, area = Leaders(intake), LEADERS_AREA if part == "leader" else WARDS_AREA
    held = leaders.of_owner(area, intake.clock.today())
    person = held[0][0] if held else leaders.take_on(*WARDS_OWN, area)
    intake.write_now(lambda tx: tx.leaders.drop_chats(person.id))
    return leaders.invite(person.id)


def greet(settings: "Settings", sign_ins: "list[SignIn]", clock: "Clock | None" = None) -> None:
    """Say where everything is and how to sign in."""
    import typer

    from api.demo_ward import POSTER

    base, console = settings.base_url, settings.console_url
    typer.echo(
        f"""
BẢN DÙNG THỬ. Đừng gửi tin thật. Việc thật thì gọi 113.

  Điện thoại mẫu   {base}/dien-thoai
  Trang người dân  {base}/
  Tờ dán ở tổ      {base}/q/{POSTER}
  Bàn cán bộ       {console}/
  Mã đăng nhập     {base}/ban-thu   (mã sáu số đổi mỗi 30 giây)
"""
    )
    for login, name, passphrase, digits in board(sign_ins, clock):
        typer.echo(f"  {login:<12} {name:<16} {passphrase:<42} {digits}")
    folder = _shown(settings.state_dir)
    typer.echo(f"\nDừng: Ctrl+C. Làm lại từ đầu: xóa thư mục {folder}.")


def _shown(folder: Path) -> Path:
    """Return a folder as one would type it here."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
