"""The cellar: all that lasts, in SQLite or PostgreSQL.

Every step of the pipeline loads from here, goes outside with no transaction open, and saves here in
one transaction. Query functions stand in one module a subject (``sources``, ``articles``,
``watches``, ``mentions``, ``search``, ``deliveries``, ``trail``, ``health``), take a ``Tx`` first and
commit nothing; a ``Store`` runs them. Nothing here reads the clock or decides what a rule means.
"""

from bot.store import articles, deliveries, health, mentions, search, sources, trail, watches
from bot.store.base import Store, Tx
from bot.store.lock import Holder, RunLock

__all__ = [
    "Holder",
    "RunLock",
    "Store",
    "Tx",
    "articles",
    "deliveries",
    "health",
    "mentions",
    "search",
    "sources",
    "trail",
    "watches",
]
