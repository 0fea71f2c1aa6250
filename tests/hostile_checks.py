"""What must hold after a run among hostile sources; each check returns its complaints, none when all is well."""

import ipaddress
import re
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.daemon_probe import Probed
from tests.hostile_expected import EXPECTED, Expected
from tests.hostile_features import SECRETS
from tests.hostile_network import OWN
from tests.hostile_run import EVERY, Rows, World, seconds
from tests.hostile_world import ALLOWED, SECRET

#: jitter may stretch an interval by so much; then a source is late
_INTERVAL_S = float(EVERY.split()[0]) * 1.1
#: what a server gave to be given back, byte for byte
_OPAQUE = frozenset({"sources.etag", "sources.last_modified"})
#: what must not stand in a stored text: controls but for tab and line feed, lone surrogates, direction marks
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
#: a stored text that only one who read a file, or the vault, can have
_STOLEN = re.compile(rf"{SECRET}|root:[^:]*:0:0:")
#: where addresses are stored
_LINKS = frozenset({"entries.url", "articles.url", "articles.canonical_url"})


def log_is_calm(run: Probed) -> Iterator[str]:
    """No traceback, no bug, nothing but lines of the log."""
    text = run.log.read_text("utf-8")
    if "Traceback" in text:
        yield f"a traceback: {text[text.index('Traceback') :][:2000]}"
        return
    for event in run.events():
        if event.get("outcome") == "bug" or event["level"] in ("error", "critical"):
            yield f"an error in the log: {event}"
    if SECRET in text:
        yield "what stands in the vault stands in the log"


def nothing_forbidden_was_reached(run: Probed, world: World, *, canary_opened: bool) -> Iterator[str]:
    """The tripwire: at the sockets of the program, at its parsing processes, and where it must not arrive."""
    network = ipaddress.ip_network(ALLOWED)
    own = {urlsplit(source["feed"]).port for source in world.hostile if "allow_private" in source}
    for host, port in run.connected():
        inside = ":" not in host and ipaddress.ip_address(host) in network
        if not inside and not (host == OWN and port in own):
            yield f"connected to {host} port {port}"
    for seen in (world.vault_saw, world.trap_saw):
        if seen["connections"]:
            yield f"somebody came where nobody should: {seen}"
    if canary_opened:
        yield "the canary file was opened"
    yield from (
        f"a parsing process did: {what}" for what in sorted(set(run.workers_touched)) if not _at_import(what)
    )


def _at_import(what: str) -> bool:
    """Tell whether a library looked for a folder for temporary files, before the first foreign byte."""
    return re.fullmatch(r"open '/(?:tmp|var/tmp|usr/tmp)(?:/[a-z0-9_]{8})?'", what) is not None


def secrets_were_kept(run: Probed, world: World, rows: Rows) -> Iterator[str]:
    """What a source is asked with goes to its own server only, and is nowhere to be read."""
    said = run.log.read_text("utf-8")
    for name, secret in SECRETS.items():
        coded = b64encode(f"reader:{secret}".encode()).decode()
        for told in (secret, coded):
            if any(told in value for headers in world.heard for value in headers.values()):
                yield f"{name} was told to another server"
            if told in said:
                yield f"{name} stands in the log"
            if any(told in text for _, text in rows.texts()):
                yield f"{name} stands in the database"
    if not world.heard:
        yield "nobody came to where secrets are listened for"


def each_came_to_what_was_expected(run: Probed, rows: Rows) -> Iterator[str]:
    """Every hostile source failed as its row of the table says, in its words, or was read."""
    refreshed = defaultdict(list)
    for event in run.events():
        if event["event"] == "refresh" and "source" in event:
            refreshed[configured(event["source"])].append(event)
    entries = rows.entries()
    for key, expected in EXPECTED.items():
        yield from (f"{key} ({expected.rows}): {fault}" for fault in _source_faults(expected, refreshed[key]))
        yield from (f"{key} ({expected.rows}): {fault}" for fault in listing_faults(expected, entries[key]))


def configured(key: str) -> str:
    """Return the key that a source has in the configuration: a search is filled once for each watch."""
    return key.partition("--")[0]


