"""``make bench``: measures here and now, prints the table, and with ``--write`` keeps it."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench import limits, table
from bench.house import furnished
from bench.rounds import QUICK, Found, Size, grown, measure

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
KINDS = ("SQLite", "PostgreSQL")
OF_ROUNDS = ("minimal", "rest", "after", "waiting")  # whose memory the quiet round has measured
SIZES = ("memory", "share")
DISKS = {"quiet disk": False, "busy disk": True}


def main() -> None:
    """Run every round and show what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute, rough")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {PAGE.name}")
    parser.add_argument("--dir", default="/var/tmp", help="where the databases stand: a real disk")
    options = parser.parse_args()
    tempfile.tempdir = options.dir
    size = QUICK if options.quick else Size()
    started = time.monotonic()
    once = limits.pieces(size.moment)
    rounds, houses = dict[str, Found](), dict[str, Found]()
    for kind in KINDS:
        _of_one_kind(kind, size, once, rounds, houses)
    text = table.report(rounds, houses, once)
    print(text)
    _say(f"{time.monotonic() - started:.0f} s in all")
    if options.write:
        table.write(PAGE, text)


def _of_one_kind(
    kind: str, size: Size, once: Found, rounds: dict[str, Found], houses: dict[str, Found]
) -> None:
    with furnished(kind) as house:
        if house is None:
            _say(f"{kind} is not installed here: left out")
            return
        for disk, busy in DISKS.items():
            if busy and size is QUICK:
                continue
            _say(f"{kind}, {disk}")
            rounds[f"{kind}, {disk}"] = once | measure(house, size, busy=busy)
    with furnished(kind) as house:
        if house is not None:
            _say(f"{kind}, many tips")
            quiet = rounds[f"{kind}, quiet disk"]
            kept = {f"{what}_{of}": quiet[f"{what}_{of}"] for what in SIZES for of in OF_ROUNDS}
            told = {"waiting": quiet["waiting"], **limits.libraries(kind)}
            houses[kind] = kept | told | grown(house, size)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
