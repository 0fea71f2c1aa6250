"""From an address to bytes: the only room that asks other people's web servers.

The flow: ``pipeline`` → ``terms_of`` (how is this source asked?) → ``Fetcher.get`` → ``guard.check_url``
(is this an address we ask at all?) → ``HostPacer.turn`` (not too fast) → ``Transport`` (a kept connection,
or ``dial``: resolve, judge, connect to the judged literal) → ``hops.understood`` → ``read_body`` (bounded)
→ ``Page | NotModified``. ``Robots`` asks through the same ``Fetcher``. ``schedule`` decides when to ask
again, purely.

This room does not understand what it fetched, keeps nothing on disk and knows no source by name.
"""

from bot.fetch import schedule
from bot.fetch.answers import archiving_allowed
from bot.fetch.client import MAX_PAGE, Fetcher, Limits, user_agent
from bot.fetch.pacing import HostPacer
from bot.fetch.policy import Policy, Proxy
from bot.fetch.robots import Robots
from bot.fetch.rules import RobotsVerdict
from bot.fetch.terms import PUBLIC_TERMS, Terms, terms_of

__all__ = [
    "MAX_PAGE",
    "PUBLIC_TERMS",
    "Fetcher",
    "HostPacer",
    "Limits",
    "Policy",
    "Proxy",
    "Robots",
    "RobotsVerdict",
    "Terms",
    "archiving_allowed",
    "schedule",
    "terms_of",
    "user_agent",
]
