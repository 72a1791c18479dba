"""Who sends a report: an area of a level by itself, or for a body that is gone. Pure.

The heir of a body that is gone is asked for, never guessed. A body of a level that is gone too (a
district) may have its heir in the ward, so the ward is asked; a province answers for its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from intake.plans.programme import Programme
from intake.plans.programme_schema import Deadline, Role, Undated

Named = Callable[[str], str | None]
"""Gives the name of who stands for a role in the area at hand; None: nobody has said."""


@dataclass(frozen=True, slots=True)
class Sender:
    """How an area comes to send something."""

    role: str = ""
    """The body that is gone and for which it sends; "" for the area itself."""
    unset: str = ""
    """That body's name, where nobody is named to stand for it: "chưa chỉ định"."""


def sender_at(
    programme: Programme, item: Deadline | Undated, level: str, named: Named
) -> Sender | None:
    """Return how an area of a level (commune, province) sends ``item``; None: it does not."""
    gone: list[Role] = []
    for role in roles_of(programme, item.sender):
        heir = programme.holder(role.id)
        if heir is None:
            gone.append(role)
        elif heir.level in {None, level}:
            return Sender(role.id if role.gone else "")
    for role in gone:
        if may_inherit(role, level):
            return Sender(role.id, "" if named(role.id) else role.name)
    return None


def may_inherit(role: Role, level: str) -> bool:
    """Return whether people of a level are asked who stands for a body that is gone."""
    return (role.level == "province") == (level == "province")


def roles_of(programme: Programme, ids: Iterable[str]) -> list[Role]:
    """Return the bodies behind these ids, in their order."""
    own = programme.own.role if programme.own else ()
    known = {role.id: role for role in (*programme.plan.role, *own)}
    return [known[each] for each in ids if each in known]
