"""``newsbot explain``: why an article is a mention of a watch, or why it is none."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding

from bot.cli.context import HIGHEST_ID, options_of
from bot.cli.dropped import chosen_watches
from bot.cli.output import clean, console, marked, print_json, when
from bot.clock import SystemClock
from bot.errors import FailureKind, NewsbotError

if TYPE_CHECKING:
    from bot.match import Examined
    from bot.model import Article, StoredMention, Watch
    from bot.store import Store, Tx


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(metavar="MENTION|WATCH", help="The number that `newsbot mentions` shows, or a watch."),
    ],
    article: Annotated[
        str | None,
        typer.Argument(metavar="ARTICLE", help="With a watch: an article's number or address."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Show every term, also many that were not found.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show why an article is a mention, or why not: each part of the watch, and where it stands in the text.

    `newsbot explain 7` explains mention 7; `newsbot explain cspo https://…` any watch and article.
    """
    from bot.match import Explainer

    options = options_of(ctx)
    watches = options.settings().watches
    mention: StoredMention | None
    with options.store() as store:
        if article is None:
            mention, found = _mention(store, what)
            watch = _watch_of(mention, watches)
        else:
            (watch,) = chosen_watches(watches, what)[:1]
            found = _article(store, article)
            mention = _mention_of(store, watch, found)
    examined = Explainer(watch).examine(found)
    if as_json:
        print_json(_as_json(watch, found, examined, mention))
    else:
        _show(watch, found, examined, mention, full=full)


def _mention(store: "Store", text: str) -> "tuple[StoredMention, Article]":
    """Return a mention and its article; raises NewsbotError where there is none."""
    from bot.store import mentions

    number = int(text) if text.isascii() and text.isdigit() else 0
    mention = store.read(mentions.get, number) if 0 < number <= HIGHEST_ID else None
    found = _at_revision(store, mention) if mention else None
    if mention is None or found is None:
        raise NewsbotError(
            "there is no such mention" if number else "this is no number of a mention",
            kind=FailureKind.CONFIG,
            subject=text,
            hint="`newsbot mentions` shows them with their numbers; with a watch, give an article, too",
        )
    return mention, found


def _at_revision(store: "Store", mention: "StoredMention") -> "Article | None":
    from bot.store import articles

    return store.read(articles.get, mention.article_id, revision=mention.revision)


def _watch_of(mention: "StoredMention", watches: "tuple[Watch, ...]") -> "Watch":
    watch = next((watch for watch in watches if watch.key == mention.watch), None)
    if watch is None:
        raise NewsbotError(
            f"its watch '{mention.watch}' is no longer configured",
            kind=FailureKind.CONFIG,
            subject=f"mention {mention.id}",
            hint="add it again to watchlists.yaml to see its terms",
        )
    return watch


def _article(store: "Store", text: str) -> "Article":
    """Return the article of a number or an address; raises NewsbotError where there is none."""
    from bot.pipeline.trace import addressed, url_keys
    from bot.store import articles
    from bot.store.trail import trail

    def load(tx: "Tx") -> "Article | None":
        if is_number:
            return articles.get(tx, int(text)) if int(text) <= HIGHEST_ID else None
        numbers = trail(tx, url_keys(addressed(text))).article_ids
        return articles.get(tx, numbers[0]) if numbers else None

    is_number = text.isascii() and text.isdigit()
    found = store.read(load)
    if found is None:
        raise NewsbotError(
            "there is no such article" if is_number else "no article of this address was read",
            kind=FailureKind.CONFIG,
            subject=text,
            hint="`newsbot articles` shows them" if is_number else f"`newsbot trace {text}` says why",
        )
    return found


def _mention_of(store: "Store", watch: "Watch", article: "Article") -> "StoredMention | None":
    from bot.store import mentions

    assert article.id is not None
    rows = store.read(mentions.for_article, article.id)
    return next((row for row in rows if row.watch == watch.key), None)


def _as_json(
    watch: "Watch", article: "Article", examined: "Examined", mention: "StoredMention | None"
) -> dict[str, Any]:
    from bot.match.reasons import reasons, scope_reasons

    return {
        "mention": None if mention is None else mention.id,
        "matched": examined.matched,
        "query": watch.query,
        "tree": examined.query,
        "watch": watch.key,
        "article_id": article.id,
        "in_scope": examined.in_scope,
        "sense": examined.sense,
        "state": None if mention is None else mention.state,
        "reasons": [*reasons(examined.query, article), *scope_reasons(watch, article)],
    }


