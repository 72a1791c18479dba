"""One line from a leader's phone, read: pure, without a database, without a clock.

``read_line`` is the door. It never guesses: what the words leave open it asks.
"""

from intake.check_in_line.accusations import refuses_names
from intake.check_in_line.parse import ReadLine, read_line, says_not_held

__all__ = ["ReadLine", "read_line", "refuses_names", "says_not_held"]
