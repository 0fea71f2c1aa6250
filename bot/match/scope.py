"""Scope: which articles a watch looks at, by language and by the source that listed them. Pure."""

import hashlib
import re
from collections.abc import Collection

from bot.model import Article, Watch

#: Between the key of a search and that of the watch it was filled with.
_JOINT = "--"
_MAX_KEY = 64


def child_key(search: str, watch: str) -> str:
    """Return the key of the source that a search becomes for one watch: ``news-search--cspo``."""
    slug = re.sub(r"[^a-z0-9]+", "-", watch.lower()).strip("-")
    if slug == watch and len(search) + len(_JOINT) + len(slug) <= _MAX_KEY:
        return f"{search}{_JOINT}{slug}"
    # Cut or changed: two watches must not meet under one key.
    mark = hashlib.sha256(watch.encode()).hexdigest()[:8]
    room = max(8, _MAX_KEY - len(search) - len(_JOINT) - len(mark) - 1)
    return f"{search}{_JOINT}{slug[:room].strip('-')}-{mark}"


def is_everywhere(watch: Watch) -> bool:
    """Tell whether a watch looks at every article."""
    return not (watch.languages or watch.sources or watch.tags or watch.tiers)


def is_within_scope(watch: Watch, article: Article) -> bool:
    """Tell whether a watch looks at an article.

    An article whose language is unknown or doubtful is of every language; ``zh`` holds ``zh-Hant``,
    too. Of several sources that list an article, one within the scope is enough.
    """
    return (
        (not watch.languages or _speaks(watch.languages, article.language))
        and _meet(watch.sources, _named((article.source, *article.more_sources)))
        and _meet(watch.tags, article.tags)
        and _meet(watch.tiers, (article.tier, *article.more_tiers))
    )


def _named(keys: Collection[str]) -> list[str]:
    """Return keys with those of the searches that they belong to: a watch names the search as configured."""
    return [*keys, *(key.partition(_JOINT)[0] for key in keys if _JOINT in key)]


def _meet(wanted: Collection[object], held: Collection[object]) -> bool:
    return not wanted or any(one in wanted for one in held)


def _speaks(languages: tuple[str, ...], language: str | None) -> bool:
    if not language:
        return True
    held = language.lower().replace("_", "-")
    return any(held == one or held.split("-")[0] == one for one in map(str.lower, languages))
