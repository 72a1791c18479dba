"""Chat addresses kept for "báo cho tôi khi có trả lời", sealed to the relay key.

Whoever seals cannot read: only the process that sends push notices holds the seed. All rows have
one size, so that a long chat id does not stand out. This module must never log an address.
"""

import json

from intake.vault.envelope import Context, NotOpened, open_with, pad, seal_to, unpad
from intake.vault.key_pairs import PublicKey

ADDRESS_SIZE = 256


def seal_address(relay: PublicKey, row_id: bytes, channel: str, address: str) -> bytes:
    """Seal a chat address to the relay key, in one constant size.

    Raises:
        ValueError: an address that no channel gives (longer than about 240 bytes).
    """
    pair = json.dumps([channel, address], ensure_ascii=False).encode()
    return seal_to(relay, pad(pair, ADDRESS_SIZE), _context(row_id))


def open_address(relay_seed: bytes, row_id: bytes, sealed: bytes) -> tuple[str, str]:
    """Return the channel and address of one push row or stop request.

    Raises:
        NotOpened: another key's, another row's, or changed.
    """
    opened = unpad(open_with(relay_seed, sealed, _context(row_id)))
    try:
        pair: object = json.loads(opened)
    except ValueError:  # its message would carry the address
        raise NotOpened from None
    match pair:
        case [str(channel), str(address)]:
            return channel, address
        case _:
            raise NotOpened


def _context(row_id: bytes) -> Context:
    return Context("relay", "address", "chat", row_id)
