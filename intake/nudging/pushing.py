"""Which channels of an installation can write to people unasked.

For the processes that talk with nobody and have to know where somebody can be reached; it opens
nothing. The channels themselves stand in ``bot.channels``.
"""

from intake.settings import Settings


def push_channels(settings: Settings) -> tuple[str, ...]:
    """Return their names, first choice first. The page on the web is none of them."""
    telegram = ("telegram",) if settings.telegram else ()
    demo = ("demo",) if settings.demo else ()
    return (*telegram, *demo)
