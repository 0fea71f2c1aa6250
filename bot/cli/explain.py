"""``newsbot explain``: why a mention is one."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.padding import Padding

from bot.cli.context import HIGHEST_ID, options_of
from bot.cli.output import clean, console, marked, print_json, table
from bot.errors import FailureKind, NewsbotError

if TYPE_CHECKING:
    from bot.match import Explained


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    ctx: typer.Context,
    mention_id: Annotated[
        int,
        typer.Argument(
            metavar="MENTION", min=1, max=HIGHEST_ID, help="The number that `newsbot mentions` shows."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show why a mention is one: each part of its watch, true or false, and where it stands in the text."""
    from bot.match.explain import explain as explain_watch
    from bot.store import articles, mentions

    options = options_of(ctx)
    settings = options.settings()
    with options.store() as store:
        mention = store.read(mentions.get, mention_id)
        article = store.read(articles.get, mention.article_id, revision=mention.revision) if mention else None
    if mention is None or article is None:
        raise NewsbotError(
            "there is no such mention",
            kind=FailureKind.CONFIG,
            subject=str(mention_id),
            hint="`newsbot mentions` shows them with their numbers",
        )
    watch = next((watch for watch in settings.watches if watch.key == mention.watch), None)
    if watch is None:
        raise NewsbotError(
            f"its watch '{mention.watch}' is no longer configured",
            kind=FailureKind.CONFIG,
            subject=f"mention {mention_id}",
            hint="add it again to watchlists.yaml to see its terms",
        )
    explained = explain_watch(watch, article)
    if as_json:
        print_json(
            {
                "mention": mention.id,
                "matched": explained.matched,
                "query": watch.query,
                "tree": explained,
            }
        )
        return
    out = console()
    verdict = "[green]MATCH[/]" if explained.matched else "[yellow]NO LONGER A MATCH[/]"
    out.print(
        f"{verdict}  [bold]{clean(article.title)}[/]  [dim]{clean(mention.outlet)} · {clean(article.url)}[/]"
    )
    out.print(f"[dim]watch[/] {clean(watch.name or watch.key)}: {clean(watch.query)}\n")
    shown = table(("query", "result", "where"))
    for node, depth in _walk(explained, 0):
        truth = "[green]true[/]" if node.matched else "[dim]false[/]"
        shown.add_row(f"{'  ' * depth}{clean(node.text)}", truth, _where(node))
    out.print(shown)
    if mention.excerpt:
        out.print()
        out.print(Padding(marked(mention.excerpt, mention.marks), (0, 0, 0, 2)))


def _walk(node: "Explained", depth: int) -> list[tuple["Explained", int]]:
    found = [(node, depth)]
    for child in node.parts:
        found += _walk(child, depth + 1)
    return found


def _where(node: "Explained") -> str:
    """Return how often a term stands where."""
    if node.parts or not node.spans:
        return ""
    title = sum(span.field == "title" for span in node.spans)
    text = len(node.spans) - title
    places = [*([f"title {title}×"] if title else []), *([f"text {text}×"] if text else [])]
    note = (
        "  [yellow](title in capitals: case was not compared)[/]"
        if any(s.all_capitals for s in node.spans)
        else ""
    )
    return ", ".join(places) + note
