"""How every route is called, and what each person gets: one line for each."""

from collections.abc import Callable
from typing import Any, NamedTuple

from fastapi.routing import APIRoute

from api.console.assets import asset_path
from tests.api.desks import Desk
from tests.api.work_desk import MONTH, OUTREACH, PLAN, TEMPLATE, TO_3, WorkDesk

ACTORS = (None, "xa.dung", "phuong.binh", "tinh.an", "quantri")


class Case(NamedTuple):
    """How a route is called, and the status for each of ``ACTORS``."""

    expected: tuple[int, int, int, int, int]
    body: Callable[["Target"], dict[str, Any]] | None = None


class Target:
    """Fresh things to act upon: a tip of the ward with a picture, a colleague, an empty account."""

    def __init__(self, desk: Desk, work: WorkDesk, number: int) -> None:
        self.work, self.number = work, number
        self.desk = desk
        self.login = f"moi.{number}"
        self.officer_id = desk.officer_id("phuong.chi")
        self.digits = desk.ward.spoken(self.officer_id)
        desk.ward.services.people.add_officer(None, "phuong", f"tam.{number}", "Tạm")
        self.leaver_id = desk.officer_id(f"tam.{number}")

    def work_ids(self, path: str) -> dict[str, str]:
        """Return the ids of work that the path names, made for this call alone."""
        made = {"owner_id": TO_3, "period": MONTH, "photo_id": "00"}
        if "{check_in_id}" in path or path.endswith("/approvals"):
            made["check_in_id"] = self.work.file()
        if "{tip_id}" in path:
            made["tip_id"], made["part_id"] = self.desk.tip_with_photo()
        if "{obligation_id}" in path:
            made["obligation_id"] = self.work.obligation()
            if "/vuong/" in path:
                self.work.say_what_hinders(made["obligation_id"])
        if path.endswith("/ban-giao"):
            made["leader_id"] = self.work.leader  # the head of the neighbourhood
        elif "{leader_id}" in path:
            made["leader_id"] = self.work.new_leader()
            if path.endswith(("/da-hoi", "/misuse")):
                self.work.misuse(made["leader_id"])
        if "{filing_id}" in path:
            made["filing_id"] = self.work.filing(f"t{self.number}")
        return made

    def fill(self, route: APIRoute) -> str:
        """Return the route's address for these things."""
        empty = route.path.endswith(("/cho-thoi", "/lien-ket", "/link"))
        leaves = empty or "DELETE" in route.methods
        mark, _, name = asset_path("console.css").removeprefix("/static/").partition("/")
        ids = self.work_ids(route.path)
        return QUERIES.get(route.path, "{}").format(route.path.format(
            **ids, unit_id="phuong", token="khong-co", secret="khong-co",
            import_id="00" * 16,
            officer_id=self.leaver_id if leaves else self.officer_id, mark=mark, name=name,
        ))  # fmt: skip


def sign_in(_: Target) -> dict[str, Any]:
    return {"login": "phuong.binh", "passphrase": "sai", "totp": "000000"}


def digits(target: Target) -> dict[str, Any]:
    return {"fingerprint": target.digits}


def sure(target: Target) -> dict[str, Any]:
    return {"sure": "yes", "fingerprint": target.digits}


def person(target: Target) -> dict[str, Any]:
    return {"unit_id": "phuong", "login": target.login, "name": "Mới", "role": "officer"}


def setup(_: Target) -> dict[str, Any]:
    return {"token": "khong-co"}


def setup_end(_: Target) -> dict[str, Any]:
    return {"token": "khong-co", "ticket": "00", "passphrase": "x", "totp": "1"}


def version(**more: Any) -> Callable[[Target], dict[str, Any]]:
    return lambda _: {"version": 2, **more}  # a fresh tip, and its picture


