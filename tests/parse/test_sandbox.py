"""The sandbox: real processes, real kills, and no secret where foreign bytes are read."""

import asyncio
import os
import pickle
import signal
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, ParseError
from bot.model import Article, Entry, Feed, SourceKind, TextFrom
from bot.parse import wire
from bot.parse.identity import entry_keys
from bot.parse.sandbox import ExtractJob, ListingJob, Sandbox, SandboxLimits

NOW = datetime(2026, 2, 3, 9, 30, tzinfo=UTC)
URL = "https://gazette.example/news/pier"
SENTENCE = "The harbour council voted on Tuesday to rebuild the northern pier after the winter storm."
PAGE = f"<html lang='en'><head><title>Pier</title></head><body><p>{SENTENCE}</p></body></html>".encode()
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>
<item><title>Pier &#x1F6A2;</title><link>https://gazette.example/1</link><guid>1</guid>
<pubDate>Mon, 02 Feb 2026 10:00:00 GMT</pubDate></item></channel></rss>"""
#: Takes a second or more, whatever the machine.
SLOW = b"<html><body>" + b"<p>word word word, and word again. </p><time>x</time>" * 60_000
PATIENCE_S = 30
ROOT = Path(__file__).parents[2]


def extract_job(html=PAGE, **more):
    return ExtractJob(html=html, url=URL, **more)


def listing_job(data=FEED):
    return ListingJob(data=data, url="https://gazette.example/feed", now=NOW, kind=SourceKind.FEED)


@asynccontextmanager
async def running(workers=1, **limits):
    sandbox = Sandbox(workers=workers, limits=SandboxLimits(**limits))
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.aclose()


def proc(pid, name):
    """What the system says of a process."""
    return Path(f"/proc/{pid}/{name}").read_bytes()


def parent_of(pid):
    return int(proc(pid, "stat").rpartition(b")")[2].split()[1])


def files_of(pid):
    return sorted(str(link.readlink()).partition(":")[0] for link in Path(f"/proc/{pid}/fd").iterdir())


async def ended(*pids):
    """Wait until these processes are no more."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(handle, gone.set)
        try:
            await asyncio.wait_for(gone.wait(), PATIENCE_S)
        finally:
            asyncio.get_running_loop().remove_reader(handle)
            os.close(handle)


async def on_its_way(*jobs):
    """Let jobs be handed to their workers."""
    await asyncio.wait(jobs, timeout=0)


async def test_a_page_becomes_an_article():
    entry = Entry(title="Pier", published_at=NOW, authors=("Ola Brandt",))
    async with running() as sandbox:
        article = await sandbox.extract(extract_job(entry=entry))
    assert article.text == SENTENCE
    assert (article.published_at, article.authors, article.language) == (NOW, ("Ola Brandt",), "en")


async def test_a_feed_becomes_entries():
    async with running() as sandbox:
        feed = await sandbox.listing(listing_job())
    assert feed.fault is None
    assert feed.entries[0].title == "Pier \U0001f6a2"
    assert feed.entries[0].published_at == datetime(2026, 2, 2, 10, tzinfo=UTC)


async def test_a_listing_comes_with_the_keys_of_its_entries():
    async with running() as sandbox:
        feed, keys = await sandbox.keyed_listing(listing_job())
    assert feed.entries
    assert keys == entry_keys(feed.entries)


async def test_a_refusal_of_the_parser_is_raised_here():
    async with running() as sandbox:
        with pytest.raises(ParseError) as caught:
            await sandbox.extract(extract_job(b"%PDF-1.4"))
    assert caught.value.kind is FailureKind.NOT_A_PAGE
    assert caught.value.subject == URL
    assert caught.value.hint


async def test_fifty_jobs_at_once():
    async with running(workers=2) as sandbox:
        answers = await asyncio.gather(
            *(sandbox.extract(extract_job(PAGE.replace(b"Pier", f"Pier {n}".encode()))) for n in range(50))
        )
    assert [answer.title for answer in answers] == [f"Pier {n}" for n in range(50)]


async def test_a_parse_that_takes_too_long_is_killed_and_the_next_is_fine():
    async with running(wall=timedelta(seconds=0.5)) as sandbox:
        await sandbox.extract(extract_job())
        (first,) = sandbox.worker_ids()
        slow, *others = await asyncio.gather(
            sandbox.extract(extract_job(SLOW * 4)),
            *(sandbox.listing(listing_job()) for _ in range(3)),
            return_exceptions=True,
        )
        assert isinstance(slow, ParseError)
        assert slow.kind is FailureKind.TOO_COMPLEX
        assert [len(other.entries) for other in others] == [1, 1, 1]
        (second,) = sandbox.worker_ids()
        assert second != first
        await ended(first)


async def test_a_listing_that_takes_too_long_has_a_fault():
    async with running(wall=timedelta(microseconds=1)) as sandbox:
        feed = await sandbox.listing(listing_job(FEED * 10))
    assert feed.entries == ()
    assert "too complex" in feed.fault


