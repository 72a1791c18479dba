"""The channel port of the leaders' page: what it can do, and what kind of file a form brought.

It knows nothing of requests and pages; those are `bot.channels.work_web`. A file waits in RAM while
its request is served, and whatever is not known to be a recording is taken for a picture.
"""

from bot.channels.base import Capabilities
from bot.channels.page import PageChannel
from bot.forms import Form
from bot.messages import Attachment, Kind
from intake.settings import Settings

NAME = "web"
_MOST_TEXT = 100_000
_SOUNDS_WITH_FTYP = (b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"3gp", b"3g2")
_SOUNDS = (b"OggS", b"ID3", b"#!AMR", b"\x1aE\xdf\xa3", b"RIFF", b"\xff\xfb", b"\xff\xf1")


class WorkWebChannel(PageChannel):
    """The channel port of the leaders' page."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            Capabilities(
                name=NAME,
                buttons=True,
                deletes=False,
                media=True,
                push=False,
                max_text=_MOST_TEXT,
                max_media_bytes=settings.max_upload_mb * 1024 * 1024,
                anonymity_text="an_danh.web",  # never said to a leader
                page=True,
            )
        )

    def hold(self, form: Form) -> tuple[Attachment, ...]:
        """Keep the first file of a form in RAM until ``release``; each form brings one."""
        if form.pictures:
            data = form.pictures[0]
            return (self._keep(data, Kind.VOICE if _is_sound(data) else Kind.PHOTO),)
        return (self._too_large(),) if form.too_large else ()


def _is_sound(data: bytes) -> bool:
    """Return whether these bytes begin like a recording; the desk looks closer at either.

    A recording is kept as it came, so whatever is not known to be one is taken for a picture.
    """
    if data[4:8] == b"ftyp":
        return data[8:12].startswith(_SOUNDS_WITH_FTYP)
    if data.startswith(b"RIFF"):
        return data[8:12] == b"WAVE"
    return data.startswith(_SOUNDS)