EVERYBODY = (200,) * 5
SIGNED_IN = (401, 200, 200, 200, 200)
WARD = (401, 404, 200, 200, 403)
WARD_WRITES = (401, 404, 204, 204, 403)
OFFICERS = (401, 200, 200, 200, 403)
PAGE_OF_WARD = (303, 404, 200, 200, 403)
FORM_OF_WARD = (303, 404, 303, 303, 403)
V1 = "/api/v1"
DUTY = f"programme={TEMPLATE}&duty={OUTREACH}"
QUERIES = {
    f"{V1}/compliance": f"{{}}?{DUTY}",
    f"{V1}/compliance/matrix": f"{{}}?{DUTY}",
    f"{V1}/check-ins/after-close": "{}?first=2026-01-01&last=2026-12-31",
}
PAGE = (303, 200, 200, 200, 403)
FORM_OF_ANY = (303, 303, 303, 303, 403)
WRITES_OF_ANY = (401, 204, 204, 204, 403)
MADE_BY_ANY = (401, 201, 201, 201, 403)


def paper(target: Target) -> dict[str, Any]:
    told = {"programme": PLAN, "item": "so-ket-nam", "occurrence": f"x{target.number}", "role": ""}
    return told | {"document_number": "1/BC", "document_on": "2026-03-02"}


def mended(_: Target) -> dict[str, Any]:
    return {"document_number": "2/BC", "document_on": "2026-03-02", "reason": "ghi nhầm"}


def phoned(target: Target) -> dict[str, Any]:
    return {"owner_id": TO_3, "kind": "outreach", "done_on": "2026-03-02", "sure": "yes",
            "once": f"{target.number:016x}"}  # fmt: skip


def phoned_json(target: Target) -> dict[str, Any]:
    told = {name: phoned(target)[name] for name in ("owner_id", "kind", "done_on")}
    return {"once": f"{target.number:016x}", "check_in": told}


def led(target: Target) -> dict[str, Any]:
    del target
    return {"name": "Mới", "address_as": "bác", "owner_id": TO_3, "part": "deputy"}


def given(_: Target) -> dict[str, Any]:
    return {"owner_id": TO_3, "part": "deputy", "since": "2026-03-02", "until": "2026-04-02"}


def handed(target: Target) -> dict[str, Any]:
    giver, taker = target.work.new_head(target.number), target.work.new_leader()
    return {"owner_id": f"D1-01-x{target.number}", "giver": giver, "taker": taker,
            "on": "2026-03-02"}  # fmt: skip


def handed_by_page(target: Target) -> dict[str, Any]:
    return {"owner_id": TO_3, "taker": target.work.new_leader(), "on": "2026-03-02"}


def holder(_: Target) -> dict[str, Any]:
    return {"programme": PLAN, "role": "bcd89-xa", "holder": "UBND"}


def used(_: Target) -> dict[str, Any]:
    return {"programme": PLAN, "since": "2026-03-02", "day": "2026-03-02"}


def corrected(_: Target) -> dict[str, Any]:
    return {"kind": "outreach", "done_on": "2026-03-02", "people": "41", "reason": "ghi nhầm"}


def corrected_json(_: Target) -> dict[str, Any]:
    return {"changes": {"people": 41}, "reason": "ghi nhầm"}


def mistaken(_: Target) -> dict[str, Any]:
    return {"reason": "nhầm"}


def approved(target: Target) -> dict[str, Any]:
    return {"ids": [target.work.file()]}


