"""The decoder process behind ``intake.media``: one picture in, one clean JPEG out, and again.

Started as a script, by path, in isolated mode and with an empty environment. It imports the
standard library and two decoders, never the application, so there is no secret in it that a hostile
picture could reach; it must never write a file, open a socket or say anything about what it
decodes. Once it is warm it cannot even open a new file descriptor.

Standard input: 4 bytes of length and the picture. Standard output: ``r`` once when warm, then for
each picture a status byte (``k`` clean, ``b`` bad), 4 bytes of length and the JPEG (none when bad).
"""

import ctypes
import io
import re
import resource
import struct
import sys
import warnings
from contextlib import suppress
from typing import BinaryIO

# Whatever a decoder would import late is imported now: later no file can be opened any more.
import pillow_heif
from PIL import (
    Image,
    ImageColor,
    ImageFile,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONGEST_SIDE = 2560
JPEG_QUALITY = 85
# A JPEG shrinks while it is decoded, so the 108 Mpx of a phone fit; the others are decoded whole.
JPEG_PIXELS = 120_000_000
OTHER_PIXELS = 50_000_000
# A JPEG may go over its pixels again and again, a few bytes a time; cameras and browsers write at
# most some ten scans. This many pixels take up to four seconds.
SCANNED_PIXELS = 2_000_000_000

# What is marked "no cover" runs in the decoder process only; tests look at it from outside.
READY, CLEAN, BAD = b"r", b"k", b"b"
LENGTH = struct.Struct(">I")

_LATE_IMPORTS = (ImageColor, ImageFile, ImagePalette, JpegImagePlugin, TiffImagePlugin)
_PLUGINS = (MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
_JPEGS = {"JPEG", "MPO"}
# What follows an FF: nothing of a picture's own data, nor a sign without a body.
_SEGMENT = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE = b"\xda", b"\xd9"
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


def clean(original: bytes) -> bytes:
    """Return ``original`` redrawn as a JPEG that holds pixels and nothing else.

    Raises:
        Exception: whatever a decoder raises on a picture that is broken, foreign or too large.
    """
    with Image.open(io.BytesIO(original), formats=FORMATS) as image:
        scans = _scans(original) if image.format in _JPEGS else 0
        _check_work(image.width * image.height, scans)
        size = _fitting(image.size)
        if scans:
            image.draft(None, size)
        image.load()
        turn = _TURNS.get(_orientation(image))
        # Turning comes after shrinking: the same picture for a fraction of the memory.
        small = _on_white(_shrunk(image, size))
    if turn is not None:
        small = small.transpose(turn)
    # Copied from raw pixels, so that nothing which hung on the old image can follow.
    redrawn = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    redrawn.save(out, format="JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _check_work(pixels: int, scans: int) -> None:
    """Refuse what would take long: a picture without ``scans`` is no JPEG."""
    if pixels * scans > SCANNED_PIXELS or (not scans and pixels > OTHER_PIXELS):
        raise Image.DecompressionBombError


def _scans(jpeg: bytes) -> int:
    """Count the scans of a file's first picture; what follows its end is not drawn.

    A segment's body is passed over: it may hold a small picture of its own.
    """
    scans, found = 0, _SEGMENT.search(jpeg)
    while found is not None and found[1] != _END_OF_IMAGE:
        scans += found[1] == _START_OF_SCAN
        length = int.from_bytes(jpeg[found.end() : found.end() + 2])
        found = _SEGMENT.search(jpeg, found.end() + length)
    return scans


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """Return ``size`` scaled so that the longer side is at most ``LONGEST_SIDE``."""
    longest = max(size)
    if longest <= LONGEST_SIDE:
        return size
    width, height = (max(1, round(side * LONGEST_SIDE / longest)) for side in size)
    return width, height


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1 when there is none or it cannot be read."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - hostile EXIF may raise anything; the pixels are still good
        return 1


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return ``image`` in plain 8-bit colour, at most ``size``."""
    if image.mode.startswith("I;16"):
        # ``convert`` alone would clip everything but the darkest greys to white.
        image = image.point(lambda level: level / 256).convert("L")  # pyright: ignore[reportUnknownMemberType]
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode not in {"L", "LA", "RGB", "RGBA"}:
        image = image.convert("RGBA" if image.mode in {"PA", "La", "RGBa"} else "RGB")
    if image.size == size:
        return image
    resample = Image.Resampling.LANCZOS
    return image.resize(size, resample, reducing_gap=2.0)  # pyright: ignore[reportUnknownMemberType]


def _on_white(image: Image.Image) -> Image.Image:
    """Return ``image`` as RGB; what was see-through becomes white, as on a phone's screen."""
    if "A" not in image.mode:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, image).convert("RGB")


def _limit(memory: int) -> None:  # pragma: no cover
    """Give up memory beyond ``memory`` bytes, files, core dumps and new privileges for good."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, AttributeError):  # Linux only; a piped core pattern ignores RLIMIT_CORE
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _prepare() -> None:  # pragma: no cover
    """Load and warm the decoders, then close the door to new files and sockets."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = JPEG_PIXELS
    pillow_heif.register_heif_opener(  # pyright: ignore[reportUnknownMemberType]
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    for name in ("JPEG", "PNG", "WEBP"):
        sample = io.BytesIO()
        Image.new("RGB", (8, 8)).save(sample, format=name)
        clean(sample.getvalue())
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _allow_processor_time(seconds: int) -> None:  # pragma: no cover
    """Let the coming picture use ``seconds`` more; the kernel ends the process beyond that."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _serve(requests: BinaryIO, answers: BinaryIO, seconds: int) -> None:
    """Answer until the other side closes the pipe."""
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        _allow_processor_time(seconds)
        status, jpeg = _judge(requests.read(LENGTH.unpack(head)[0]))
        answers.write(status + LENGTH.pack(len(jpeg)) + jpeg)
        answers.flush()
        del jpeg  # a picture does not stay in memory until the next one comes


def _judge(original: bytes) -> tuple[bytes, bytes]:
    try:
        return CLEAN, clean(original)
    except MemoryError:
        sys.exit(1)  # a fresh process is better than one with holes
    except Exception:  # noqa: BLE001 - a decoder may raise anything, and none of it may be said
        return BAD, b""


def main() -> None:  # pragma: no cover
    """Run: ``media_worker.py MEMORY_BYTES PROCESSOR_SECONDS``."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    _limit(memory)
    _prepare()
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    _serve(sys.stdin.buffer, sys.stdout.buffer, seconds)


if __name__ == "__main__":
    main()