async def test_a_killed_worker_is_replaced_and_its_job_tried_again():
    async with running() as sandbox:
        await sandbox.extract(extract_job())
        (worker,) = sandbox.worker_ids()
        job = asyncio.create_task(sandbox.extract(extract_job(SLOW)))
        await on_its_way(job)
        os.kill(worker, signal.SIGKILL)
        assert (await job).text
        assert worker not in sandbox.worker_ids()


async def test_a_job_whose_worker_dies_twice_has_crashed():
    async with running() as sandbox:
        await sandbox.extract(extract_job())
        job = asyncio.create_task(sandbox.extract(extract_job(SLOW)))
        killed = set()
        while not job.done():
            for worker in set(sandbox.worker_ids()) - killed:
                os.kill(worker, signal.SIGSEGV)
                killed.add(worker)
            await on_its_way(job)
        with pytest.raises(ParseError) as caught:
            await job
        assert caught.value.kind is FailureKind.CRASHED
        assert (await sandbox.extract(extract_job())).text == SENTENCE


async def test_the_nursery_itself_is_replaced():
    async with running() as sandbox:
        await sandbox.extract(extract_job())
        (worker,) = sandbox.worker_ids()
        os.kill(parent_of(worker), signal.SIGKILL)
        await ended(worker)
        assert (await sandbox.extract(extract_job())).text == SENTENCE


async def test_memory_is_limited():
    """A page that needs more than it may is too complex; the worker is replaced."""
    async with running(memory=32 * 1024 * 1024) as sandbox:
        with pytest.raises(ParseError) as caught:
            await sandbox.extract(extract_job(b"<html><body>" + b"<p>word<b>word</b>" * 2_000_000))
        assert caught.value.kind in (FailureKind.TOO_COMPLEX, FailureKind.CRASHED)
        assert (await sandbox.extract(extract_job())).text == SENTENCE


async def test_a_cancelled_caller_poisons_nothing():
    async with running() as sandbox:
        await sandbox.extract(extract_job())
        jobs = [asyncio.create_task(sandbox.extract(extract_job(SLOW))) for _ in range(6)]
        await on_its_way(*jobs)
        for job in jobs:
            job.cancel()
        assert (await sandbox.extract(extract_job())).text == SENTENCE
        outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}


async def test_no_secret_reaches_a_worker(monkeypatch):
    """Not in its environment, not in that of its nursery."""
    monkeypatch.setenv("NEWSBOT_CANARY", "s3cr3t-canary")
    async with running() as sandbox:
        await sandbox.extract(extract_job())
        (worker,) = sandbox.worker_ids()
        for process in (worker, parent_of(worker)):
            environ = proc(process, "environ")
            assert b"canary" not in environ.lower()
            names = {line.partition(b"=")[0] for line in environ.split(b"\0") if line}
            assert names <= {b"PATH", b"LANG", b"PYTHONPATH", b"PYTHONDONTWRITEBYTECODE", b"TZ"}


