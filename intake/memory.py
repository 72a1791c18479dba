"""A process's memory: one heap for all threads, a collector that leaves what lasts alone.

Measured on glibc; another C library is left as it is.
"""

import contextlib
import ctypes
import gc

_M_ARENA_MAX = -8  # malloc.h


def share_one_heap() -> None:
    """Let all threads share one heap: glibc would keep Argon2's 8 MiB once for each."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def collect_seldom() -> None:
    """Let the collector look less often: importing everything makes it look a hundred times."""
    gc.set_threshold(20_000, 20, 50)


def settle() -> None:
    """Keep the collector away from what was built at start; it stops every request meanwhile."""
    gc.collect()
    gc.freeze()
    collect_seldom()


def give_back() -> None:
    """Return to the system what Argon2 borrowed, 8 MiB at a time: glibc would keep it for more.

    Takes a millisecond or two. Returning it after each derivation would cost a third of their rate.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
