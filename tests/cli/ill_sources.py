"""An installation whose sources are doing in every way that there is; nobody is asked."""

from datetime import datetime, timedelta
from typing import Any

from bot.clock import SystemClock
from bot.errors import FailureKind
from bot.fetch.schedule import NextFetch, NextReason
from bot.model import Health, Moved, Offer, Rhythm, SourceKind
from bot.store import Store, sources
from tests.harness import Installation
from tests.store.build import a_save, an_entry

URL = "https://{}.example/feed.xml"
NAMES = ("Well", "Broken", "Gone", "Silent", "Partial", "Moved", "Never", "Off", "Insecure")


def ill_installation(folder: Any) -> tuple[Installation, datetime]:
    """Return the installation, and the time that it was made at."""
    made = Installation(folder)
    listed: list[Any] = [{"name": name, "feed": URL.format(name.lower())} for name in NAMES]
    listed[NAMES.index("Off")]["enabled"] = False
    listed[NAMES.index("Insecure")]["tls_verify"] = False
    listed.append({"feed": "https://bare.example/"})
    made.configure(sources=listed, watches={"cspo": {"name": "CSpO", "any": ["CSpO"]}}, fetch={})
    # a bare address is no mapping
    file = made.folder / "config" / "sources.yaml"
    items = "".join(
        f"  - name: {item['name']}\n    feed: {item['feed']}\n"
        + ("    enabled: false\n" if item["name"] == "Off" else "")
        + ("    tls_verify: false\n" if item["name"] == "Insecure" else "")
        for item in listed[:-1]
    )
    file.write_text(f"# ours\nsources:\n{items}  # found by itself\n  - https://bare.example/\n")
    made.newsbot("source", "list")
    now = SystemClock().now()
    store = Store.open(made.database, clock_now=now)
    try:
        _fill(store, now)
    finally:
        store.close()
    return made, now


def _fill(store: Store, now: datetime) -> None:
    day = timedelta(days=1)
    numbers = {
        row.key: store.read(sources.due_sources, row.host, now=now, only=[row.key], everything=True)[0].id
        for row in store.read(sources.list_sources)
        if row.enabled
    }

    def save(key: str, *, at: datetime = now, **values: Any) -> None:
        given = {"next_fetch_at": now + timedelta(minutes=20)} | values
        store.write(sources.save_refreshes, [a_save(numbers[key], **given)], now=at)

    known = Rhythm(
        heard=28.0, watched_s=14 * 86_400.0, last_new_at=now - 3 * day, items=140, recent_new=(1, 2)
    )
    entry = an_entry("launch", url="https://well.example/launch")
    save("well", new=(entry,), listed=12, rhythm=known, etag='"v1"', whole=True)
    for at in (now - 4 * day, now - 3 * day):
        reason = NextFetch(
            at=now + timedelta(minutes=30), reason=NextReason.FAILING, interval_s=900, wait_s=1800
        ).to_json()
        broken = {
            "next_reason": reason,
            "status": 404,
            "kind": FailureKind.NOT_FOUND,
            "error": "there is nothing here (HTTP 404)",
        }
        save("broken", at=at, health=Health.FAILING, fail_weight=1.0, keep_validators=True, **broken)
    save(
        "gone",
        health=Health.FAILING,
        status=410,
        kind=FailureKind.GONE,
        error="gone for good (HTTP 410)",
        pause="its server says that it is gone for good",
    )
    save("silent", health=Health.QUIET, health_why="nothing new for 12 days; 2 a day were usual")
    save("partial", health=Health.PARTIAL, health_why="18 of its last 20 pages could not be read")
    moved = Moved(to="https://moved.example/new.xml", times=6, since=now - 2 * day)
    save("moved", moved=moved)
    save("insecure")
    save("bare-example", found=Offer(kind=SourceKind.FEED, url="https://bare.example/rss"))