def _show(
    watch: "Watch",
    article: "Article",
    examined: "Examined",
    mention: "StoredMention | None",
    *,
    full: bool,
) -> None:
    from bot.cli.query_tree import query_table
    from bot.match.excerpt import Excerpter

    out = console()
    now = SystemClock().now()
    outlet = mention.outlet if mention is not None else article.site
    facts = f"{clean(outlet)}, {when(article.published_at or article.first_seen_at, now=now)}"
    out.print(f"{_verdict(examined, mention)}  [bold]{clean(article.title)}[/]  [dim]{facts}[/]")
    out.print(f"[dim]{clean(article.url)}[/]", soft_wrap=True)
    out.print(f"[dim]watch[/] {clean(watch.name or watch.key)}: {clean(watch.query)}\n", soft_wrap=True)
    out.print(query_table(examined.query, article, full=full))
    for line in _lines(watch, article, examined, mention):
        out.print(line, soft_wrap=True)
    excerpt, marks = ("", ()) if mention is None else (mention.excerpt, mention.marks)
    if examined.spans:
        excerpt, marks = Excerpter(article).make(examined.spans)
    if excerpt:
        out.print()
        out.print(Padding(marked(excerpt, marks), (0, 0, 0, 2)))


def _verdict(examined: "Examined", mention: "StoredMention | None") -> str:
    if examined.matched:
        return "[green]MATCH[/]"
    if mention is not None:
        return "[yellow]NO LONGER A MATCH[/]"
    return "[yellow]NOT FOR THIS WATCH[/]" if examined.query.matched else "[red]NO MATCH[/]"


def _lines(
    watch: "Watch", article: "Article", examined: "Examined", mention: "StoredMention | None"
) -> list[str]:
    """Return what there is to say beside the tree: what is missing, scope, sense and state."""
    from bot.match.reasons import reasons, scope_reasons

    lines = []
    lacking = reasons(examined.query, article)
    if lacking:
        only = "only this stands in the way" if len(lacking) == 1 else "what stands in the way"
        lines += [f"\n[dim]{only}:[/] {clean(lacking[0])}", *(f"  and {clean(one)}" for one in lacking[1:])]
    if outside := scope_reasons(watch, article):
        lines.append(f"\n[dim]scope:[/] [yellow]no[/], {clean('; '.join(outside))}")
    elif scope := _scope(watch):
        lines.append(f"\n[dim]scope:[/] [green]yes[/], {clean(scope)}")
    return [*lines, *_sense(article, examined), *_state(mention)]


def _scope(watch: "Watch") -> str:
    """Return what a watch looks at; "" where that is everything."""
    parts = (
        ("languages", watch.languages),
        ("sources", watch.sources),
        ("tags", watch.tags),
        ("tiers", watch.tiers),
    )
    return "; ".join(f"{name} {', '.join(values)}" for name, values in parts if values)


_SENSES = {"confirmed": "green", "likely": "green", "contradicted": "yellow", "unknown": "default"}


def _sense(article: "Article", examined: "Examined") -> list[str]:
    """Return the verdict of the sense guard with its evidence."""
    sense = examined.sense
    if sense is None:
        return []
    verdict = sense.verdict.value
    lines = [f"\n[dim]sense:[/] [{_SENSES[verdict]}]{verdict}[/], {clean(sense.why)}"]
    for found in sense.definitions:
        known = found.sense.value if found.sense else "a meaning that the watch does not know"
        lines.append(
            f"  [dim]definition[/] {clean(found.acronym)} = {clean(found.long_form)} "
            f"[dim]({known}, in the {'title' if found.field == 'title' else 'text'})[/]"
        )
    if sense.context:
        words = [_at(article, one.field)[one.start : one.end] for one in sense.context]
        lines.append(f"  [dim]context near it[/] {clean(', '.join(dict.fromkeys(words)))}")
    return lines


def _state(mention: "StoredMention | None") -> list[str]:
    """Return a mention's state and why it is that."""
    if mention is None:
        return []
    now = SystemClock().now()
    said = f"\n[dim]mention {mention.id}:[/] {mention.state.value}"
    if mention.dismissed_at is not None:
        said += f", {when(mention.dismissed_at, now=now)}: {clean(mention.dismissed_why or '')}"
    elif mention.state.value == "withdrawn":
        why = {"watch": "the watch was changed", "revision": "a later revision of the article lost it"}
        said += f", {why.get(mention.withdrawn_why or '', 'it was taken back')}"
    said += f"  [dim]found {when(mention.found_at, now=now)}, in revision {mention.revision}[/]"
    if any(span.all_capitals for span in mention.spans):
        said += "\n  [yellow]its title is all capitals: there letter case was not compared[/]"
    return [said]


def _at(article: "Article", field: str) -> str:
    return article.title if field == "title" else article.text
