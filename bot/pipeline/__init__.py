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
from bot.pipeline.deps import Deps, DigestPlan
from bot.pipeline.due import Due, due
from bot.pipeline.index import IndexedArticles, index
from bot.pipeline.match import Matched, match
from bot.pipeline.read import Read, read, stop_gap
from bot.pipeline.refresh import Failure, Refreshed, refresh

__all__ = [
    "Backfilled",
    "Composed",
    "Delivered",
    "Deps",
    "DigestPlan",
    "Due",
    "Failure",
    "IndexedArticles",
    "Matched",
    "Read",
    "Refreshed",
    "backfill",
    "compose",
    "compose_plan",
    "deliver",
    "due",
    "index",
    "match",
    "preview",
    "read",
    "refresh",
    "stop_gap",
]
