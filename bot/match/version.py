"""A watch's query, read, and what makes a watch another watch. Pure."""

import hashlib
from functools import lru_cache

from bot.errors import QueryError
from bot.match.fold import FOLD_VERSION
from bot.match.query import parse
from bot.match.tree import Query
from bot.model import Watch


def query_of(watch: Watch) -> Query:
    """Return the tree of a watch's query; raises QueryError with the watch's key as subject."""
    try:
        return parse(watch.query)
    except QueryError as error:
        error.subject = watch.key
        raise


def watch_version(watch: Watch) -> str:
    """Return 12 hexadecimal digits that change when the watch could find something else.

    The canonical query, the scope, the sense guard and the folding count; key, name, description and what
    is delivered do not. Raises QueryError, with the watch's key as subject, for a query that does not parse.
    """
    query_of(watch)
    lists = (
        *(watch.long_forms, watch.rivals, watch.context),
        *(sorted(watch.languages), sorted(watch.sources), sorted(watch.tags), sorted(watch.tiers)),
    )
    # One without any of them keeps the version it had before there were scopes and guards.
    more = "\n".join("\t".join(map(str, one)) for one in lists) if any(lists) else ""
    return _version(watch.query, more)


@lru_cache(maxsize=262_144)
def _version(query: str, more: str) -> str:
    means = f"{FOLD_VERSION}\n{parse(query)}" + (f"\n{more}" if more else "")
    return hashlib.sha256(means.encode()).hexdigest()[:12]
