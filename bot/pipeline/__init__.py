"""The spine: one file a step, and this drawing of how they hang together.

::

    sources ──► refresh(host) ──► entries ──► read(host) ──► articles ──► match() ──► mentions
                  fetch, parse      new         fetch, parse   revisions     find       + events
                                                                                          │
        a person ◄── deliver(delivery) ◄── deliveries ◄── compose(plan) ◄── slot closed ◄─┘
                        transport            frozen          digest

    articles ──► index() ──► token index ──► archive ──► backfill() of new and changed watches
                                                └──────► trial, search, dropped: questions, asked by hand
    an address ──► trace: the first of these arrows that lost it
               ──► discover: what sources it leads to; a bare one of the configuration is refreshed as that

    sources ──► judge_sources(): how each is doing, learned; what changed is told once

Every step: claim → load → go outside with no transaction open → decide (pure) → save in one
transaction → return an outcome → one log line. A step takes ids only and reads what is due when it
runs, so that a doubled job finds nothing to do and a lost one is found by the next tick.
``due`` tells which work waits.

This room calls and hands on; what a rule means is decided in the rooms below
(``bot.fetch.schedule``, ``bot.parse.identity``, ``bot.match``, ``bot.digest``).
"""

from bot.pipeline.backfill import Backfilled, backfill
from bot.pipeline.compose import Composed, compose, compose_plan, preview
from bot.pipeline.deliver import Delivered, deliver
from bot.pipeline.deps import Deps, DigestPlan, NextDigest
from bot.pipeline.due import Due, due
from bot.pipeline.health import Judged, judge_sources
from bot.pipeline.index import IndexedArticles, index
from bot.pipeline.match import Matched, match
from bot.pipeline.network import watch_network
from bot.pipeline.outcome import Failure
from bot.pipeline.read import Read, read, stop_gap
from bot.pipeline.refresh import Refreshed, refresh
from bot.pipeline.searches import filled

__all__ = [
    "Backfilled",
    "Composed",
    "Delivered",
    "Deps",
    "DigestPlan",
    "Due",
    "Failure",
    "IndexedArticles",
    "Judged",
    "Matched",
    "NextDigest",
    "Read",
    "Refreshed",
    "backfill",
    "compose",
    "compose_plan",
    "deliver",
    "due",
    "filled",
    "index",
    "judge_sources",
    "match",
    "preview",
    "read",
    "refresh",
    "stop_gap",
    "watch_network",
]
