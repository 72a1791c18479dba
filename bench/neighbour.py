"""A neighbour on the same disk: 4 KiB written and forced down, over and over, for so many seconds.

``python -m bench.neighbour FILE SECONDS``. It ends by itself, or with the process that started it.
"""

import os
import sys
import time
from pathlib import Path

BLOCK = os.urandom(4096)


def write_and_sync(path: str, seconds: float) -> float:
    """Write and force 4 KiB until the time is over or nobody waits; return writes a second."""
    parent = os.getppid()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    writes, started = 0, time.perf_counter()
    try:
        while time.perf_counter() - started < seconds and os.getppid() == parent:
            os.pwrite(handle, BLOCK, 0)
            os.fdatasync(handle)
            writes += 1
    finally:
        os.close(handle)
        Path(path).unlink()
    return writes / (time.perf_counter() - started)


if __name__ == "__main__":
    write_and_sync(sys.argv[1], float(sys.argv[2]))
