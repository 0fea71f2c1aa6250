"""Explanations: the tree of a query with true and false, and where each term stands."""

from bot.match.explain import explain
from bot.model import Article, Watch


def test_every_node_says_whether_it_holds() -> None:
    article = Article(url="https://ledger.example/", title="CSpO talks", text="Japan joins. CSpO again.")
    tree = explain(Watch(key="w", query='(CSpO OR "Aster X") Japan -{MISSILE} cooperat*'), article)
    assert (tree.kind, tree.matched) == ("and", False)
    assert [(part.kind, part.text, part.matched) for part in tree.parts] == [
        ("or", 'CSpO OR "Aster X"', True),
        ("word", "Japan", True),
        ("not", "NOT {MISSILE}", True),
        ("prefix", "cooperat*", False),
    ]
    first, second = tree.parts[0].parts
    assert [(span.field, span.start, span.end) for span in first.spans] == [("title", 0, 4), ("body", 13, 17)]
    assert (second.kind, second.matched, second.spans) == ("phrase", False, ())
    assert tree.parts[2].parts[0].kind == "exact"


def test_a_disabled_watch_is_explained_as_if_it_were_enabled() -> None:
    article = Article(url="https://ledger.example/", text="AsterX")
    assert explain(Watch(key="w", query="AsterX", enabled=False), article).matched
