"""The bot process as `homthu serve bot` runs it, with what a bench must open and nobody else may.

``python -m bench.server CONFIG [--unpaced]``: flood buckets are wide open, because all load comes
from one address; ``--unpaced`` also lifts Telegram's own limit of about 25 replies a second. None
of it is a setting. SIGUSR1 fills the stock of ready codes at once, with numbers of the same shape
that nobody derived: a burst then starts as it would after a quiet minute.
"""

# What is opened here has no door, on purpose.
# pyright: reportPrivateUsage=false

import asyncio
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from api.commands.listening import Listener
from api.commands.processes import Process, run_process
from bot.channels.pacing import Pace, Pacer, Timer
from bot.serve import BotProcess
from intake import logs, receipts
from intake.foundation import lay
from intake.limits import ALLOWANCES, Allowance
from intake.settings import load_settings
from intake.vault.answers import CodePool, ReadyCode
from intake.vault.key_pairs import new_seed, public_key

STOCK = 1024
_OPEN = Allowance(10**9, 10**9)


async def build(config: Path, *, paced: bool) -> Process:
    """Return the process, as ``homthu`` builds it."""
    settings = load_settings(config)
    logs.configure("ERROR", sys.stdout)
    foundation = lay(settings)
    bot = BotProcess(foundation, allowances=dict.fromkeys(ALLOWANCES, _OPEN))
    if not paced:
        free = Pace(10**6, 10**6)
        channel: Any = bot.dialogue._channels["telegram"]  # noqa: SLF001
        sender: Any = channel._sender  # noqa: SLF001
        if not hasattr(sender, "_pacer"):
            raise RuntimeError("the bench no longer knows where the pace is kept")
        sender._pacer = Pacer(Timer(), free, free)  # noqa: SLF001
    pool = bot._pool  # noqa: SLF001
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, restock, pool)
    listener = Listener(bot.app, settings.host, settings.public_port)
    return Process([listener], [bot], foundation.close)


def restock(pool: CodePool) -> None:
    """Put up to ``STOCK`` codes on the shelf, in a fraction of the time that real ones take."""
    reply_key = public_key(new_seed())
    while len(pool) < STOCK:
        ready = ReadyCode(receipts.new_code(), secrets.token_bytes(16), reply_key)
        pool._ready.append(ready)  # noqa: SLF001


if __name__ == "__main__":
    options = set(sys.argv[2:])
    run_process(lambda: build(Path(sys.argv[1]), paced="--unpaced" not in options))
