"""The sandbox: real processes, real kills, and no secret where foreign bytes are read."""

import asyncio
import os
import signal
import struct
import sys
import tracemalloc
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, ParseError
from bot.model import Article, Entry, Feed, JsonLd, Offer, SourceKind, TextFrom
from bot.parse import frames, wire
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


def limits_of(pid):
    """Return the soft and hard limit of a process for each thing that is limited."""
    lines = proc(pid, "limits").decode().splitlines()[1:]
    return {line[:25].strip(): line[26:].split()[:2] for line in lines}


async def workers_of(sandbox):
    """Wait until all of its workers are there and confined, files last; return their ids."""
    async with asyncio.timeout(PATIENCE_S):
        while len(sandbox.worker_ids()) < 2 or any(
            limits_of(pid)["Max open files"] != ["4", "4"] for pid in sandbox.worker_ids()
        ):
            await sandbox.extract(extract_job())
    return sandbox.worker_ids()


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
        before = await workers_of(sandbox)
        slow, *others = await asyncio.gather(
            sandbox.extract(extract_job(SLOW * 4)),
            *(sandbox.listing(listing_job()) for _ in range(3)),
            return_exceptions=True,
        )
        assert isinstance(slow, ParseError)
        assert slow.kind is FailureKind.TOO_COMPLEX
        assert [len(other.entries) for other in others] == [1, 1, 1]
        (killed,) = set(before) - set(sandbox.worker_ids())
        await ended(killed)


async def test_a_listing_that_takes_too_long_has_a_fault():
    async with running(wall=timedelta(microseconds=1)) as sandbox:
        feed = await sandbox.listing(listing_job(FEED * 10))
    assert feed.entries == ()
    assert "too complex" in feed.fault


async def test_a_killed_worker_is_replaced_and_its_job_tried_again():
    async with running() as sandbox:
        workers = await workers_of(sandbox)
        # One for each of them: these pass for small.
        jobs = [asyncio.create_task(sandbox.extract(extract_job(SLOW[:250_000]))) for _ in workers]
        await on_its_way(*jobs)
        os.kill(workers[0], signal.SIGKILL)
        assert [len(article.text) > 1000 for article in await asyncio.gather(*jobs)] == [True, True]
        assert workers[0] not in sandbox.worker_ids()


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
        worker, other = await workers_of(sandbox)
        os.kill(parent_of(worker), signal.SIGKILL)
        await ended(worker, other)
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
        worker, other = await workers_of(sandbox)
        for process in (worker, other, parent_of(worker)):
            environ = proc(process, "environ")
            assert b"canary" not in environ.lower()
            names = {line.partition(b"=")[0] for line in environ.split(b"\0") if line}
            assert names <= {
                b"PATH", b"LANG", b"PYTHONPATH", b"PYTHONDONTWRITEBYTECODE", b"TZ", b"MALLOC_ARENA_MAX",
                b"MALLOC_MMAP_THRESHOLD_", b"OPENBLAS_NUM_THREADS",
            }  # fmt: skip


async def test_a_worker_holds_nothing_of_ours_and_has_limits():
    """Its files are its socket and /dev/null; no core, no file may be written."""
    async with running() as sandbox:
        worker, other = await workers_of(sandbox)
        assert files_of(worker) == files_of(other) == ["/dev/null", "/dev/null", "/dev/null", "socket"]
        rows = limits_of(worker)
    assert rows["Max core file size"] == ["0", "0"]
    assert rows["Max file size"] == ["0", "0"]
    # All four are taken: nothing more can be opened, no file and no address.
    assert rows["Max open files"] == ["4", "4"]
    assert rows["Max address space"][0] != "unlimited"


async def test_signals_to_the_terminal_reach_no_worker():
    """Ctrl-C ends the program in its own time; its workers answer until then."""
    async with running() as sandbox:
        worker, other = await workers_of(sandbox)
        assert os.getsid(worker) != os.getsid(0)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(worker, name)
            os.kill(other, name)
        await sandbox.extract(extract_job())
        assert set(sandbox.worker_ids()) == {worker, other}


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


async def test_more_jobs_than_workers_hold_are_answered_all():
    async with running() as sandbox:
        feeds = await asyncio.gather(*(sandbox.listing(listing_job()) for _ in range(200)))
    assert {len(feed.entries) for feed in feeds} == {1}


