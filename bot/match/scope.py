"""Scope: which articles a watch looks at, by language and by the source that listed them. Pure."""

from collections.abc import Collection

from bot.model import Article, Watch


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
        and _meet(watch.sources, (article.source, *article.more_sources))
        and _meet(watch.tags, article.tags)
        and _meet(watch.tiers, (article.tier, *article.more_tiers))
    )


def _meet(wanted: Collection[object], held: Collection[object]) -> bool:
    return not wanted or any(one in wanted for one in held)


def _speaks(languages: tuple[str, ...], language: str | None) -> bool:
    if not language:
        return True
    held = language.lower().replace("_", "-")
    return any(held == one or held.split("-")[0] == one for one in map(str.lower, languages))
