"""Transactions: nothing is lost between reading and writing, and callers that wait share one."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.errors import StoreError
from bot.store import Store, Tx, sources
from bot.store.tables import leases, schedules
from tests.store.build import MINUTE, a_source

EPOCH = sa.select(leases.c.epoch).where(leases.c.name == "n")


def counter(store: Store, now: datetime) -> None:
    row = {"name": "n", "holder": "x", "since": now, "until": None, "epoch": 0}
    store.write(lambda tx: tx.execute(sa.insert(leases), row))


def add_one(tx: Tx) -> int:
    """Read, think and write: what a deferred transaction loses."""
    query = EPOCH if tx.dialect.name == "sqlite" else EPOCH.with_for_update()
    value = tx.execute(query).scalar_one()
    tx.execute(sa.update(leases).values(epoch=value + 1))
    return value + 1


def value_of(store: Store) -> int:
    return store.read(lambda tx: tx.execute(EPOCH).scalar_one())


def test_read_modify_write_of_many_threads_loses_nothing(store: Store, now: datetime):
    counter(store, now)
    with ThreadPoolExecutor(4) as threads:
        both = [store.write, store.write_durable]
        seen = list(threads.map(lambda index: both[index % 2](add_one), range(200)))
    assert sorted(seen) == list(range(1, 201))
    assert value_of(store) == 200


async def test_read_modify_write_of_many_tasks_and_stores_loses_nothing(
    store: Store, database_url: str, now: datetime
):
    counter(store, now)
    other = Store.open(database_url, clock_now=now)
    calls = [store.awrite, other.awrite, store.awrite_durable, other.awrite_durable]
    seen = await asyncio.gather(*(calls[index % 4](add_one) for index in range(200)))
    assert sorted(seen) == list(range(1, 201))
    assert value_of(store) == 200
    other.close()


async def test_one_that_fails_costs_the_others_nothing(store: Store, now: datetime):
    counter(store, now)
    hold = threading.Event()

    def wait(_tx: Tx) -> None:
        hold.wait(10)

    def fail(tx: Tx) -> None:
        add_one(tx)
        raise KeyError("mine")

    def break_a_rule(tx: Tx) -> None:
        row = {"key": "k", "last_slot": now, "started_at": now}
        tx.execute(sa.insert(schedules), [row, row])

    first = asyncio.ensure_future(store.awrite(wait))
    rest = [asyncio.ensure_future(store.awrite(fn)) for fn in (add_one, fail, add_one, break_a_rule, add_one)]
    await asyncio.sleep(0)
    hold.set()
    await first
    results = await asyncio.gather(*rest, return_exceptions=True)
    assert sorted(result for result in results if isinstance(result, int)) == [1, 2, 3]
    assert [type(result) for result in results if not isinstance(result, int)] == [KeyError, StoreError]
    assert value_of(store) == 3


async def test_one_that_is_cancelled_while_it_waits_is_not_run(store: Store, now: datetime):
    counter(store, now)
    hold = threading.Event()

    def wait(_tx: Tx) -> None:
        hold.wait(10)

    busy = [asyncio.ensure_future(store.awrite(wait)) for _ in range(4)]
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(store.awrite(add_one))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    hold.set()
    await asyncio.gather(*busy)
    assert value_of(store) == 0


async def test_reads_go_on_while_a_writer_is_busy(store: Store, now: datetime):
    counter(store, now)
    hold = threading.Event()

    def write_and_wait(tx: Tx) -> None:
        add_one(tx)
        hold.wait(10)

    writing = asyncio.ensure_future(store.awrite(write_and_wait))
    values = [await store.aread(lambda tx: tx.execute(EPOCH).scalar_one()) for _ in range(3)]
    assert values == [0, 0, 0]
    hold.set()
    await writing
    assert value_of(store) == 1


async def test_async_calls_pass_arguments_and_results(store: Store, now: datetime):
    report = await store.awrite(sources.sync, [a_source("a")], now=now)
    assert report.added == ("a",)
    assert await store.aread(sources.due_hosts, now=now, limit=1) == ["a.example"]
    assert await store.awrite_durable(sources.claim_host, "a.example", holder="x", now=now, lease=MINUTE)


def test_sqlite_is_set_up_as_designed(sqlite_template, tmp_path, now: datetime):
    path = tmp_path / "newsbot.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{path}", clock_now=now)

    def pragmas(tx: Tx) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "query_only")
        return {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    common = {"journal_mode": "wal", "busy_timeout": 10_000, "foreign_keys": 1}
    assert store.read(pragmas) == common | {"synchronous": 1, "query_only": 1}
    assert store.write(pragmas) == common | {"synchronous": 1, "query_only": 0}
    assert store.write_durable(pragmas) == common | {"synchronous": 2, "query_only": 0}
    # 2: deleted text is overwritten only where that costs no writing of its own
    assert store.write(lambda tx: tx.exec_driver_sql("PRAGMA secure_delete").scalar_one()) == 2
    store.close()
