"""Named and anonymous tips look alike at rest, and the night takes the order of arrival away."""

from sqlmodel import SQLModel

from intake.drafts import TipDraft
from tests.wards import WARD_AREA, Ward

CONTACT = "Nguyễn Văn Mẫu, 0912 000 000"


def shape(ward: Ward, draft: TipDraft) -> tuple[object, ...]:
    """Return everything that a thief could compare without a key: sizes, counts, key ids."""
    prepared = ward.tips.prepare(draft)
    tip = prepared.tip._asdict()
    sizes = {name: len(value) for name, value in tip.items() if isinstance(value, bytes)}
    plain = {
        name: value
        for name, value in tip.items()
        if name not in {"id", "lookup", "reply_key", "headline_sealed", "identity_sealed"}
    }
    wraps = [(key_id, len(wrap)) for key_id, wrap in prepared.part.wraps]
    return sizes, plain, wraps, len(prepared.part.body_sealed), len(prepared.photo_wraps)


def test_a_named_tip_has_the_shape_of_an_anonymous_one(ward: Ward) -> None:
    draft = TipDraft(what="bán ma tuý ở ngõ 12", area_id=WARD_AREA)
    anonymous = shape(ward, draft)
    for contact in ("", "a", CONTACT, "ă" * 100):
        assert shape(ward, draft.model_copy(update={"contact": contact or None})) == anonymous


def test_texts_of_one_size_class_cannot_be_told_apart_by_size(ward: Ward) -> None:
    short = shape(ward, TipDraft(what="bán", area_id=WARD_AREA))
    longer = shape(ward, TipDraft(what="bán ma tuý " + "x" * 60, area_id=WARD_AREA))
    assert short[0] == longer[0]
    assert short[3] == longer[3]


def test_the_same_tip_twice_shares_no_bytes(ward: Ward) -> None:
    draft = TipDraft(what="bán ma tuý", area_id=WARD_AREA, contact=CONTACT)
    one, two = ward.tips.prepare(draft), ward.tips.prepare(draft)
    for name in ("id", "lookup", "reply_key", "headline_sealed", "identity_sealed"):
        first, second = getattr(one.tip, name), getattr(two.tip, name)
        assert first != second
        assert first[40:72] != second[40:72] or len(first) < 72


def positions(ward: Ward) -> list[int]:
    """Return, per tip in order of its id, where its bytes stand (file offset or tuple place)."""
    table = SQLModel.metadata.tables["tip"]
    with ward.intake.read() as view:
        rows = view.connection.execute(table.select().order_by(table.c.id)).mappings()
        blobs = [row["headline_sealed"] for row in rows]
    path = ward.intake.database.path
    if path is None:
        return _tuple_places(ward)
    raw = path.read_bytes()
    found = [raw.find(blob[40:104]) for blob in blobs]
    assert all(place >= 0 for place in found)
    assert all(
        raw.find(blob[40:104], place + 1) < 0 for blob, place in zip(blobs, found, strict=True)
    )
    return found


def _tuple_places(ward: Ward) -> list[int]:
    from sqlalchemy import text

    with ward.intake.read() as view:
        rows = view.connection.execute(
            text("SELECT ctid::text, xmin::text FROM tip ORDER BY id")
        ).all()
    assert len({xmin for _, xmin in rows}) == 1, "xmin still tells transactions apart"
    places = [ctid.strip("()").split(",") for ctid, _ in rows]
    return [int(page) * 10_000 + int(item) for page, item in places]


def rank_correlation(one: list[int], two: list[int]) -> float:
    """Spearman's rank correlation of two lists without ties."""
    rank = lambda values: {v: i for i, v in enumerate(sorted(values))}  # noqa: E731
    first, second = rank(one), rank(two)
    total = sum((first[a] - second[b]) ** 2 for a, b in zip(one, two, strict=True))
    size = len(one)
    return 1 - 6 * total / (size * (size * size - 1))


def test_after_the_nightly_rewrite_places_tell_nothing_of_arrival(ward: Ward) -> None:
    arrival: dict[bytes, int] = {}
    for number in range(120):
        prepared = ward.tips.prepare(TipDraft(what=f"tin {number}", area_id=WARD_AREA))
        ward.intake.write_now(prepared.add)
        arrival[prepared.tip.id] = number
    ward.intake.database.checkpoint()
    assert ward.intake.database.rewrite_day().clean
    ordered = [arrival[tip_id] for tip_id in sorted(arrival)]
    assert abs(rank_correlation(positions(ward), ordered)) < 0.35
