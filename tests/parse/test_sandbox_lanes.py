"""Small jobs do not wait behind dear ones (H1): real processes, whatever else they are at."""

import asyncio
import os
import signal
from datetime import timedelta

import pytest

from bot.errors import FailureKind, ParseError
from bot.parse.jobs import ExtractJob
from tests.parse.test_sandbox import FEED, PAGE, SENTENCE, SLOW, URL, listing_job, running, workers_of


def a_page(html, host):
    return ExtractJob(html=html, url=f"https://{host}.example/1")


def started(*jobs):
    return [asyncio.ensure_future(job) for job in jobs]


async def test_small_jobs_pass_large_ones():
    """Fifty large ones came first, and not one of the small ones waits for them."""
    async with running() as sandbox:
        await workers_of(sandbox)
        large = started(*(sandbox.extract(a_page(SLOW, f"large{n}")) for n in range(50)))
        await asyncio.wait(large, timeout=0)
        feeds = [await sandbox.listing(listing_job()) for _ in range(10)]
        assert [len(feed.entries) for feed in feeds] == [1] * 10
        assert sum(job.done() for job in large) < 50
        for job in large:
            job.cancel()


async def test_a_large_job_has_its_turn_beside_many_small_ones():
    async with running() as sandbox:
        await workers_of(sandbox)
        small = started(*(sandbox.listing(listing_job()) for _ in range(2000)))
        large = asyncio.ensure_future(sandbox.extract(a_page(PAGE + b" " * 300_000, "large")))
        await large
        assert not all(job.done() for job in small)
        assert {len(feed.entries) for feed in await asyncio.gather(*small)} == {1}


async def test_jobs_that_turn_out_dear_do_not_hold_all_workers():
    """They came as small ones, one for each worker; what hangs is made way of, and read in the end."""
    async with running() as sandbox:
        workers = await workers_of(sandbox)
        dear = started(*(sandbox.extract(a_page(PAGE, f"dear{n}")) for n in range(2)))
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        await asyncio.wait(dear, timeout=0)
        feed = await sandbox.listing(listing_job())
        assert len(feed.entries) == 1
        assert [job.done() for job in dear] == [False, False]
        for worker in set(workers) & set(sandbox.worker_ids()):
            os.kill(worker, signal.SIGCONT)
        assert [article.text for article in await asyncio.gather(*dear)] == [SENTENCE] * 2


async def test_one_that_hangs_costs_those_behind_it_nothing():
    """Not even where they stood in the same worker's socket."""
    async with running() as sandbox:
        hanging, _ = await workers_of(sandbox)
        os.kill(hanging, signal.SIGSTOP)
        jobs = started(*(sandbox.extract(a_page(PAGE, f"many{n}")) for n in range(8)))
        left = set(jobs)
        while len(left) > 1:
            _, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        os.kill(hanging, signal.SIGCONT)
        assert {article.text for article in await asyncio.gather(*jobs)} == {SENTENCE}


async def test_a_host_that_was_killed_is_suspect():
    """What it sends next is small, and waits behind what is dear all the same."""
    async with running(wall=timedelta(seconds=0.5)) as sandbox:
        await workers_of(sandbox)
        with pytest.raises(ParseError) as caught:
            await sandbox.extract(a_page(SLOW * 4, "bad"))
        assert caught.value.kind is FailureKind.TOO_COMPLEX
        await workers_of(sandbox)
        order: list[str] = []

        async def told(name, work):
            await work
            order.append(name)

        blocking = started(told("blocking", sandbox.extract(a_page(PAGE + b" " * 300_000, "large"))))
        suspect = started(told("suspect", sandbox.extract(a_page(PAGE, "bad"))))
        await asyncio.gather(*blocking, *suspect, told("last", sandbox.listing(listing_job())))
        assert set(order) == {"blocking", "suspect", "last"}
        assert order.index("suspect") > order.index("blocking")


async def test_a_worker_that_has_grown_is_replaced_and_nobody_is_blamed():
    """Its last answer counts, and who stood behind is answered by another."""
    async with running() as sandbox:
        before = set(await workers_of(sandbox))
        big = b"<html><body>" + b"<p>word <b>word</b></p>" * 90_000
        outcomes = await asyncio.gather(
            sandbox.extract(a_page(big, "big")), *(sandbox.listing(listing_job(FEED)) for _ in range(20))
        )
        assert outcomes[0].text
        assert [len(feed.entries) for feed in outcomes[1:]] == [1] * 20
        assert set(await workers_of(sandbox)) != before
        assert (await sandbox.extract(ExtractJob(html=PAGE, url=URL))).text == SENTENCE
