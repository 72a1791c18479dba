"""An unknown code, an erased tip's and one without news: equal answers at every door, over HTTP.

The page is compared with all its headers, the phone and Telegram with everything that is sent to
them; and below the doors the same statements are asked of the database and the same keys are tried.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from intake.vault import answers, envelope
from storage.database import Database
from tests.running.house import House
from tests.running.people import Chat, Handset, Visitor

OpenHouse = Callable[..., House]
RANDOM = re.compile(rb'(name="(?:token|choice)" value=")[^"]+')
NONCE = re.compile(r'(?<="callback_data": ")[^"]+')


def codes_of(house: House) -> dict[str, str]:
    """Return a code that nobody has, one of an erased tip, one of a tip without news."""
    ward = house.ward
    quiet, gone = ward.send(what="chưa ai đọc"), ward.send(what="sẽ bị xoá")
    lookup = answers.derive(gone, ward.foundation.salt(), ward.foundation.code_cost()).lookup
    with ward.intake.read() as view:
        row = view.tips.by_lookup(lookup)
    assert row is not None
    ward.intake.write_now(lambda tx: tx.tips.erase(row.id))
    return {"unknown": ward.pool.take().code, "erased": gone, "quiet": quiet}


def test_the_page_gives_them_one_answer_headers_and_length_included(
    open_house: OpenHouse, quick_database: Database
) -> None:
    house = open_house("real", quick_database, telegram=False)
    seen: dict[str, tuple[Any, ...]] = {}
    for name, code in codes_of(house).items():
        visitor = Visitor(house)
        page = visitor.asks(code)
        answer = page.response
        assert "Chưa có gì mới cho mã này" in page.text
        body = RANDOM.sub(rb"\1", answer.content)
        lengths = [len(found) for found in RANDOM.findall(answer.content)]
        seen[name] = (answer.status_code, answer.headers.raw, body, lengths, len(answer.content))
        visitor.presses("Xong")
    assert all(each == seen["quiet"] for each in seen.values())


def test_the_demo_phone_gives_them_one_answer(
    open_house: OpenHouse, quick_database: Database
) -> None:
    house = open_house("demo", quick_database, telegram=False)
    seen: dict[str, list[Any]] = {}
    for name, code in codes_of(house).items():
        phone = Handset(house)
        phone.says(f"/xem {code}")
        said = [message for message in phone.screen if message["from"] == "bot"]
        seen[name] = [(m["text"], [b["label"] for b in m["buttons"]]) for m in said]
    assert "Chưa có gì mới cho mã này" in str(seen["quiet"])
    assert all(each == seen["quiet"] for each in seen.values())


def test_telegram_is_told_the_same_for_all_of_them(
    open_house: OpenHouse, quick_database: Database
) -> None:
    house = open_house("real", quick_database)
    seen: dict[str, list[Any]] = {}
    for number, (name, code) in enumerate(codes_of(house).items()):
        chat = Chat(house, 7_391_845_026_170 + number)
        before = len(chat.server.calls)
        chat.says("/xem", code).taps("Xong")
        calls = [(call.method, dict(call.fields)) for call in chat.server.calls[before:]]
        seen[name] = [
            (method, fields | {"chat_id": "…"}) for method, fields in calls if method != "getMe"
        ]
    stories = {name: NONCE.sub("…", repr_of(calls)) for name, calls in seen.items()}
    assert "Chưa có gì mới cho mã này" in stories["quiet"]
    assert all(each == stories["quiet"] for each in stories.values())


def repr_of(calls: list[Any]) -> str:
    """Return calls as text, without the numbers of messages, which count up."""
    import json

    told = [
        (method, {k: v for k, v in fields.items() if k not in ("message_ids", "callback_query_id")})
        for method, fields in calls
    ]
    return json.dumps(told, ensure_ascii=False)


@contextmanager
def watched(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note every derivation, every statement that is read with, every key that is tried."""
    steps: list[str] = []
    engine = house.ward.intake.database._reads

    def asked(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        steps.append(re.sub(r"\([^()]*\)", "()", " ".join(statement.split())))

    def noting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **named: Any) -> Any:
            steps.append(name)
            return real(*args, **named)

        return noted

    event.listen(engine, "before_cursor_execute", asked)
    with monkeypatch.context() as patch:
        patch.setattr(answers, "derive", noting("derive", answers.derive))
        opening = envelope.OpeningKey
        patch.setattr(opening, "open", noting("open with a seed", opening.open))
        patch.setattr(answers, "open_under", noting("open under a key", answers.open_under))
        try:
            yield steps
        finally:
            event.remove(engine, "before_cursor_execute", asked)


def test_all_of_them_take_the_same_path(
    open_house: OpenHouse, quick_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house("real", quick_database, telegram=False)
    codes = codes_of(house)
    house.call(house.ward.follow_up.look_up(codes["quiet"]))  # the decoy is made once a process
    paths: dict[str, list[str]] = {}
    for name, code in codes.items():
        with watched(house, monkeypatch) as steps:
            house.call(house.ward.follow_up.look_up(code))
        paths[name] = steps
    assert paths["quiet"].count("derive") == 1
    assert paths["quiet"].count("open with a seed") == 1
    assert len(paths["quiet"]) > 4
    assert all(each == paths["quiet"] for each in paths.values()), paths