def _source_faults(expected: Expected, events: list[dict[str, Any]]) -> Iterator[str]:
    if not events:
        yield "was never asked"
        return
    allowed = set(expected.kind.split("|")) if expected.kind else set()
    failures = [event for event in events if event["outcome"] == "failed"]
    kinds = {event["kind"] for event in failures}
    if not kinds <= allowed or bool(kinds) != bool(allowed):
        yield f"failed as {kinds or 'never'}, not as {expected.kind}: {[event['why'] for event in failures][:3]}"
    elif expected.kind is not None and not expected.at_first_good and len(failures) != len(events):
        yield f"failed only {len(failures)} times of {len(events)}"
    for event in failures:
        if missing := [word for word in expected.words if word not in event["why"]]:
            yield f"does not name {missing}: {event['why']}"
            return


def listing_faults(expected: Expected, entries: list[Any]) -> Iterator[str]:
    """Say what is wrong with the stored entries of a source."""
    titles = Counter(entry["title"] for entry in entries)
    if missing := [title for title in expected.titles if not titles[title]]:
        yield f"has no {missing} among {list(titles)[:5]}"
    most = 0 if expected.kind and not expected.at_first_good else expected.most
    if most is not None and len(entries) > most:
        yield f"has {len(entries)} entries, more than {most}: {list(titles)[:5]}"
    if expected.page is not None:
        kinds = {entry["error_kind"] or "" for entry in entries}
        if kinds != {expected.page}:
            yield f"its page came to {kinds}, not to {expected.page!r}: {entries[0]['error'] if entries else ''}"


def what_was_good_is_kept(rows: Rows) -> Iterator[str]:
    """A source that fails keeps what it had: entries (by the table), and the validators of its last answer."""
    for key, etag in rows.query(
        "SELECT key, etag FROM sources WHERE key LIKE 'turns-to-%' AND health = 'failing'"
    ):
        if key != "turns-to-304" and etag != '"2"':
            yield f"{key} forgot the ETag of its last good answer: {etag!r}"


def stored_texts_are_clean(rows: Rows) -> Iterator[str]:
    """No control, direction mark or lone surrogate in any text, no stolen one; links are links."""
    told = set()
    for place, text in rows.texts():
        fault = None
        if place not in _OPAQUE and (unclean := _UNCLEAN.search(text)) is not None:
            fault = f"{unclean[0]!r} in {text[max(unclean.start() - 40, 0) :][:80]!r}"
        elif (stolen := _STOLEN.search(text)) is not None:
            fault = f"stolen: {text[max(stolen.start() - 40, 0) :][:80]!r}"
        elif place in _LINKS and not re.match(r"https?://[^\s\"<>\\]+\Z", text):
            fault = f"no link: {text[:80]!r}"
        if fault is not None and place not in told:
            told.add(place)
            yield f"{place}: {fault}"


def waits_were_kept(world: World) -> Iterator[str]:
    """Who says how long to stay away is left alone so long: each was asked once in all this time."""
    for key in ("wait-seconds", "wait-date", "wait-relative", "wait-for-ever", "status-410"):
        if (times := world.asked[key].get("/feed", 0)) != 1:
            yield f"{key} was asked {times} times"


def good_news_is_complete(rows: Rows, published: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Every published item is mentioned, once."""
    mentions = Counter(
        url for (url,) in rows.query("SELECT a.url FROM mentions m JOIN articles a ON a.id = m.article_id")
    )
    for item in published:
        if mentions[item["url"]] != 1:
            yield f"{mentions[item['url']]} mentions of {item['title']} ({item['source']})"


def lateness(rows: Rows, published: Iterable[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Return by how many seconds each item was seen, and mentioned, after it was due; sorted."""
    seen = {
        url: seconds(at)
        for url, at in rows.query("SELECT url, first_seen_at FROM entries WHERE url IS NOT NULL")
    }
    told = {
        url: seconds(at)
        for url, at in rows.query(
            "SELECT a.url, m.found_at FROM mentions m JOIN articles a ON a.id = m.article_id"
        )
    }
    due = {item["url"]: item["at"] + _INTERVAL_S for item in published}
    return (
        sorted(max(0.0, seen[url] - at) for url, at in due.items() if url in seen),
        sorted(max(0.0, told[url] - at) for url, at in due.items() if url in told),
    )
