"""How every JSON route answers: where it lives, and which problems its documentation names."""

from typing import Any

from fastapi import APIRouter

from api.errors import PROBLEM_TYPE, Problem

PREFIX = "/api/v1"
_NAMED = {401: "Chưa đăng nhập", 403: "Không được phép", 422: "Chưa đọc được"}


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        "model": Problem,
        "description": description,
        "content": {PROBLEM_TYPE: {"schema": schema}},
    }


def json_router(tag: str) -> APIRouter:
    """Return a router for one group of JSON routes."""
    responses: dict[int | str, dict[str, Any]] = {
        status: _problem(words) for status, words in _NAMED.items()
    }
    responses["default"] = _problem("Mọi lỗi khác")
    return APIRouter(prefix=PREFIX, tags=[tag], responses=responses)
