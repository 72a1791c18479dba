"""The ``homthu`` command: reads the settings, joins the pieces, starts and minds the processes.

The only place that knows all rooms. Heavy imports happen inside the commands, so that ``--help``
answers at once. Nothing here decides anything about tips or people.
"""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands import (
    areas,
    backups,
    check_ins,
    custody,
    demo,
    init,
    keys,
    programmes,
    units,
    upkeep,
)
from reminders import commands as reminder_commands

if TYPE_CHECKING:
    from api.commands.processes import Process
    from api.demo_ward import SignIn
    from intake.settings import Settings

app = typer.Typer(
    help="Hòm Thư: hòm thư tố giác của phường, xã.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(custody.app, name="custody")
app.add_typer(keys.keys, name="keys")
app.add_typer(keys.officers, name="officers")
app.add_typer(keys.audit, name="audit")
app.add_typer(backups.app, name="backup")
app.add_typer(areas.areas, name="areas")
app.add_typer(units.units, name="units")
app.add_typer(units.posters, name="posters")
app.add_typer(programmes.programme, name="programme")
app.add_typer(reminder_commands.app, name="reminders")
app.command("deadlines")(programmes.deadlines)
app.command("duties")(programmes.duties)
app.command("parse-check-in")(check_ins.parse_check_in)
app.command("init")(init.init)
app.command("upgrade")(upkeep.upgrade)
app.command("doctor")(upkeep.doctor)

Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt homthu.toml.")]
PARTS = ("bot", "api", "reminders")


@app.command()
def run(config: Config = None) -> None:
    """Chạy máy chủ: ba tiến trình, tự dựng lại khi một cái hỏng."""
    from api.commands.supervisor import Supervisor, child_command
    from intake.errors import Misconfigured
    from intake.settings import load_settings

    settings = load_settings(config)
    if settings.public_port == settings.officer_port != 0:
        raise Misconfigured("public_port and officer_port must differ")
    _log_to_stdout(settings)
    raise typer.Exit(Supervisor({part: child_command(part, config) for part in PARTS}).run())


@app.command()
def serve(
    part: Annotated[str, typer.Argument(help="bot, api hoặc reminders.")], config: Config = None
) -> None:
    """Chạy một tiến trình riêng; homthu run gọi lệnh này ba lần."""
    from api.commands.processes import run_process
    from intake.settings import load_settings

    builders: dict[str, Callable[[Settings], Awaitable[Process]]] = {
        "bot": _bot, "api": _officers, "reminders": _housekeeping,
    }  # fmt: skip
    if part not in builders:
        raise typer.BadParameter("bot, api hoặc reminders")
    settings = load_settings(config)
    _log_to_stdout(settings)
    run_process(lambda: builders[part](settings))


@app.command("demo")
def run_demo(
    folder: Annotated[Path, typer.Option("--dir", help="Nơi giữ bản thử.")] = Path("var/demo"),
    public_port: Annotated[
        int,
        typer.Option(
            envvar="HOMTHU_DEMO_PUBLIC_PORT", min=1, max=65535, help="Cổng trang người dân."
        ),
    ] = 8080,
    officer_port: Annotated[
        int,
        typer.Option(envvar="HOMTHU_DEMO_OFFICER_PORT", min=1, max=65535, help="Cổng bàn cán bộ."),
    ] = 8081,
) -> None:
    """Chạy bản thử trên máy này: trang dân, điện thoại mẫu, bàn cán bộ, một phường mẫu."""
    from api.commands.processes import run_process

    if public_port == officer_port:
        raise typer.BadParameter("hai cổng phải khác nhau: --public-port, --officer-port")
    settings = demo.demo_settings(folder, public_port, officer_port)
    _log_to_stdout(settings)
    sign_ins = demo.prepare(settings)
    run_process(lambda: _demo(settings, sign_ins))


async def _bot(settings: "Settings") -> "Process":
    from api.commands.listening import Listener
    from api.commands.processes import Process
    from bot.serve import BotProcess
    from intake.foundation import lay
    from intake.nudging.pushing import push_channels
    from reminders.joining import Reminders

    foundation = lay(settings)
    reminders = Reminders(foundation.intake, settings, push_channels(settings))
    bot = BotProcess(foundation, by_hand=reminders.by_hand)
    listener = Listener(bot.app, settings.host, settings.public_port)
    return Process([listener], [bot, reminders.outbox(bot.nudges)], foundation.close)


async def _officers(settings: "Settings") -> "Process":
    from api.commands.listening import Listener
    from api.commands.processes import Process
    from api.serve import OfficerProcess
    from intake.foundation import lay
    from intake.nudging.pushing import push_channels
    from reminders.joining import Reminders

    foundation = lay(settings)
    reminders = Reminders(foundation.intake, settings, push_channels(settings))
    officers = OfficerProcess(foundation, preview=reminders.preview, by_hand=reminders.by_hand)
    console = Listener(officers.app, settings.host, settings.officer_port)
    metrics = Listener(officers.metrics, socket_path=settings.state_dir / "metrics.sock")
    return Process([console, metrics], [], foundation.close)


async def _housekeeping(settings: "Settings") -> "Process":
    from api.commands.processes import Process
    from bot.opening import NoticeProcess
    from intake.foundation import lay
    from intake.nudging.pushing import push_channels
    from reminders.serve import HousekeepingProcess

    foundation = lay(settings)
    messenger = NoticeProcess(settings)
    jobs = HousekeepingProcess(foundation, messenger, push_channels(settings))
    return Process([], [messenger, jobs], foundation.close)


async def _demo(settings: "Settings", sign_ins: "list[SignIn]") -> "Process":
    """Join all three in one process, with the demo phone and its slider; says so on every page."""
    from api.commands.listening import Listener
    from api.commands.processes import Process
    from api.demo_clock import DemoClock
    from api.serve import OfficerProcess
    from bot.channels.demo import DemoDoor
    from bot.channels.demo_board import board_route
    from bot.serve import BotProcess
    from intake.foundation import lay
    from intake.nudging.pushing import push_channels
    from reminders.demo_time import DemoTime
    from reminders.joining import Reminders
    from reminders.serve import HousekeepingProcess

    clock = DemoClock(settings.state_dir)
    foundation = lay(settings, clock)
    board = board_route(lambda: demo.board(sign_ins, clock), settings.console_url)
    door = DemoDoor(board, lambda part: demo.invite(foundation.intake, part))
    channels = push_channels(settings)
    reminders = Reminders(foundation.intake, settings, channels)
    bot = BotProcess(foundation, door, by_hand=reminders.by_hand)
    officers = OfficerProcess(foundation, preview=reminders.preview, by_hand=reminders.by_hand)
    jobs = HousekeepingProcess(foundation, bot.messenger, channels)
    outbox = reminders.outbox(bot.nudges)
    time = door.time = DemoTime(clock, jobs.jobs, reminders.sweep, outbox, channels[-1])
    return Process(
        [
            Listener(bot.app, settings.host, settings.public_port, chosen_by=demo.PUBLIC_PORT),
            Listener(
                officers.app, settings.host, settings.officer_port, chosen_by=demo.OFFICER_PORT
            ),
        ],
        [bot, time, jobs],
        foundation.close,
        lambda: demo.greet(settings, sign_ins, clock),
    )


def _log_to_stdout(settings: "Settings") -> None:
    from intake import logs

    logs.configure(settings.log_level, sys.stdout)


def main() -> None:
    """Run the command; what is refused ends with one line and exit 1.

    With exit 2 where the installation is not fit to run: starting again would not help.
    """
    from intake import memory
    from intake.errors import HomThuError, Misconfigured

    memory.collect_seldom()
    try:
        app()
    except HomThuError as error:
        from intake.upkeep.operator_words import in_vietnamese

        typer.echo(f"homthu: {in_vietnamese(error)}", err=True)
        sys.exit(2 if isinstance(error, Misconfigured) else 1)


if __name__ == "__main__":
    main()
