"""The hostile world: every hostile source at once, and good ones beside them, served by one process.

    python -m tests.hostile_world FOLDER

Writes ``FOLDER/world.json`` (what the configuration needs) and prints a line when it is ready; writes each
thing that a good source publishes to ``published.jsonl``; ends with its standard input, and then writes
``asked.json``: how often each path was asked for, and what came to the vault and to the trap.
Every source has an address of its own in 127.7.0.0/16; all else on the machine is forbidden ground.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests import hostile_features, hostile_feeds, hostile_good, hostile_network, hostile_pages
from tests.hostile import HostileWeb
from tests.hostile_registry import HOSTILE, Place, feed, item, rss

#: the modules that declare the sources, each as it is imported
DECLARING = (hostile_network, hostile_feeds, hostile_pages, hostile_features)
#: what a source must be allowed for the world to be reached, and nothing else
ALLOWED = "127.7.0.0/16"
_TRAP_HOST = "127.7.0.3"
_EAR_HOST = "127.7.0.4"
_TLS = Path(__file__).parent / "fetch" / "tls"
#: what stands in the vault and in the canary file, and must never be seen in a database or a log
SECRET = "Rumpelstilzchen"


def _tls(certificate: str | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(_TLS / certificate)
    return context


async def serve(folder: Path, *, publish_every_s: float = 3.0) -> None:
    """Serve until standard input ends."""
    canary = folder / "canary.txt"
    canary.write_text(f"{SECRET}\n")
    async with contextlib.AsyncExitStack() as stack:
        vault = await stack.enter_async_context(HostileWeb(host="127.0.0.1"))
        vault6 = await stack.enter_async_context(HostileWeb(host="::1")) if _has_six() else vault
        trap = await stack.enter_async_context(HostileWeb(host=_TRAP_HOST))
        ear = await stack.enter_async_context(HostileWeb(host=_EAR_HOST))
        ear.answer("/ear", feed(rss(item(None, "Heard"))))
        for guarded in (vault, vault6):
            guarded.answer("/secret", feed(rss(item(None, SECRET))))
        webs: dict[str, HostileWeb] = {}
        sources: list[dict[str, Any]] = []
        for number, (key, hostile) in enumerate(HOSTILE.items(), start=256):
            own = f"127.7.{number // 250}.{number % 250 + 1}"
            web = HostileWeb(host=hostile.host or own, tls=_tls(hostile.certificate))
            webs[key] = await stack.enter_async_context(web)
            place = Place(web, vault.port, vault6.port, trap.url("/trap"), str(canary), ear.url("/ear"))
            source = {"id": key, hostile.kind: hostile.install(place), **hostile.config}
            sources.append(source | ({"proxy": web.url("")} if hostile.is_proxy else {}))
        good = []
        for number, kind in enumerate(hostile_good.KINDS, start=1):
            web = await stack.enter_async_context(HostileWeb(host=f"127.7.0.{100 + number}"))
            good.append(hostile_good.GoodSite(kind, web))
        (folder / "world.json").write_text(
            json.dumps(
                {
                    "hostile": sources,
                    "good": [site.source("2 s") for site in good],
                    "vault": [vault.port, vault6.port],
                }
            )
        )
        record = folder / "published.jsonl"
        record.touch()
        publishing = asyncio.create_task(hostile_good.publish_for_ever(good, record, every_s=publish_every_s))
        print("ready", flush=True)
        await _end_of_input()
        publishing.cancel()
        asked = {key: Counter(seen.path for seen in web.seen) for key, web in webs.items()}
        forbidden = [
            seen.path for web in {id(vault): vault, id(vault6): vault6}.values() for seen in web.seen
        ]
        (folder / "asked.json").write_text(
            json.dumps(
                {
                    "paths": asked,
                    "vault": {"requests": forbidden, "connections": vault.connections + vault6.connections},
                    "trap": {"requests": [seen.path for seen in trap.seen], "connections": trap.connections},
                    "ear": [seen.headers for seen in ear.seen],
                }
            )
        )


def _has_six() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
