"""What the residents' page and the leaders' page have in common as channels.

A page is an answer: nobody can be written to, and nothing on a reader's screen can be deleted. What
a form brings waits in RAM while its request is served.
"""

import secrets
from collections.abc import Iterable

from bot.channels.base import Capabilities
from bot.messages import Attachment, Kind, Outgoing
from intake.errors import BadPicture, ChannelDown


class PageChannel:
    """The channel port of a page; hands out what the request being served has brought."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self._held: dict[str, bytes] = {}

    def _keep(self, data: bytes, kind: Kind = Kind.PHOTO) -> Attachment:
        """Keep a file until ``release``; return its handle."""
        ref = secrets.token_hex(8)
        self._held[ref] = data
        return Attachment(kind, ref, len(data), is_picture=kind is Kind.PHOTO)

    def _too_large(self) -> Attachment:
        """Return the handle of a picture that was left out."""
        return Attachment(Kind.PHOTO, "", self.capabilities.max_media_bytes + 1, is_picture=True)

    def release(self, attachments: Iterable[Attachment]) -> None:
        """Forget what a request has brought."""
        for attachment in attachments:
            self._held.pop(attachment.ref, None)

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """Return a file of the request that is being served.

        Raises:
            BadPicture: larger than ``limit`` bytes, or no longer here.
        """
        data = self._held.get(attachment.ref)
        if data is None or len(data) > limit:
            raise BadPicture("a file over the limit")
        return data

    async def send(self, address: str, message: Outgoing) -> str:  # noqa: ARG002
        """Refuse: a page is an answer, nobody can be written to.

        Raises:
            ChannelDown: always.
        """
        raise ChannelDown("a page cannot be written to")

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:  # noqa: ARG002
        """Say honestly that nothing on the reader's screen can be deleted."""
        return message_ids
