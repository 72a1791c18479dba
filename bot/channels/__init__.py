"""One module a channel; base.py is the port."""

import sys
from typing import Any, cast

# What Telegram's HTTP library would load or look for without need: its own command line (5 MB), and
# a package that it asks for several times a request along the whole search path. None here is
# Python's way of saying "there is none".
for _name in ("httpx._main", "sniffio"):
    sys.modules.setdefault(_name, cast("Any", None))