async def test_closing_fails_those_who_wait_too():
    sandbox = Sandbox(workers=1)
    await sandbox.start()
    jobs = [asyncio.create_task(sandbox.extract(extract_job(SLOW))) for _ in range(100)]
    await on_its_way(*jobs)
    await sandbox.aclose()
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {ParseError}


#: Documents that ask to be given files and addresses, each in the way of its format.
ASKING = (
    (SourceKind.FEED, (b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title>'
     b"<item><title>&x;</title></item></channel></rss>")),
    (SourceKind.FEED, b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd"><rss><channel><title>T</title><item><title>A'),
    (SourceKind.FEED, (b'<rss xmlns:xi="http://www.w3.org/2001/XInclude"><channel><title>T</title><item><title>'
     b'<xi:include href="/etc/passwd" parse="text"/></title></item></channel></rss>')),
    (SourceKind.SITEMAP, b'<!DOCTYPE u [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><urlset><url><loc>http://a.example/</loc></url></urlset>'),
    (SourceKind.FEED, b'<?xml version="1.0" encoding="iso-2022-kr"?><?xml-stylesheet href="/etc/passwd"?><rss><channel>'),
    (SourceKind.AUTO, (b"<html><head><base href='file:///etc/'><link rel=alternate type=application/rss+xml href=passwd></head>"
     b"<body><iframe src='/etc/passwd'></iframe><object data='file:///etc/passwd'></object></body></html>")),
    (SourceKind.PAGE, b"<html><body><p>45. Xyzzy 99 PST</p><span class=date>zzz 45 qqq</span></body></html>"),
)  # fmt: skip


async def test_hostile_documents_open_no_file_and_no_address():
    """A worker has no number left for one, so that nothing is opened whatever a parser tries (P3)."""
    async with running() as sandbox:
        worker, other = await workers_of(sandbox)
        before = files_of(worker)
        for kind, data in ASKING:
            found = await sandbox.listing(
                ListingJob(data=data, url="https://gazette.example/x", now=NOW, kind=kind)
            )
            assert "root:" not in repr(found)
            assert "Errno" not in (found.fault or "")
            assert "the parser failed" not in (found.fault or "")
        assert files_of(worker) == files_of(other) == before
        assert set(sandbox.worker_ids()) == {worker, other}


OPENING = """
import errno, os, socket, sys
from bot.parse import worker

ours, theirs = socket.socketpair()
child = os.fork()
if child == 0:
    worker._confine(theirs.fileno(), 1 << 30)
    told = b""
    for attempt in (lambda: open("/etc/hostname"), lambda: socket.socket(), lambda: os.listdir("/"), os.pipe):
        try:
            attempt()
            told += b"opened "
        except OSError as error:
            told += errno.errorcode[error.errno].encode() + b" "
    os.write(3, told)
    os._exit(0)
print(ours.recv(100).decode())
os.waitpid(child, 0)
"""


async def test_a_confined_process_can_open_nothing():
    """Neither a file, nor a socket, nor a folder, nor a pipe."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OPENING, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    told, _ = await program.communicate()
    assert told.decode().split() == ["EMFILE"] * 4


async def test_pages_that_need_every_library_are_read_without_opening_anything():
    """What parsers load late was loaded before the first foreign byte."""
    pages = sorted((ROOT / "tests" / "data" / "pages").glob("*.html"))
    async with running(workers=2) as sandbox:
        outcomes = await asyncio.gather(
            *(sandbox.extract(extract_job(page.read_bytes())) for page in pages), return_exceptions=True
        )
    assert pages
    failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert not [error for error in failed if getattr(error, "kind", None) is FailureKind.CRASHED]


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
    outlet=texts,
)
feeds = st.builds(
    Feed,
    title=texts,
    link=st.none() | texts,
    entries=st.lists(entries, max_size=4).map(tuple),
    language=st.none() | texts,
    fault=st.none() | texts,
    alternates=st.lists(texts, max_size=2).map(tuple),
    offers=st.lists(
        st.builds(Offer, kind=st.sampled_from(SourceKind), url=texts, title=texts, found_by=texts), max_size=2
    ).map(tuple),
    next_page=st.none() | texts,
    chosen=texts,
    ttl=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
)


def payload(frame):
    (length,) = frames.HEAD.unpack_from(frame)
    assert len(frame) == frames.HEAD.size + length
    return frame[frames.HEAD.size :]


@settings(deadline=None, max_examples=60)
@given(feeds)
def test_a_listing_and_its_keys_cross_the_pipe_unchanged(feed):
    found = wire.listing_from_payload(payload(wire.listing_to_frame(feed)))
    assert found == (feed, entry_keys(feed.entries))


@settings(deadline=None, max_examples=60)
@given(texts, times, st.sampled_from(TextFrom), st.booleans())
def test_articles_cross_the_pipe_unchanged(text, at, text_from, archivable):
    article = Article(
        url=text,
        title=text,
        text=text,
        published_at=at,
        site=text,
        text_from=text_from,
        archivable=archivable,
    )
    assert wire.article_from_payload(payload(wire.article_to_frame(article))) == article


@settings(deadline=None, max_examples=60)
@given(
    entries,
    times.filter(bool),
    st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    st.none() | texts,
    st.dictionaries(texts, texts, max_size=3),
)
def test_jobs_cross_the_pipe_unchanged(entry, at, newer, text, headers):
    for job in (
        ExtractJob(html=b"x", url="u", headers=headers, entry=entry),
        ExtractJob(html=b"", url="u", content_selector=text, json_ld=JsonLd.OFF),
        ListingJob(
            data=b"\0\xff", url="u", headers=headers, kind=SourceKind.LISTING, links="a", title=text, next=text,
            now=at, newer_than=newer, max_entries=7, unwrap=True, language=text, address="v",
        ),
    ):  # fmt: skip
        assert wire.job_from_payload(payload(wire.job_to_frame(job))) == job


def test_an_error_crosses_the_pipe():
    error = ParseError("no page", kind=FailureKind.NOT_A_PAGE, subject="u", hint="look")
    for read in (wire.listing_from_payload, wire.article_from_payload):
        with pytest.raises(ParseError) as caught:
            read(payload(wire.error_to_frame(error)))
        assert (caught.value.kind, caught.value.message, caught.value.hint) == (error.kind, "no page", "look")


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300))
def test_no_bytes_of_a_worker_are_believed(data):
    for read in (wire.listing_from_payload, wire.article_from_payload):
        with pytest.raises(frames.BadFrameError):
            read(data)


FEED_PAYLOAD = payload(
    wire.listing_to_frame(Feed(entries=(Entry(id="1", title="Pier", authors=("Ola",)),) * 3))
)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(FEED_PAYLOAD) - 1), st.integers(1, 255), st.integers(0, 40))
def test_a_forged_answer_is_refused_or_a_listing_of_the_right_types(place, change, cut):
    forged = bytearray(FEED_PAYLOAD)
    forged[place] ^= change
    try:
        feed, keys = wire.listing_from_payload(bytes(forged[: len(forged) - cut]))
    except (frames.BadFrameError, ParseError):
        return
    assert len(keys) == len(feed.entries) <= 2000
    for entry in feed.entries:
        assert isinstance(entry.id + entry.title + entry.summary + entry.content + entry.outlet, str)
        assert entry.published_at is None or entry.published_at.tzinfo is UTC
        assert all(isinstance(author, str) for author in entry.authors)
    assert all(len(key.key) == 32 and key.url_key != b"" for key in keys)


def test_a_small_answer_takes_little_memory():
    """What announces much and holds little is refused before anything is made of it."""
    huge = (1 << 32) - 1
    for head in ((b"L", huge, 0, 0), (b"L", 0, huge, 0), (b"L", 0, 0, huge), (b"L", huge, huge, huge)):
        tracemalloc.start()
        with pytest.raises(frames.BadFrameError):
            wire.listing_from_payload(struct.pack("=cIII", *head) + b"x" * 64)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1_000_000


def test_an_answer_with_more_than_it_says_is_refused():
    out = frames.Writer()
    out.texts += ("not a parser's", "m", "s", "h")
    with pytest.raises(frames.BadFrameError):
        wire.listing_from_payload(payload(out.frame(b"E")))
    out.texts[0] = FailureKind.LOCKED.value
    with pytest.raises(frames.BadFrameError):
        wire.listing_from_payload(payload(out.frame(b"E")))
    out.texts[0] = FailureKind.EMPTY.value
    out.texts.append("more")
    with pytest.raises(frames.BadFrameError):
        wire.listing_from_payload(payload(out.frame(b"E")))