CASES = {
    ("GET", f"{V1}/session"): Case(SIGNED_IN),
    ("POST", f"{V1}/session"): Case((401,) * 5, sign_in),
    ("POST", f"{V1}/setup"): Case((404,) * 5, setup),
    ("POST", f"{V1}/setup/finish"): Case((404,) * 5, setup_end),
    ("GET", f"{V1}/tips"): Case(OFFICERS),
    ("GET", f"{V1}/closing-reasons"): Case(OFFICERS),
    ("POST", f"{V1}/tips/{{tip_id}}/openings"): Case(WARD, lambda _: {}),
    ("GET", f"{V1}/tips/{{tip_id}}/photos/{{part_id}}"): Case(WARD),
    ("POST", f"{V1}/tips/{{tip_id}}/claim"): Case(WARD_WRITES, version()),
    ("POST", f"{V1}/tips/{{tip_id}}/replies"): Case(WARD_WRITES, version(text="chào")),
    ("PUT", f"{V1}/tips/{{tip_id}}/state"): Case(WARD_WRITES, version(state="grounded")),
    ("POST", f"{V1}/tips/{{tip_id}}/closing"): Case(WARD_WRITES, version(reason="trung")),
    ("GET", f"{V1}/tips/{{tip_id}}/hold"): Case(WARD),
    ("PUT", f"{V1}/tips/{{tip_id}}/hold"): Case(WARD_WRITES, lambda _: {"ground": "vu-an"}),
    ("DELETE", f"{V1}/tips/{{tip_id}}/hold"): Case(WARD_WRITES),
    ("GET", f"{V1}/events"): Case(OFFICERS),
    ("GET", f"{V1}/officers"): Case(SIGNED_IN),
    ("POST", f"{V1}/officers"): Case((401, 403, 201, 201, 201), person),
    ("POST", f"{V1}/officers/{{officer_id}}/link"): Case((401, 404, 201, 201, 201)),
    ("DELETE", f"{V1}/officers/{{officer_id}}"): Case((401, 404, 204, 204, 204)),
    ("GET", f"{V1}/key-acts"): Case(OFFICERS),
    ("POST", f"{V1}/officers/{{officer_id}}/key"): Case((401, 403, 204, 204, 403), digits),
    ("POST", f"{V1}/units/own/founding"): Case((401, 403, 403, 409, 403)),
    ("GET", f"{V1}/units/own/founding"): Case((401, 403, 403, 200, 403)),
    ("POST", f"{V1}/units/{{unit_id}}/entry"): Case((401, 403, 403, 404, 403), digits),
    ("POST", f"{V1}/units/{{unit_id}}/epochs"): Case((401, 403, 204, 204, 403)),
    ("POST", f"{V1}/units/{{unit_id}}/resealing"): Case((401, 403, 200, 200, 403)),
    ("GET", f"{V1}/openapi.json"): Case(EVERYBODY),
    ("GET", "/healthz"): Case(EVERYBODY),
    ("GET", "/readyz"): Case(EVERYBODY),
    ("GET", "/static/{mark}/{name}"): Case(EVERYBODY),
    ("GET", "/"): Case((303,) * 5),
    ("GET", "/dang-nhap"): Case(EVERYBODY),
    ("POST", "/dang-nhap"): Case((401,) * 5, sign_in),
    ("GET", "/thiet-lap/{token}"): Case(EVERYBODY),
    ("POST", "/thiet-lap/{token}"): Case((404,) * 5, lambda _: {}),
    ("GET", "/hang-tin"): Case((303, 200, 200, 200, 403)),
    ("GET", "/tin/{tip_id}"): Case(PAGE_OF_WARD),
    ("GET", "/tin/{tip_id}/anh/{part_id}"): Case(PAGE_OF_WARD),
    ("POST", "/tin/{tip_id}/nhan"): Case(FORM_OF_WARD, version()),
    ("POST", "/tin/{tip_id}/tra-loi"): Case(FORM_OF_WARD, version(text="chào", act="ask")),
    ("POST", "/tin/{tip_id}/trang-thai"): Case(FORM_OF_WARD, version(state="grounded")),
    ("POST", "/tin/{tip_id}/dong"): Case(FORM_OF_WARD, version(reason="trung")),
    ("POST", "/tin/{tip_id}/giu"): Case(FORM_OF_WARD, version(ground="vu-an")),
    ("POST", "/tin/{tip_id}/thoi-giu"): Case(FORM_OF_WARD),
    ("GET", "/tro-giup"): Case((303, 200, 200, 200, 200)),
    ("GET", "/can-bo"): Case((303, 200, 200, 200, 200)),
    ("POST", "/can-bo"): Case((303, 403, 200, 200, 200), person),
    ("POST", "/can-bo/{officer_id}/trao-khoa"): Case((303, 403, 303, 303, 403), sure),
    ("POST", "/can-bo/{officer_id}/lien-ket"): Case((303, 404, 200, 200, 200), sure),
    ("POST", "/can-bo/{officer_id}/cho-thoi"): Case((303, 404, 303, 303, 303), sure),
    ("POST", "/khoa/lap"): Case((303, 403, 403, 409, 403), sure),
    ("GET", "/khoa/yeu-cau"): Case((303, 403, 403, 200, 403)),
    ("POST", "/khoa/{unit_id}/ky"): Case((303, 403, 403, 404, 403), sure),
    ("POST", "/khoa/{unit_id}/doi"): Case((303, 403, 303, 303, 403), sure),
    ("GET", "/dia-ban"): Case((303, 200, 200, 200, 200)),
    ("GET", "/dia-ban/mau.csv"): Case((303, 200, 200, 200, 200)),
    ("POST", "/dia-ban/xem"): Case((303, 422, 422, 422, 422), lambda _: {}),
    ("POST", "/dia-ban/nhap"): Case((303, 422, 422, 422, 422), lambda _: {}),
    ("POST", "/dia-ban/{import_id}/hoan-tac"): Case((303, 404, 404, 404, 404), sure),
    ("GET", f"{V1}/compliance"): Case(OFFICERS),
    ("GET", f"{V1}/zones"): Case(OFFICERS),
    ("GET", f"{V1}/compliance/overview"): Case(OFFICERS),
    ("GET", f"{V1}/compliance/matrix"): Case((401, 200, 200, 422, 403)),
    ("GET", f"{V1}/compliance/workbook"): Case(OFFICERS),
    ("GET", f"{V1}/compliance/owners/{{owner_id}}/{{period}}"): Case(WARD),
    ("GET", f"{V1}/duties"): Case(OFFICERS),
    ("GET", f"{V1}/owners"): Case(OFFICERS),
    ("GET", f"{V1}/check-ins"): Case(OFFICERS),
    ("GET", f"{V1}/check-ins/after-close"): Case(OFFICERS),
    ("GET", f"{V1}/check-ins/{{check_in_id}}"): Case(WARD),
    ("GET", f"{V1}/check-ins/{{check_in_id}}/photos/{{photo_id}}"): Case((401, 404, 404, 404, 403)),
    ("POST", f"{V1}/check-ins"): Case((401, 404, 201, 201, 403), phoned_json),
    ("POST", f"{V1}/check-ins/approvals"): Case(WARD, approved),
    ("POST", f"{V1}/check-ins/{{check_in_id}}/question"): Case(
        WARD_WRITES, lambda _: {"question": "mấy người?"}
    ),
    ("PATCH", f"{V1}/check-ins/{{check_in_id}}"): Case(WARD, corrected_json),
    ("POST", f"{V1}/check-ins/{{check_in_id}}/withdrawal"): Case(WARD, mistaken),
    ("GET", f"{V1}/exemptions"): Case(OFFICERS),
    ("PUT", f"{V1}/exemptions/{{obligation_id}}"): Case(WARD_WRITES, lambda _: {"granted": False}),
    ("GET", f"{V1}/leaders"): Case(OFFICERS),
    ("POST", f"{V1}/leaders"): Case((401, 404, 201, 201, 403), led),
    ("POST", f"{V1}/leaders/handovers"): Case(WARD_WRITES, handed),
    ("GET", f"{V1}/leaders/{{leader_id}}"): Case(WARD),
    ("POST", f"{V1}/leaders/{{leader_id}}/assignments"): Case(WARD_WRITES, given),
    ("POST", f"{V1}/leaders/{{leader_id}}/invites"): Case((401, 404, 201, 201, 403)),
    ("DELETE", f"{V1}/leaders/{{leader_id}}/chats"): Case(WARD_WRITES),
    ("DELETE", f"{V1}/leaders/{{leader_id}}/misuse"): Case(WARD_WRITES),
    ("DELETE", f"{V1}/leaders/{{leader_id}}"): Case(WARD_WRITES),
    ("GET", f"{V1}/reports"): Case(OFFICERS),
    ("POST", f"{V1}/filings"): Case((401, 201, 201, 201, 403), paper),
    ("PUT", f"{V1}/filings/{{filing_id}}"): Case(WARD, mended),
    ("POST", f"{V1}/filings/{{filing_id}}/withdrawal"): Case(WARD, mistaken),
    ("PUT", f"{V1}/role-holders"): Case(WRITES_OF_ANY, holder),
    ("GET", f"{V1}/programmes"): Case(SIGNED_IN),
    ("PUT", f"{V1}/programme-uses"): Case(
        (401, 204, 204, 204, 204), lambda _: {"programme": PLAN, "since": "2026-03-02"}
    ),
    ("POST", f"{V1}/programme-uses/end"): Case(
        (401, 204, 204, 204, 204), lambda _: {"programme": PLAN, "on": "2026-05-02"}
    ),
    ("GET", f"{V1}/nudges/plan"): Case(OFFICERS),
    ("GET", f"{V1}/nudges"): Case(OFFICERS),
    ("GET", f"{V1}/nudges/phone"): Case(OFFICERS),
    ("POST", f"{V1}/nudges"): Case(
        (401, 404, 409, 409, 403), lambda target: {"leader_id": target.work.leader}
    ),
    ("GET", f"{V1}/nudges/switch"): Case(SIGNED_IN),
    ("PUT", f"{V1}/nudges/switch"): Case((401, 204, 204, 204, 204), lambda _: {"stopped": False}),
    ("GET", f"{V1}/me/chat"): Case(OFFICERS),
    ("PUT", f"{V1}/me/chat"): Case(WRITES_OF_ANY, lambda _: {}),
    ("POST", f"{V1}/me/chat/invites"): Case(MADE_BY_ANY),
    ("DELETE", f"{V1}/me/chat"): Case(WRITES_OF_ANY),
    ("GET", f"{V1}/me/calendar"): Case(OFFICERS),
    ("POST", f"{V1}/me/calendar"): Case(MADE_BY_ANY),
    ("DELETE", f"{V1}/me/calendar"): Case(WRITES_OF_ANY),
    ("GET", "/lich/{secret}.ics"): Case((404,) * 5),
    ("GET", "/viec/nhac"): Case(PAGE),
    ("GET", "/viec/nhac/da-gui"): Case(PAGE),
    ("GET", "/viec/nhac/goi-dien"): Case(PAGE),
    ("POST", "/viec/nhac/tay"): Case(
        (303, 404, 409, 409, 403), lambda target: {"leader_id": target.work.leader, "area": ""}
    ),
    ("GET", "/nhac-han"): Case((303, 200, 200, 200, 200)),
    ("POST", "/viec/nhac/dung"): Case((303,) * 5, lambda _: {"area": ""}),
    ("POST", "/viec/nhac/chay"): Case((303,) * 5, lambda _: {"area": ""}),
    ("GET", "/viec/cua-toi"): Case(PAGE),
    ("POST", "/viec/cua-toi/noi"): Case(
        FORM_OF_ANY, lambda _: {"leader_id": "", "address_as": "anh"}
    ),
    ("POST", "/viec/cua-toi/ma"): Case(PAGE),
    ("POST", "/viec/cua-toi/ngat"): Case(FORM_OF_ANY, sure),
    ("POST", "/viec/cua-toi/lich"): Case(PAGE),
    ("POST", "/viec/cua-toi/lich/thu-hoi"): Case(FORM_OF_ANY, lambda _: {}),
    ("GET", "/viec"): Case(PAGE),
    ("GET", "/viec/bang"): Case(PAGE),
    ("GET", "/viec/bang.xlsx"): Case(PAGE),
    ("GET", "/viec/bieu-do"): Case(PAGE),
    ("GET", "/viec/o/{owner_id}/{period}"): Case(PAGE_OF_WARD),
    ("GET", "/viec/buoi/{check_in_id}"): Case(PAGE_OF_WARD),
    ("GET", "/viec/buoi/{check_in_id}/anh/{photo_id}"): Case((303, 404, 404, 404, 403)),
    ("GET", "/viec/duyet"): Case(PAGE),
    ("POST", "/viec/duyet"): Case(
        FORM_OF_WARD, lambda target: {"ids": ",".join(approved(target)["ids"])}
    ),
    ("POST", "/viec/buoi/{check_in_id}/duyet"): Case(FORM_OF_WARD, lambda _: {}),
    ("POST", "/viec/buoi/{check_in_id}/hoi-lai"): Case(
        FORM_OF_WARD, lambda _: {"question": "mấy người?"}
    ),
    ("POST", "/viec/buoi/{check_in_id}/sua"): Case(FORM_OF_WARD, corrected),
    ("POST", "/viec/buoi/{check_in_id}/rut"): Case(FORM_OF_WARD, mistaken),
    ("POST", "/viec/mien/{obligation_id}"): Case(FORM_OF_WARD, lambda _: {"act": "refuse"}),
    ("POST", "/viec/vuong/{obligation_id}"): Case(FORM_OF_WARD, lambda _: {}),
    ("GET", "/viec/sau-khoa"): Case(PAGE),
    ("GET", "/viec/ghi"): Case(PAGE),
    ("POST", "/viec/ghi"): Case(FORM_OF_WARD, phoned),
    ("GET", "/viec/nguoi"): Case(PAGE),
    ("POST", "/viec/nguoi"): Case(FORM_OF_WARD, led),
    ("GET", "/viec/nguoi/{leader_id}"): Case(PAGE_OF_WARD),
    ("POST", "/viec/nguoi/{leader_id}/moi"): Case(PAGE_OF_WARD, lambda _: {}),
    ("POST", "/viec/nguoi/{leader_id}/da-hoi"): Case(FORM_OF_WARD, lambda _: {}),
    ("POST", "/viec/nguoi/{leader_id}/giao"): Case(FORM_OF_WARD, given),
    ("POST", "/viec/nguoi/{leader_id}/ban-giao"): Case(FORM_OF_WARD, handed_by_page),
    ("POST", "/viec/nguoi/{leader_id}/mat-may"): Case(FORM_OF_WARD, sure),
    ("POST", "/viec/nguoi/{leader_id}/thoi"): Case(FORM_OF_WARD, sure),
    ("GET", "/viec/bao-cao"): Case(PAGE),
    ("POST", "/viec/bao-cao/da-gui"): Case(FORM_OF_ANY, paper),
    ("POST", "/viec/bao-cao/thay"): Case(FORM_OF_ANY, holder),
    ("POST", "/viec/bao-cao/{filing_id}/sua"): Case(FORM_OF_WARD, mended),
    ("POST", "/viec/bao-cao/{filing_id}/rut"): Case(FORM_OF_WARD, mistaken),
    ("GET", "/viec/chuong-trinh"): Case((303, 200, 200, 200, 200)),
    ("POST", "/viec/chuong-trinh"): Case((303, 303, 303, 303, 303), used),
    ("DELETE", f"{V1}/session"): Case((401, 204, 204, 204, 204)),
    ("POST", "/dang-xuat"): Case((303,) * 5, lambda _: {}),
}


def key_of(route: APIRoute) -> tuple[str, str]:
    """Return what a route is known by."""
    (method,) = route.methods
    return method, route.path
