"""What is blanked in a sentence of ours, should it ever stand there."""

import logging

import pytest

from intake import logs

TOKEN = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9"
CHAT = "5550123456"
CODE = "1234 5678 9012 3456 7890 1234"
PHONE = "0912.345.678"
ADDRESS = "203.0.113.77"


@pytest.mark.parametrize(
    "text",
    [
        f"bot{TOKEN}/getMe",
        TOKEN,
        TOKEN.replace(":", "%3A"),
        CODE,
        CODE.replace(" ", ""),
        CODE.replace(" ", "-"),
        PHONE,
        "+84 912 345 678",
        "-1001234567890",
        CHAT,
        ADDRESS,
        "１２３４５６７８",
    ],
)
def test_digits_that_may_be_a_person_are_blanked(text: str) -> None:
    assert not any(
        part in logs.redact(f"x {text} y") for part in ("123", "345", "203", "１２", "AAHd")
    )


def test_small_numbers_and_words_are_left_alone() -> None:
    assert logs.redact("port 8080, status 503, in 12.5 s") == "port 8080, status 503, in 12.5 s"


def test_a_configured_secret_is_blanked_in_its_url_form_too() -> None:
    sentence = "proxy http://u:pa%2Fss%20w%C3%B6rd@host and pa/ss wörd"
    record = logging.makeLogRecord({"name": "homthu", "levelno": logging.WARNING, "msg": sentence})
    assert logs.RedactingFilter(["pa/ss wörd\n", ""]).filter(record)
    assert record.msg == "proxy http://u:[secret]@host and [secret]"
