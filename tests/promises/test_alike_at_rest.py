"""Whoever holds the database cannot tell named tips from others, nor, after a night, their order.

Sizes, numbers of rows and key ids are the same; and where rows stand in SQLite's file, or in
PostgreSQL's own columns, follows nothing. What storage by itself guarantees is proven in
tests/storage; here real tips come through the real doors.
"""

import random
import subprocess
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from intake.drafts import MAX_TEXT, TipDraft
from storage.database import Database
from storage.statements import table_of
from storage.tables import Part, Tip, Wrap
from tests.running.house import House
from tests.running.people import Chat, Visitor, tell
from tests.storage.forensics import spearman
from tests.storage.test_rewriting import SYSTEM_COLUMNS, system_places, tied_spearman
from tests.wards import WARD_AREA, Ward

OpenHouse = Callable[..., House]
WORDS = "bán ma tuý ở quán nước đầu ngõ"
NAME = "Nguyễn Thị Mẫu, 0912 345 678, nhà số 5"
TIPS = 120
SEALED = ("lookup", "reply_key", "headline_sealed", "identity_sealed")
TIP, PART, WRAP = (table_of(each) for each in (Tip, Part, Wrap))


def shape_of(ward: Ward, tip_id: bytes) -> dict[str, Any]:
    """Return what can be told of a tip without a key: values in clear, sizes, headers."""
    with ward.intake.read() as view:
        connection = view.connection
        tip = connection.execute(select(TIP).where(TIP.c.id == tip_id)).mappings().one()
        parts = connection.execute(select(PART).where(PART.c.tip_id == tip_id)).mappings().all()
        ids = [part["id"] for part in parts]
        wraps = connection.execute(select(WRAP).where(WRAP.c.part_id.in_(ids))).mappings().all()
    clear = {name: value for name, value in tip.items() if name not in ("id", *SEALED)}
    return {
        "clear": clear,
        "sizes": {name: len(tip[name]) for name in SEALED},
        "headers": {name: bytes(tip[name][:4]) for name in SEALED[2:]},
        "identity's key": bytes(tip["identity_sealed"][4:12]),
        "parts": sorted(len(part["body_sealed"]) for part in parts),
        "releases": {part["release_at"] for part in parts},
        "wraps": sorted((bytes(w["key_id"]), len(w["wrap_sealed"])) for w in wraps),
    }


def newest(ward: Ward, known: set[bytes]) -> bytes:
    with ward.intake.read() as view:
        (tip_id,) = {row.id for row in view.tips.open_tips_of("phuong", limit=1000)} - known
    known.add(tip_id)
    return tip_id


def test_a_named_tip_looks_like_any_other(open_house: OpenHouse, quick_database: Database) -> None:
    house, known = open_house("real", quick_database), set[bytes]()
    shapes: list[dict[str, Any]] = []
    for number, contact in enumerate((None, "x2", NAME, "Đ" * 190)):
        chat = Chat(house, 7_391_845_026_170 + number)
        tell(chat, WORDS)
        if contact:
            chat.taps("Nhờ bảo vệ", "Để lại liên hệ").says(contact)
        chat.taps("Gửi", "Đã chép xong")
        shapes.append(shape_of(house.ward, newest(house.ward, known)))
    visitor = Visitor(house)
    visitor.writes(what=WORDS, where="số 5 ngõ 12", when="Hay buổi tối")
    visitor.presses("Gửi")
    visitor.presses("Đã chép xong")
    shapes.append(shape_of(house.ward, newest(house.ward, known)))
    assert shapes == [shapes[0]] * len(shapes)
    assert {name: house.count(name) for name in ("draft", "draft_photo", "stop_request")} == {
        "draft": 0, "draft_photo": 0, "stop_request": 0,
    }  # fmt: skip


