"""Pictures for trouble: telling ones, cut ones, bombs."""

import io
import struct
import zlib

from PIL import Image, PngImagePlugin


def photo(author: str = "", place: str = "", comment: str = "", size: int = 320) -> bytes:
    """Return a JPEG whose EXIF and comment tell on its owner."""
    exif = Image.Exif()
    exif[0x013B] = author
    exif[0x010F] = author
    exif[0x9286] = b"ASCII\0\0\0" + comment.encode("ascii", "replace")
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.5), 18: place, 28: place.encode()})
    out = io.BytesIO()
    image = Image.new("RGB", (size, size * 3 // 4), (90, 120, 90))
    image.save(out, "JPEG", exif=exif, comment=comment.encode())
    return out.getvalue()


def drawing(author: str) -> bytes:
    """Return a PNG with its author in a text chunk."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", author)
    told.add_itxt("Description", author, zip=False)
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (10, 90, 200)).save(out, "PNG", pnginfo=told)
    return out.getvalue()


def cut(picture: bytes) -> bytes:
    """Return a picture that ends too early."""
    return picture[: len(picture) * 2 // 3]


def bomb(author: str = "", side: int = 20_000) -> bytes:
    """Return a small PNG that would fill the memory."""
    row = zlib.compress(bytes(side // 8 + 1) * side, 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    words = b"Author\0" + author.encode()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", head), (b"tEXt", words), (b"IDAT", row), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
