"""The tree of a query as a table: what is true and false in it, and where each term stands."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from bot.cli.output import marked, table
from bot.log import one_line

if TYPE_CHECKING:
    from bot.match import Explained
    from bot.model import Article, Span

#: terms of one OR that were not found, and are shown one by one
_MOST_ABSENT: Final = 12
#: deeper nodes are no longer moved to the right
_DEEPEST: Final = 12
#: characters around a term
_AROUND: Final = 45
_LONGEST: Final = 70
_OPERATORS: Final = {"and": "all of", "or": "one of", "not": "NOT", "near": "near", "not_near": "not near"}


def query_table(tree: "Explained", article: "Article", *, full: bool) -> Any:
    """Return the table of a tree; without ``full``, absent terms of a long OR are only counted."""
    shown = table(("query", "result", "where"))
    for cells in _rows(tree, article, "", "", forbidden=False, full=full):
        shown.add_row(*cells)
    return shown


def _rows(
    node: "Explained", article: "Article", lead: str, below: str, *, forbidden: bool, full: bool
) -> Iterator[tuple[Text, Text, Text]]:
    """Yield the rows of a node and of what stands under it, with the lines of the tree before them."""
    yield (
        Text(lead, style="dim").append(_name(node)),
        _result(node, forbidden=forbidden),
        _where(node, article),
    )
    parts = list(node.parts)
    hidden = []
    if node.kind == "or" and not full:
        absent = [part for part in parts if not part.matched and not part.parts]
        hidden = absent[_MOST_ABSENT:] if len(absent) > _MOST_ABSENT + 1 else []
        skipped = {id(part) for part in hidden}
        parts = [part for part in parts if id(part) not in skipped]
    turns = forbidden != (node.kind == "not")
    for number, part in enumerate(parts):
        last = number == len(parts) - 1 and not hidden
        deep = len(below) >= 2 * _DEEPEST
        yield from _rows(
            part,
            article,
            below if deep else below + ("└ " if last else "├ "),
            below if deep else below + ("  " if last else "│ "),
            # what stands beside the left side of NOT NEAR takes it away, too
            forbidden=turns != (node.kind == "not_near" and number == 1),
            full=full,
        )
    if hidden:
        note = f"{below}└ … {len(hidden):,} more, none of them found (--full shows them)"
        yield Text(note, style="dim"), Text("false", style="dim"), Text("")


def _name(node: "Explained") -> Text:
    """Return a term as it is written, and of an operator its name, with the whole where it is short."""
    text = one_line(node.text)
    if not node.parts:
        return Text(text)
    if node.kind == "field":
        return Text(f"{text.partition(':')[0]}:", style="bold")
    if node.kind in ("near", "not_near", "at_least"):
        return Text(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
    return Text(_OPERATORS[node.kind], style="bold")


def _result(node: "Explained", *, forbidden: bool) -> Text:
    if node.matched:
        return Text("true", style="yellow" if forbidden else "green")
    return Text("false", style="dim" if forbidden or node.kind not in ("and", "not") else "red")


def _where(node: "Explained", article: "Article") -> Text:
    """Return how often a term stands where, and the first stretch in its surroundings."""
    if node.held:
        return Text(f"holds: {one_line(', '.join(node.held))}", style="dim")
    if not node.spans:
        return Text("")
    title = sum(span.field == "title" for span in node.spans)
    counts = [
        f"{name} {count}×" for name, count in (("title", title), ("text", len(node.spans) - title)) if count
    ]
    shown = Text(", ".join(counts))
    if any(span.all_capitals for span in node.spans):
        shown.append("  (title in capitals: case was not compared)", style="yellow")
    first = next((span for span in node.spans if span.field == "body"), node.spans[0])
    return shown.append("  ").append(
        _stretch(first, article.title if first.field == "title" else article.text)
    )


def _stretch(span: "Span", text: str) -> Text:
    """Return a place with a few words around it, cut at blanks."""
    low = max(0, span.start - _AROUND)
    high = min(len(text), span.end + _AROUND)
    before, found, after = text[low : span.start], text[span.start : span.end], text[span.end : high]
    if low and " " in before:
        before = before[before.index(" ") + 1 :]
    if high < len(text) and " " in after:
        after = after[: after.rindex(" ")]
    before, found, after = (part.replace("\n", " ") for part in (before, found, after))
    lead = "… " if low else ""
    shown = f"{lead}{before}{found}{after}{' …' if high < len(text) else ''}"
    start = len(lead) + len(before)
    return marked(shown, [(start, start + len(found))])