async def test_a_worker_holds_nothing_of_ours_and_has_limits():
    """Its files are its socket and /dev/null; no core, no file may be written."""
    async with running() as sandbox:
        await sandbox.extract(extract_job())
        (worker,) = sandbox.worker_ids()
        assert files_of(worker) == ["/dev/null", "/dev/null", "/dev/null", "socket"]
        limits = proc(worker, "limits").decode()
    rows = {line[:25].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
    assert rows["Max core file size"] == ["0", "0"]
    assert rows["Max file size"] == ["0", "0"]
    assert rows["Max open files"] == ["32", "32"]
    assert rows["Max address space"][0] != "unlimited"


async def test_signals_to_the_terminal_reach_no_worker():
    """Ctrl-C ends the program in its own time; its workers answer until then."""
    async with running() as sandbox:
        await sandbox.extract(extract_job())
        (worker,) = sandbox.worker_ids()
        assert os.getsid(worker) != os.getsid(0)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(worker, name)
        await sandbox.extract(extract_job())
        assert sandbox.worker_ids() == (worker,)


async def test_closing_fails_what_is_open_and_ends_all_processes():
    sandbox = Sandbox(workers=2)
    await sandbox.start()
    await sandbox.extract(extract_job())
    workers = sandbox.worker_ids()
    job = asyncio.create_task(sandbox.extract(extract_job(SLOW)))
    await on_its_way(job)
    await sandbox.aclose()
    with pytest.raises(ParseError) as caught:
        await job
    assert caught.value.kind is FailureKind.CRASHED
    await ended(*workers)
    with pytest.raises(ParseError):
        await sandbox.extract(extract_job())


PARENT = """
import asyncio
from bot.parse.sandbox import ExtractJob, Sandbox

async def main():
    sandbox = Sandbox(workers=2)
    await sandbox.start()
    slow = ExtractJob(html=b"<html><body>" + b"<p>word <time>x</time>" * 500_000, url="https://e.example/")
    jobs = [asyncio.create_task(sandbox.extract(slow)) for _ in range(2)]
    while len(sandbox.worker_ids()) < 2:
        await asyncio.wait(jobs, timeout=0)
    print(*sandbox.worker_ids(), flush=True)
    await asyncio.wait(jobs)

asyncio.run(main())
"""


async def test_workers_die_with_a_program_that_is_killed():
    """Even those that are in the middle of a long parse."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    workers = [int(pid) for pid in (await program.stdout.readline()).split()]
    assert len(workers) == 2
    program.kill()
    await program.communicate()
    await ended(*workers)


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
times = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
entries = st.builds(
    Entry,
    id=texts,
    link=st.none() | texts,
    title=texts,
    published_at=times,
    updated_at=times,
    authors=st.lists(texts, max_size=3).map(tuple),
    summary=texts,
    content=texts,
    language=st.none() | texts,
)
feeds = st.builds(
    Feed,
    title=texts,
    link=st.none() | texts,
    entries=st.lists(entries, max_size=4).map(tuple),
    language=st.none() | texts,
    fault=st.none() | texts,
    alternates=st.lists(texts, max_size=2).map(tuple),
    ttl=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
)


@settings(deadline=None, max_examples=60)
@given(feeds)
def test_feeds_cross_the_pipe_unchanged(feed):
    frame = wire.pack(wire.feed_to_plain(feed))
    assert wire.feed_from_plain(wire.unpack(frame[wire.HEAD.size :])) == feed


@settings(deadline=None, max_examples=60)
@given(feeds)
def test_the_keys_of_a_listing_cross_the_pipe_with_it(feed):
    frame = wire.pack(wire.listing_to_plain(feed))
    found = wire.listing_from_plain(wire.unpack(frame[wire.HEAD.size :]))
    assert found == (feed, entry_keys(feed.entries))


@pytest.mark.parametrize(
    "keys",
    [
        [],
        None,
        [("0" * 31, None, None, None)],
        [(b"0" * 32, None, None, None)],
        [("0" * 32, b"short", None, None)],
        [("0" * 32, None, "0" * 16, None)],
        [("0" * 32, None, None)],
        [("0" * 32, None, None, None)] * 2,
    ],
)
def test_keys_that_no_listing_has_are_refused(keys):
    plain = wire.feed_to_plain(Feed(entries=(Entry(title="Pier"),)))
    with pytest.raises(wire.BadFrameError):
        wire.listing_from_plain(("listing", plain, keys))


@settings(deadline=None, max_examples=60)
@given(texts, times, st.sampled_from(TextFrom))
def test_articles_cross_the_pipe_unchanged(text, at, text_from):
    article = Article(url=text, title=text, text=text, published_at=at, site=text, text_from=text_from)
    frame = wire.pack(wire.article_to_plain(article))
    assert wire.article_from_plain(wire.unpack(frame[wire.HEAD.size :])) == article


@settings(deadline=None, max_examples=60)
@given(entries, times.filter(bool), st.none() | st.timedeltas(timedelta(), timedelta(days=9)))
def test_jobs_cross_the_pipe_unchanged(entry, at, newer):
    for job in (
        ExtractJob(html=b"x", url="u", headers={"a": "b"}, entry=entry),
        ListingJob(
            data=b"x", url="u", headers={}, kind=SourceKind.LISTING, links="a", now=at, newer_than=newer
        ),
    ):
        assert wire.job_from_plain(wire.unpack(wire.pack(wire.job_to_plain(job))[wire.HEAD.size :])) == job


class Exploit:
    def __reduce__(self):
        return (os.system, ("false",))


@pytest.mark.parametrize(
    "payload",
    [
        pickle.dumps(Exploit()),
        pickle.dumps(NOW),
        pickle.dumps(("feed", Feed())),
        b"",
        b"\x80\x05.",
        b"garbage",
        b"cos\nsystem\n(S'false'\ntR.",
    ],
)
def test_no_class_is_looked_up_for_a_worker(payload):
    with pytest.raises(wire.BadFrameError):
        wire.unpack(payload)


@pytest.mark.parametrize(
    "plain",
    [
        None,
        (),
        ("feed",),
        ("article", 1),
        ("feed", 1, None, [], None, None, (), None),
        ("feed", "", None, [("x",)], None, None, (), None),
        ("feed", "", None, [], None, None, (7,), None),
        ("feed", "", None, [], None, None, (), 10**40),
        ("error", "no kind", "m", "s", "h"),
        ("error", "locked", "m", "s", "h"),
    ],
)
def test_nonsense_from_a_worker_is_refused(plain):
    with pytest.raises(wire.BadFrameError):
        wire.feed_from_plain(plain)
    with pytest.raises(wire.BadFrameError):
        wire.article_from_plain(plain)