def test_texts_of_a_similar_length_have_one_size_and_headlines_and_identities_only_one(
    ward: Ward,
) -> None:
    known, parts, others = set[bytes](), Counter[int](), set[tuple[int, ...]]()
    for length in (1, 20, 90, 140, 900, 2_000, 3_900, MAX_TEXT - 30):
        ward.send(what="x" * length, contact="y" * (length % 400) or None)
        shape = shape_of(ward, newest(ward, known))
        (size,) = shape["parts"]
        parts[size] += 1
        others.add((*shape["sizes"].values(), *(wrap[1] for wrap in shape["wraps"])))
    assert len(others) == 1
    assert len(parts) <= 5
    assert max(parts.values()) >= 3


def test_the_same_tip_twice_shares_no_bytes(ward: Ward) -> None:
    draft = TipDraft(what=WORDS, area_id=WARD_AREA, contact=NAME)
    one, two = (ward.tips.prepare(draft) for _ in range(2))
    for name in ("id", *SEALED):
        first, second = getattr(one.tip, name), getattr(two.tip, name)
        assert first[-16:] != second[-16:], name
        assert len(first) == len(second), name
    for (_, first), (_, second) in zip(one.part.wraps, two.part.wraps, strict=True):
        assert first[-16:] != second[-16:]


# --- the order of arrival -------------------------------------------------------------------------


def arrive(ward: Ward) -> list[bytes]:
    """Let tips of every kind come, each in a commit of its own; return their ids in order."""
    known: set[bytes] = set()
    order: list[bytes] = []
    for number in range(TIPS):
        what = f"{WORDS} {'và nữa ' * random.randrange(320, 380)}"
        ward.send(what=what, contact=NAME if number % 3 == 0 else None, conflict="no")
        order.append(newest(ward, known))
    return order


def places_in_the_file(database: Database, ids: list[bytes]) -> dict[str, list[int]]:
    """Where the sealed bytes of each tip stand in SQLite's file."""
    database.checkpoint()
    assert database.path is not None
    data = subprocess.run(["cat", database.path], capture_output=True, check=True).stdout
    with database.read() as view:
        asking = (select(TIP.c.id, TIP.c.identity_sealed), select(PART.c.id, PART.c.body_sealed),
                  select(WRAP.c.part_id, WRAP.c.wrap_sealed))  # fmt: skip
        tips, parts, wraps = (
            {bytes(key): bytes(sealed) for key, sealed in view.connection.execute(query)}
            for query in asking
        )
    return {
        "tip": [data.index(tips[each][-24:]) for each in ids],
        "part": [data.index(parts[each][-24:]) for each in ids],
        "wrap": [data.index(wraps[each][-24:]) for each in ids],
    }


def test_after_the_night_sqlites_file_does_not_tell_the_order_of_a_day(
    furnished_ward_on_sqlite: Ward,
) -> None:
    ward = furnished_ward_on_sqlite
    database, numbers = ward.intake.database, range(TIPS)
    ids = arrive(ward)
    for kind, before in places_in_the_file(database, ids).items():
        assert spearman(before, numbers) > 0.8, kind
    assert database.rewrite_day().clean
    for kind, after in places_in_the_file(database, ids).items():
        assert abs(spearman(after, numbers)) < 0.4, kind


@pytest.mark.postgres
def test_after_the_night_postgresqls_own_columns_do_not_tell_the_order_of_a_day(
    furnished_ward_on_postgres: Ward,
) -> None:
    ward = furnished_ward_on_postgres
    database = ward.intake.database
    ids = arrive(ward)
    assert spearman(system_places(database, "transactions", ids), range(TIPS)) > 0.9
    assert database.rewrite_day().clean
    for what in SYSTEM_COLUMNS:
        assert abs(tied_spearman(system_places(database, what, ids), ids)) < 0.4, what


def test_no_moment_finer_than_a_minute_stands_beside_a_tip(ward: Ward) -> None:
    """Nor a number that grows: what is in clear of a quiet day's tips is the same for all."""
    known: set[bytes] = set()
    clear: list[dict[str, Any]] = []
    for _ in range(5):
        ward.clock.advance(seconds=7)
        ward.send(what=WORDS)
        clear.append(shape_of(ward, newest(ward, known))["clear"])
    assert all(each == clear[0] for each in clear)
    assert clear[0]["release_at"].second == 0
