"""Minds several processes: the supervisor of ``homthu run``.

A child that ends is started again, with a growing pause; SIGTERM goes to all children, and the exit
code is 0. What children say on stderr is passed on; a refusal that all of them share is said once.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

_log = logging.getLogger("homthu.supervisor")
_STOP = (signal.SIGTERM, signal.SIGINT)
_GRACE = 10.0  # seconds that a child has for stopping
_LONGEST_PAUSE = 30.0
_LAST_WORDS = 2.0  # seconds for what an ended child has said to be passed on
_REFUSAL = b"homthu: "  # how `homthu` begins the one line of a command that it refuses
_HEALTHY = 60.0  # seconds; whoever lived as long did not end because of its start


class Supervisor:
    """Keeps child processes alive until it is told to stop."""

    def __init__(self, commands: dict[str, list[str]], pause: float = 1.0) -> None:
        self._commands = commands
        self._pause = pause
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._pauses: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._started: dict[str, float] = {}
        self._stopping = False
        self._refusals: set[bytes] = set()
        self._speaking = threading.Lock()
        self._passing_on: dict[str, threading.Thread] = {}

    def run(self) -> int:
        """Start and mind the children; return the exit code.

        A child that says its configuration is wrong (exit 2) ends everything with 2: starting it
        again would not help.
        """
        for number in _STOP:
            signal.signal(number, self._note_stop)
        for name in self._commands:
            self._start(name)
        code = 0
        while not self._stopping:
            time.sleep(0.1)
            if any(child.poll() == 2 for child in self._children.values()):
                code = 2
                break
            self._mind()
        self._end()
        return code

    def _note_stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self, name: str) -> None:
        self._started[name] = time.monotonic()
        child = self._children[name] = subprocess.Popen(  # noqa: S603
            self._commands[name], stderr=subprocess.PIPE, start_new_session=True
        )
        words = threading.Thread(target=self._pass_on, args=(child.stderr,), daemon=True)
        self._passing_on[name] = words
        words.start()

    def _pass_on(self, words: IO[bytes]) -> None:
        with words:
            for line in words:
                with self._speaking:
                    if line in self._refusals:
                        continue
                    if line.startswith(_REFUSAL):
                        self._refusals.add(line)
                    os.write(sys.stderr.fileno(), line)

    def _mind(self) -> None:
        now = time.monotonic()
        for name, child in list(self._children.items()):
            if child.poll() is None:
                continue
            if name not in self._due:
                lasted = now - self._started[name] >= _HEALTHY
                if lasted:  # what is refused after it ran is news
                    self._refusals.clear()
                self._due[name] = now + self._pause_before(name, lasted=lasted)
                _log.warning("process ended, starting again", extra={"part": name})
            elif now >= self._due[name]:
                del self._due[name]
                self._start(name)

    def _pause_before(self, name: str, *, lasted: bool) -> float:
        """Return how long to wait with a new start: longer each time that one fails at once."""
        pause = self._pause if lasted else self._pauses.get(name, self._pause)
        self._pauses[name] = min(_LONGEST_PAUSE, pause * 2)
        return pause

    def _end(self) -> None:
        living = [child for child in self._children.values() if child.poll() is None]
        for child in living:
            child.terminate()
        deadline = time.monotonic() + _GRACE
        for child in living:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for words in self._passing_on.values():
            words.join(_LAST_WORDS)


def child_command(part: str, config: Path | None) -> list[str]:
    """Return the command line of one child."""
    extra = ["--config", str(config)] if config else []
    return [sys.executable, "-m", "homthu", "serve", part, *extra]
