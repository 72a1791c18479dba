"""The form reader: any cut of the body, nothing on disk, nothing repeated."""

import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from bot.forms import Form, read_form
from bot.guard import WORDS_ONLY
from intake.errors import NotValid

pytestmark = pytest.mark.anyio
LARGEST = 100


async def _read(
    body: bytes, content_type: str, largest: int = LARGEST, *, words_only: bool = False
) -> Form:
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", content_type.encode())]
    scope = {"type": "http", "headers": headers, WORDS_ONLY: words_only}
    return await read_form(Request(scope, receive), largest)


def _part(name: str, data: bytes, file: str | None = None) -> bytes:
    extra = f'; filename="{file}"\r\nContent-Type: image/jpeg' if file is not None else ""
    head = f'Content-Disposition: form-data; name="{name}"{extra}'
    return b"--B\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n"


MULTIPART = "multipart/form-data; boundary=B"


async def test_fields_and_pictures_are_read() -> None:
    body = (
        _part("what", "chữ\r\nhai".encode()) + _part("photo", b"\x00\r\n--", "a.jpg") + b"--B--\r\n"
    )
    form = await _read(body, MULTIPART)
    assert form.fields == {"what": "chữ\r\nhai"}
    assert form.pictures == (b"\x00\r\n--",)


async def test_the_first_value_of_a_name_wins_and_empty_file_fields_are_nothing() -> None:
    body = _part("a", b"1") + _part("a", b"2") + _part("photo", b"", "") + b"--B--"
    form = await _read(body, MULTIPART)
    assert (form.get("a"), form.get("b"), form.pictures) == ("1", "", ())


async def test_pictures_over_size_are_left_out_and_counted() -> None:
    pictures = b"".join(_part("photo", b"x" * size, "p") for size in (101, 5, 5, 5))
    form = await _read(pictures + b"--B--", MULTIPART)
    assert (len(form.pictures), form.too_large) == (3, 1)


async def test_of_a_form_that_was_cut_the_words_before_the_files_are_read() -> None:
    words = _part("token", b"1") + _part("what", "chữ".encode())
    whole = words + _part("photo", b"x" * 50, "p") + _part("go", b"send") + b"--B--"
    for end in range(len(words) + 4, len(whole)):
        form = await _read(whole[:end], MULTIPART, words_only=True)
        assert form == Form({"token": "1", "what": "chữ"}, words_only=True)


async def test_a_plain_form_is_read() -> None:
    form = await _read(b"a=%C4%91+1&b=&a=2", "application/x-www-form-urlencoded; charset=utf-8")
    assert form.fields == {"a": "đ 1", "b": ""}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data"),
        (b"", MULTIPART),
        (_part("a", b"1"), MULTIPART),
        (_part("a", b"1") + b"--B", MULTIPART),
        (b"--B\r\nno headers\r\n--B--", MULTIPART),
        (b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--", MULTIPART),
        (b"--B\r\n" + b"x" * 5000 + b"\r\n\r\nx\r\n--B--", MULTIPART),
        (_part("a", b"x" * 70_000) + b"--B--", MULTIPART),
        (_part("a", b"1") * 60 + b"--B--", MULTIPART),
        (b"a=" + "đ".encode(), "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(100)), "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"a=1", ""),
    ],
)
async def test_what_is_no_form_is_refused_without_repeating_it(
    body: bytes, content_type: str
) -> None:
    with pytest.raises(NotValid) as refusal:
        await _read(body, content_type)
    assert len(str(refusal.value)) < 40


@given(st.binary(max_size=400), st.binary(max_size=60))
def test_no_bytes_whatever_do_more_than_be_refused(noise: bytes, data: bytes) -> None:
    import anyio

    async def run() -> None:
        for body in (noise, b"--B\r\n" + noise + b"\r\n--B--", _part("a", data) + noise):
            try:
                await _read(body, MULTIPART)
            except NotValid:
                continue

    anyio.run(run)


@given(st.binary(max_size=2_000).filter(lambda data: b"\r\n--B" not in data))
def test_a_pictures_bytes_arrive_unchanged(data: bytes) -> None:
    import anyio

    async def run() -> None:
        body = _part("photo", data, "x") + b"--B--"
        form = await _read(body, MULTIPART, 10_000)
        assert form.pictures == ((data,) if data else ())

    anyio.run(run)


async def test_a_large_picture_never_touches_a_disk(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    body = _part("photo", b"x" * 5_000_000, "p") + b"--B--"
    form = await _read(body, MULTIPART, 6_000_000)
    assert len(form.pictures[0]) == 5_000_000
    assert list(tmp_path.iterdir()) == []
    assert "xxx" not in repr(form)
