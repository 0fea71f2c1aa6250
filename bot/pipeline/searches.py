"""Searches: a search source is a template; filled with the query of each watch it is a source of its own.

Pure. One source a watch, so that each has its own validators, rhythm and health, and what a new watch
finds at first sight is history for it alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from bot.match import child_key, query_of, search_text
from bot.model import Source, SourceKind, Watch

PLACE = "{query}"


def filled(sources: Iterable[Source], watches: Iterable[Watch]) -> tuple[Source, ...]:
    """Return the sources with each search replaced by one source for each watch that it can look for.

    A watch that does not look at the search (``sources``), or whose query no search engine can be
    given (regular expressions only), has none.
    """
    known = tuple(watches)
    return tuple(one for source in sources for one in _filled(source, known))


def _filled(source: Source, watches: tuple[Watch, ...]) -> Iterator[Source]:
    if source.kind is not SourceKind.SEARCH:
        yield source
        return
    for watch in watches:
        text = search_text(query_of(watch)) if _looks_at(watch, source) else None
        if text is not None:
            yield replace(
                source,
                key=child_key(source.key, watch.key),
                name=f"{source.name}: {watch.name}",
                url=source.url.replace(PLACE, quote(text, safe="")),
                parent=source.key,
                watch=watch.key,
                was=None if source.was is None else child_key(source.was, watch.key),
            )


def _looks_at(watch: Watch, source: Source) -> bool:
    return (
        (not watch.sources or source.key in watch.sources)
        and (not watch.tags or any(tag in watch.tags for tag in source.tags))
        and (not watch.tiers or source.tier in watch.tiers)
    )
