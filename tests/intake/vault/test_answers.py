"""What a receipt code yields: a way to its row, the key to its replies, nothing to anybody else."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.errors import BadCode, Misconfigured
from intake.receipts import grouped, new_code
from intake.vault import answers
from intake.vault.answers import CodeCost, CodePool, derive, dummy_work, open_reply
from intake.vault.envelope import NotOpened
from intake.vault.key_pairs import new_seed, public_key
from intake.vault.sealing import new_id, seal_part

SALT = bytes(range(32))
COST = CodeCost()


def test_a_code_yields_the_same_keys_however_it_is_typed() -> None:
    code = new_code()
    keys = derive(code, SALT, COST)
    assert derive(grouped(code), SALT, COST) == keys
    assert (len(keys.lookup), len(keys.seed)) == (16, 32)


def test_other_codes_salts_and_costs_yield_other_keys() -> None:
    code = new_code()
    made = [
        derive(code, SALT, COST),
        derive(new_code(), SALT, COST),
        derive(code, bytes(32), COST),
        derive(code, SALT, CodeCost(8192, 2)),
        derive(code, SALT, CodeCost(9216, 1)),
    ]
    assert len({keys.lookup for keys in made}) == len({keys.seed for keys in made}) == 5


def test_a_typo_is_found_before_the_costly_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(answers, "Argon2id")
    with pytest.raises(BadCode):
        derive("1" * 24, SALT, COST)


@pytest.mark.parametrize("cost", [CodeCost(8191, 1), CodeCost(8192, 0)])
def test_cheaper_than_the_floor_stops_the_start(cost: CodeCost) -> None:
    with pytest.raises(Misconfigured):
        derive(new_code(), SALT, cost)
    with pytest.raises(Misconfigured):
        CodePool(SALT, cost)


@settings(max_examples=20)
@given(reply=st.binary(max_size=600))
def test_the_reporter_opens_the_reply_with_the_code(reply: bytes) -> None:
    keys = derive(new_code(), SALT, COST)
    part = seal_part(new_id(), reply, [public_key(keys.seed), public_key(new_seed())])
    assert open_reply(keys.seed, part.id, part.wraps[0][1], part.body_sealed) == reply


def test_another_code_does_not_open_the_reply() -> None:
    mine, other = (derive(new_code(), SALT, COST) for _ in range(2))
    part = seal_part(new_id(), b"told", [public_key(mine.seed)])
    with pytest.raises(NotOpened):
        open_reply(other.seed, part.id, part.wraps[0][1], part.body_sealed)
    with pytest.raises(NotOpened):
        open_reply(mine.seed, new_id(), part.wraps[0][1], part.body_sealed)


def test_dummy_work_opens_a_body_like_a_real_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for name in ("open_with", "open_under"):
        real = getattr(answers, name)
        monkeypatch.setattr(answers, name, _noted(done, name, real))
    dummy_work(derive(new_code(), SALT, COST))
    assert done == ["open_with", "open_under"]


def test_ready_codes_are_real_and_given_once() -> None:
    pool = CodePool(SALT, COST, size=4)
    pool.fill()
    assert len(pool) == 4
    taken = [pool.take() for _ in range(6)]  # two more than were ready
    assert len(pool) == 0
    assert len({ready.code for ready in taken}) == 6
    for ready in taken:
        keys = derive(ready.code, SALT, COST)
        assert (ready.lookup, ready.reply_key) == (keys.lookup, public_key(keys.seed))


def test_a_pool_fills_in_bites() -> None:
    pool = CodePool(SALT, COST, size=3)
    assert not pool.fill(2)
    assert len(pool) == 2
    assert pool.fill(2)
    assert len(pool) == 3
    assert pool.fill(2)


def test_a_pool_tells_when_it_is_used_and_when_it_runs_low() -> None:
    pool = CodePool(SALT, COST, size=16)
    assert pool.is_low
    pool.fill(2)
    assert (pool.taken, pool.is_low) == (0, False)
    pool.take()
    assert (pool.taken, pool.is_low) == (1, True)


def test_ready_codes_keep_no_seed() -> None:
    ready = CodePool(SALT, COST, size=0).take()
    seed = derive(ready.code, SALT, COST).seed
    assert seed not in (ready.code.encode(), ready.lookup, ready.reply_key.raw)
    assert ready._fields == ("code", "lookup", "reply_key")


def test_pool_shared_by_threads_gives_no_code_twice() -> None:
    pool = CodePool(SALT, COST, size=8)
    taken: list[str] = []
    workers = [threading.Thread(target=pool.fill) for _ in range(3)]
    workers += [
        threading.Thread(target=lambda: taken.extend(pool.take().code for _ in range(8)))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(set(taken)) == 24
    pool.fill()
    assert len(pool) == 8


def _noted(done: list[str], name: str, real: Callable[..., object]) -> Callable[..., object]:
    def call(*args: object) -> object:
        done.append(name)
        return real(*args)

    return call
