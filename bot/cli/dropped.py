"""``newsbot mentions --dropped``: what a watch's own NOT took away, and what its sense guard held back."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.cli.context import Options, since, unknown
from bot.cli.output import Form, clean, console, counted, marked, print_rows, table, when
from bot.clock import SystemClock

if TYPE_CHECKING:
    from bot.model import Watch
    from bot.pipeline.dropped import Dropped, HeldBack

#: the fields of the command contract
COLUMNS = (
    "watch", "article_id", "url", "title", "source", "outlet", "published_at", "removed_by", "excerpt",
)  # fmt: skip
#: looking through years of articles takes its time: only where it is asked for
_USUAL = timedelta(days=30)


def list_dropped(
    options: Options, *, watch: str | None, since_text: str | None, limit: int | None, form: Form
) -> None:
    """Print what was dropped, newest first. Raises NewsbotError for an unknown watch."""
    from bot.pipeline.dropped import dropped, held_back

    now = SystemClock().now()
    after = since(since_text, now=now) or now - _USUAL
    watches = chosen_watches(options.settings().watches, watch)
    with options.store() as store:
        removed = asyncio.run(dropped(store, watches, since=after))[:limit]
        held = asyncio.run(held_back(store, watches, since=after))[:limit]
    if form is not Form.TABLE:
        print_rows([*map(_dropped_row, removed), *map(_held_row, held)], form, columns=COLUMNS)
        return
    out = console()
    span = f"since {since_text}" if since_text else f"in the last {_USUAL.days} days"
    if not removed and not held:
        out.print(f"Nothing was dropped {span}: no NOT took an article away, and no sense was held back.")
    if removed:
        _print_removed(removed)
        out.print(
            f"[dim]{counted(len(removed), 'article')} that a NOT took away {span}; "
            "`newsbot explain WATCH ARTICLE` shows the whole query[/]"
        )
    if held:
        if removed:
            out.print()
        _print_held(held)
        out.print(
            f"[dim]{counted(len(held), 'mention')} held back for another sense {span}; "
            "`newsbot explain ID` shows the evidence[/]"
        )


def chosen_watches(watches: "tuple[Watch, ...]", name: str | None) -> "list[Watch]":
    """Return the watch of this key or name, or all of them; raises NewsbotError where there is none."""
    found = [watch for watch in watches if name is None or name in (watch.key, watch.name)]
    if name is not None and not found:
        raise unknown("watch", name, [known for watch in watches for known in (watch.key, watch.name)])
    # a key says which one is meant, where another watch has it for a name
    return [watch for watch in found if watch.key == name][:1] or found


def _dropped_row(one: "Dropped") -> dict[str, Any]:
    article = one.article
    return {
        "watch": one.watch,
        "article_id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "outlet": article.site,
        "published_at": article.published_at,
        "removed_by": [removal.negation for removal in one.removals],
        "excerpt": one.excerpt,
    }


def _held_row(one: "HeldBack") -> dict[str, Any]:
    fields = {name: getattr(one.mention, name) for name in COLUMNS if name != "removed_by"}
    return {name: [f"sense: {one.why}"] if name == "removed_by" else fields[name] for name in COLUMNS}


def _print_removed(rows: "list[Dropped]") -> None:
    now = SystemClock().now()
    shown = table(("article", "watch", "title, and where it stands", "outlet", "published", "removed by"))
    for one in rows:
        article = one.article
        title = marked(article.title, ())
        title.stylize("bold")
        shown.add_row(
            str(article.id),
            clean(one.watch),
            title.append("\n").append(marked(one.excerpt, one.marks)),
            clean(article.site),
            when(article.published_at or article.first_seen_at, now=now),
            "\n".join(clean(removal.negation) for removal in one.removals),
        )
    console().print(shown)


def _print_held(rows: "list[HeldBack]") -> None:
    now = SystemClock().now()
    shown = table(("mention", "watch", "title", "outlet", "published", "held back because"))
    for one in rows:
        shown.add_row(
            str(one.mention.id),
            clean(one.mention.watch),
            f"{clean(one.mention.title)}\n[dim]{clean(one.mention.url)}[/]",
            clean(one.mention.outlet),
            when(one.mention.published_at or one.mention.first_seen_at, now=now),
            clean(one.why),
        )
    console().print(shown)
