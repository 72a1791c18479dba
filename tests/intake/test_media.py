"""Pictures from strangers: what comes back, and what is refused."""

import io
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator

import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from intake import media_worker
from intake.errors import BadPicture
from intake.media import PictureCleaner, PictureLimits

pytestmark = pytest.mark.anyio
MARK = "Nguyễn-Thị-Mốc-21.0285"
RED, BLUE, WHITE = (220, 20, 20), (20, 20, 220), (255, 255, 255)
GREEN = (0, 255, 0)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def cleaner() -> AsyncIterator[PictureCleaner]:
    cleaner = PictureCleaner(workers=1)
    await cleaner.start()
    yield cleaner
    await cleaner.stop()


def half_red_half_blue(size: tuple[int, int] = (80, 40), mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    if kind == "HEIF":
        heif = pillow_heif.from_pillow(image)
        heif.save(out, quality=90, **options)
    else:
        image.save(out, kind, **options)
    return out.getvalue()


def full_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x013B] = MARK  # artist
    exif[0x010E] = MARK  # description
    exif[0x0110] = MARK  # camera
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + MARK.encode("utf-16-le")
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.6), 3: "E", 4: (105.0, 51.0, 15.0)})
    return exif


def marked_png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", MARK)
    text.add_itxt("Author", MARK, zip=True)
    text.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{MARK}</x:xmpmeta>")
    icc = b"\0" * 36 + b"acsp" + MARK.encode() * 8
    return encoded(half_red_half_blue(), "PNG", pnginfo=text, icc_profile=icc, exif=full_exif())


def marked(kind: str) -> bytes:
    if kind == "PNG":
        return marked_png()
    xmp = f"<x:xmpmeta>{MARK}</x:xmpmeta>".encode()
    icc = b"\0" * 36 + b"acsp" + MARK.encode() * 8
    image = half_red_half_blue()
    if kind == "HEIF":
        return encoded(image, kind, exif=full_exif().tobytes(), xmp=xmp)
    options: dict[str, object] = {"exif": full_exif(), "xmp": xmp, "icc_profile": icc}
    if kind == "JPEG":
        options["comment"] = MARK.encode()
    return encoded(image, kind, **options)


