"""What a process borrowed goes back to the system."""

import subprocess
import sys

BORROWS = """
from pathlib import Path
from intake import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4

memory.share_one_heap()
borrowed = [bytearray(100_000) for _ in range(400)]
pinned = borrowed.pop()
borrowed.clear()
before = resident()
memory.give_back()
print(before - resident(), len(pinned))
"""


def test_what_lies_free_below_something_that_lasts_goes_back_too() -> None:
    done = subprocess.run([sys.executable, "-c", BORROWS], check=True, capture_output=True)
    given_back, pinned = map(int, done.stdout.split())
    assert pinned == 100_000
    assert given_back > 30_000  # KiB, of 40,000


def test_the_collector_is_told_to_leave_alone_what_was_built_at_start() -> None:
    program = "import gc; from intake import memory; memory.settle(); print(gc.get_freeze_count())"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert int(done.stdout) > 1_000
