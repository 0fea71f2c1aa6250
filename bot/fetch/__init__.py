"""From an address to bytes: the only room that asks other people's web servers.

The flow: ``pipeline`` → ``Fetcher.get`` → ``guard.check_url`` (is this an address we ask at all?) →
``HostPacer.turn`` (not too fast) → ``Transport`` (resolve, judge, connect to the judged literal, speak
HTTP) → ``read_body`` (bounded) → ``Page | NotModified``. ``Robots`` asks through the same ``Fetcher``.
``schedule`` decides when to ask again, purely.

This room does not understand what it fetched, keeps nothing on disk and knows no source by name.
"""

from bot.fetch import schedule
from bot.fetch.client import Fetcher, Limits, user_agent
from bot.fetch.guard import Policy
from bot.fetch.pacing import HostPacer
from bot.fetch.robots import Robots, RobotsVerdict

__all__ = [
    "Fetcher",
    "HostPacer",
    "Limits",
    "Policy",
    "Robots",
    "RobotsVerdict",
    "schedule",
    "user_agent",
]