def segments(jpeg: bytes) -> list[int]:
    """The marker of every JPEG segment before the scan."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return found


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    image.load()
    return image


def png_bomb(side: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    squeeze = zlib.compressobj(9)
    body = b"".join(squeeze.compress(bytes(1_000_000)) for _ in range(40)) + squeeze.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
async def test_nothing_but_pixels_survives(cleaner: PictureCleaner, kind: str) -> None:
    dirty = marked(kind)
    assert b"Exif" in dirty or b"eXIf" in dirty or b"EXIF" in dirty
    jpeg = await cleaner.clean(dirty)
    for mark in (MARK.encode(), MARK.encode("utf-16-le"), MARK.encode("utf-16-be"), b"21.0285"):
        assert mark not in jpeg
    for word in (b"Exif", b"http", b"xmp", b"acsp", b"ICC_PROFILE", b"Photoshop", b"GPS"):
        assert word not in jpeg
    # JFIF header, tables, frame: no other application segment and no comment (0xFE).
    assert set(segments(jpeg)) <= {0xE0, 0xDB, 0xC0, 0xC4}
    image = opened(jpeg)
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    assert near(image.getpixel((10, 20)), RED)
    assert near(image.getpixel((70, 20)), BLUE)


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (80, 40), (10, 20)),
        (2, (80, 40), (70, 20)),
        (3, (80, 40), (70, 20)),
        (4, (80, 40), (10, 20)),
        (5, (40, 80), (20, 10)),
        (6, (40, 80), (20, 10)),
        (7, (40, 80), (20, 70)),
        (8, (40, 80), (20, 70)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_turned_upright(
    cleaner: PictureCleaner,
    kind: str,
    orientation: int,
    size: tuple[int, int],
    red: tuple[int, int],
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(await cleaner.clean(encoded(half_red_half_blue(), kind, exif=exif)))
    assert image.size == size
    assert near(image.getpixel(red), RED)


async def test_hostile_exif_does_not_spoil_a_good_picture(cleaner: PictureCleaner) -> None:
    dirty = encoded(
        half_red_half_blue(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 90
    )
    assert opened(await cleaner.clean(dirty)).size == (80, 40)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGBA", "I;16"], ids=lambda mode: mode.replace(";", "_")
)
async def test_every_kind_of_png_becomes_plain_colour(cleaner: PictureCleaner, mode: str) -> None:
    if mode == "I;16":
        source = Image.new("I;16", (80, 40), 65_535)
    else:
        source = Image.new("RGB", (80, 40), WHITE).convert(mode)
    image = opened(await cleaner.clean(encoded(source, "PNG")))
    assert near(image.getpixel((40, 20)), WHITE)


async def test_four_ink_jpegs_are_taken(cleaner: PictureCleaner) -> None:
    image = opened(await cleaner.clean(encoded(half_red_half_blue(mode="CMYK"), "JPEG")))
    assert near(image.getpixel((10, 20)), RED)


async def test_what_is_see_through_becomes_white(cleaner: PictureCleaner) -> None:
    glass = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image = opened(await cleaner.clean(encoded(glass, "PNG")))
    assert near(image.getpixel((20, 20)), WHITE)


async def test_a_large_picture_shrinks_and_a_small_one_does_not_grow(
    cleaner: PictureCleaner,
) -> None:
    tall = encoded(half_red_half_blue((1500, 6000)), "JPEG")
    assert opened(await cleaner.clean(tall)).size == (640, 2560)
    sliver = encoded(half_red_half_blue((6000, 1)), "PNG")
    assert opened(await cleaner.clean(sliver)).size == (2560, 1)
    small = encoded(half_red_half_blue((30, 20)), "WEBP")
    assert opened(await cleaner.clean(small)).size == (30, 20)


async def test_a_phone_with_108_megapixels_fits_into_little_memory() -> None:
    huge = encoded(Image.new("L", (12_000, 9_000), 128), "JPEG")
    cleaner = PictureCleaner(workers=1, limits=PictureLimits(memory=200 * 1024 * 1024))
    await cleaner.start()
    try:
        assert opened(await cleaner.clean(huge)).size == (2560, 1920)
    finally:
        await cleaner.stop()


async def test_a_jpeg_in_many_scans_is_taken_while_it_is_little_work(
    cleaner: PictureCleaner,
) -> None:
    assert opened(await cleaner.clean(jpeg_of_scans(0))).size == (2560, 2560)
    assert opened(await cleaner.clean(jpeg_of_scans(100))).size == (2560, 2560)


@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_scans_are_counted_in_the_picture_and_not_behind_or_inside_its_notes(kind: str) -> None:
    notes = half_red_half_blue().getexif()
    notes[0x010E] = "x" * 40  # a description, in place of which a small picture might stand
    picture = encoded(half_red_half_blue((90, 90)), kind, progressive=True, exif=notes)
    scans = media_worker._scans(picture)
    assert 5 <= scans <= 20
    moving = picture.replace(b"x" * 40, b"\xff\xd8\xff\xda\x00\x08\xff\xd9" * 5)
    assert media_worker._scans(moving + b"\xff\xda" * 9_000) == scans
    assert media_worker._scans(picture[: len(picture) // 2]) < scans
    assert media_worker._scans(b"\xff\xd8\xff") == 0


async def test_two_pictures_in_one_file_give_the_first(cleaner: PictureCleaner) -> None:
    # Phones write such files (MPO); Pillow opens them under another name than JPEG.
    double = encoded(
        half_red_half_blue(),
        "MPO",
        save_all=True,
        append_images=[Image.new("RGB", (80, 40), GREEN)],
    )
    image = opened(await cleaner.clean(double))
    assert near(image.getpixel((10, 20)), RED)


async def test_a_zip_hidden_behind_a_jpeg_is_gone(cleaner: PictureCleaner) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("hidden.html", f"<script>{MARK}</script>")
    polyglot = encoded(half_red_half_blue(), "JPEG") + archive.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(polyglot))
    jpeg = await cleaner.clean(polyglot)
    assert not zipfile.is_zipfile(io.BytesIO(jpeg))
    assert b"PK\x03\x04" not in jpeg
    assert jpeg.endswith(b"\xff\xd9")


def truncated() -> bytes:
    whole = encoded(Image.effect_noise((600, 400), 90).convert("RGB"), "JPEG")
    return whole[: len(whole) // 2]


def jpeg_of_scans(more: int) -> bytes:
    """A small file that goes over nine megapixels again and again."""
    whole = encoded(Image.new("RGB", (3_000, 3_000), GREEN), "JPEG", progressive=True)
    table = whole.rfind(b"\xff\xc4")  # the last scan begins with its table
    return whole[:-2] + whole[table:-2] * more + whole[-2:]


def moving_gif() -> bytes:
    frames = [Image.new("P", (20, 20), shade) for shade in range(3)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"not a picture",
        b"\xff\xd8\xff",
        b"%PDF-1.7 " + bytes(500),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        truncated(),
        moving_gif(),
        encoded(half_red_half_blue(), "BMP"),
        encoded(half_red_half_blue(), "TIFF"),
        encoded(half_red_half_blue(), "ICO"),
        encoded(half_red_half_blue(), "HEIF")[:600],
        png_bomb(60_000),
        png_bomb(11_000),
        png_bomb(7_500),
        jpeg_of_scans(2_000),
    ],
    ids=[
        *("empty", "text", "head_only", "pdf", "svg", "truncated_jpeg", "gif", "bmp", "tiff"),
        *("ico", "truncated_heif", "png_3600_mpx", "png_121_mpx", "png_56_mpx", "jpeg_2010_scans"),
    ],
)
async def test_what_is_no_picture_or_too_large_is_refused_and_the_next_one_is_taken(
    cleaner: PictureCleaner, bad: bytes
) -> None:
    with pytest.raises(BadPicture) as refusal:
        await cleaner.clean(bad)
    assert refusal.value.__cause__ is None
    assert (await cleaner.clean(encoded(half_red_half_blue(), "JPEG")))[:2] == b"\xff\xd8"


async def test_fifty_megabytes_are_refused_without_being_sent_to_a_decoder() -> None:
    cleaner = PictureCleaner(workers=1)  # not even started: there is nobody to send them to
    with pytest.raises(BadPicture):
        await cleaner.clean(encoded(half_red_half_blue(), "JPEG") + bytes(50 * 1024 * 1024))


async def test_a_picture_that_needs_too_much_memory_costs_only_its_decoder() -> None:
    cleaner = PictureCleaner(workers=1, limits=PictureLimits(memory=150 * 1024 * 1024))
    await cleaner.start()
    try:
        big = encoded(Image.new("RGB", (6_000, 6_000)), "PNG", compress_level=1)
        with pytest.raises(BadPicture):
            await cleaner.clean(big)
        assert await cleaner.clean(encoded(half_red_half_blue(), "JPEG"))
    finally:
        await cleaner.stop()


# --- the same decoder in this process, for the reader of coverage and of failures -----------------


def test_frames_go_in_and_out_until_the_pipe_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_worker, "_allow_processor_time", int)
    pillow_heif.register_heif_opener()
    good, bad = encoded(half_red_half_blue(), "JPEG"), b"not a picture"
    requests = b"".join(media_worker.LENGTH.pack(len(one)) + one for one in (good, bad))
    answers = io.BytesIO()
    media_worker._serve(io.BytesIO(requests), answers, 10)
    said = answers.getvalue()
    size = media_worker.LENGTH.unpack(said[1:5])[0]
    assert said[:1] == media_worker.CLEAN
    assert opened(said[5 : 5 + size]).size == (80, 40)
    assert said[5 + size :] == media_worker.BAD + bytes(4)


def test_a_decoder_out_of_memory_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def starve(original: bytes) -> bytes:
        raise MemoryError

    monkeypatch.setattr(media_worker, "clean", starve)
    with pytest.raises(SystemExit):
        media_worker._judge(b"")


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("size", [(30, 20), (3000, 20)])
def test_any_mode_and_size_is_redrawn(mode: str, size: tuple[int, int]) -> None:
    image = Image.new("I;16", size, 65_535) if mode == "I;16" else half_red_half_blue(size, mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    redrawn = opened(media_worker.clean(encoded(image, kind)))
    assert max(redrawn.size) == min(2560, max(size))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_any_turn_is_undone_and_a_strange_one_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = encoded(half_red_half_blue(), "JPEG", exif=exif)
    expected = (80, 40) if orientation < 5 else (40, 80)
    assert opened(media_worker.clean(turned)).size == expected


def test_exif_that_raises_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def hostile(image: Image.Image) -> None:
        raise RecursionError

    monkeypatch.setattr(Image.Image, "getexif", hostile)
    assert opened(media_worker.clean(encoded(half_red_half_blue(), "WEBP"))).size == (80, 40)


def test_only_jpegs_may_have_as_many_pixels_as_a_phone_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(media_worker, "OTHER_PIXELS", 80 * 40 - 1)
    assert media_worker.clean(encoded(half_red_half_blue(), "JPEG"))
    with pytest.raises(Image.DecompressionBombError):
        media_worker.clean(encoded(half_red_half_blue(), "PNG"))
