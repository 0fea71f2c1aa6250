"""A run of the whole job that dies at a named effect: started by ``test_crash``, never imported by it.

    python -m tests.crash_child FOLDER N

Counts what reaches the database and what leaves for a person, before and after each, and kills
itself with -9 at number N; with N beyond the last it ends well and says how many there were.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.app import opened, settings_from, synchronise, take_over
from bot.clock import SystemClock
from bot.deliver import Transport
from bot.model import Receipt
from bot.run.once import Once, run_once
from bot.store import Store


class Effects:
    """Count effects, and end the process at one of them."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    def happened(self) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(Store):
    """The real store; each transaction is an effect, before it begins and after it is committed."""

    effects: Effects

    async def awrite(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.effects.happened()
        done = await super().awrite(fn, *args, **kwargs)
        self.effects.happened()
        return done

    async def awrite_durable(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.effects.happened()
        done = await super().awrite_durable(fn, *args, **kwargs)
        self.effects.happened()
        return done


class DyingTransport:
    """The real transport; a message that was taken is an effect."""

    def __init__(self, inner: Transport, effects: Effects) -> None:
        self.kind = inner.kind
        self.targets = inner.targets
        self.payload = inner.payload
        self.test_payload = inner.test_payload
        self._inner = inner
        self._effects = effects

    async def send(self, body: bytes, *, target: str, message_id: str) -> Receipt:
        receipt = await self._inner.send(body, target=target, message_id=message_id)
        self._effects.happened()
        return receipt


async def work(folder: Path, effects: Effects) -> None:
    settings, clock = settings_from(folder / "config"), SystemClock()
    store = DyingStore.open(settings.database, clock_now=clock.now())
    store.effects = effects
    synchronise(store, settings, clock=clock)
    take_over(store, clock=clock)
    async with opened(settings, store=store, clock=clock, workers=1) as deps:
        dying: Mapping[str, Transport] = {
            name: DyingTransport(transport, effects) for name, transport in deps.transports.items()
        }
        await run_once(replace(deps, transports=dying), Once())
    store.close()


if __name__ == "__main__":
    counted = Effects(int(sys.argv[2]))
    asyncio.run(work(Path(sys.argv[1]), counted))
    print(counted.count)
