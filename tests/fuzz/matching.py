"""A coverage-guided fuzzer for the match room; run by hand, not by pytest.

``pip install atheris``, then, from the project's root, for ten minutes::

    python -m tests.fuzz.matching -max_total_time=600 -timeout=10 -max_len=600

Any text as a query parses or is refused at a character of it; what parses prints back equal, finds
only places that lie within the article, is explained as it is found, and is not left out by the index.
"""

import sys

import atheris

with atheris.instrument_imports(include=["bot.match", "bot.model"]):
    from bot.errors import QueryError
    from bot.match import narrow, tokens
    from bot.match.explain import Explainer
    from bot.match.matcher import compile as compile_watches
    from bot.match.query import compose, parse
    from bot.model import AllTokens, AnyToken, Article, Sense, Token, TokenQuery, Watch

#: what queries and texts are built of; bytes choose among them
PIECES = (
    *('CSpO', 'AsterX', 'Aster X', 'EU', 'E.U.', 'space', 'operat*', 'defen?e', '"space operations"', '{CSpO}'),
    *(' AND ', ' OR ', ' NOT ', ' -', ' NEAR/3 ', ' ONEAR/2 ', ' NOT NEAR/4 ', ' w/5 ', ' pre/2 ', ' '),
    *('(', ')', 'atleast2(', 'title:', 'lead:', 'body:', 'url:', 'lang:', 'tag:', 'site:', 'author:'),
    *(r're:/F-?\d{2}\b/', r're:/\bspace/', 're:/(?i)a|b+/', 're:/', '/', '"', '{', '}', '*', '?', '\\'),
    *('宇宙作戦', '日本がCSpOに', 'ｶﾞ', 'がか', 'กำน้', 'Défense', 'straße', 'İstanbul', 'Σάς', 'co\u00adop', '\u200d'),
    *('Combined Space Operations (CSpO)', 'CSpO（連合宇宙作戦）', '. ', ', ', '\n', '\u00a0', '™', '𝒜', '\ud800', '\0'),
)  # fmt: skip


def is_held(query: TokenQuery, held: set[str]) -> bool:
    """Tell whether tokens satisfy what the index is asked."""
    if isinstance(query, Token):
        return any(one.startswith(query.text) for one in held) if query.is_prefix else query.text in held
    if isinstance(query, AllTokens):
        return all(is_held(part, held) for part in query.parts)
    assert isinstance(query, AnyToken)
    return any(is_held(part, held) for part in query.parts)


def text_from(data: atheris.FuzzedDataProvider, most: int) -> str:
    """Build a text of pieces and of anything."""
    parts = []
    for _ in range(data.ConsumeIntInRange(0, most)):
        if data.ConsumeBool():
            parts.append(PIECES[data.ConsumeIntInRange(0, len(PIECES) - 1)])
        else:
            parts.append(data.ConsumeUnicode(data.ConsumeIntInRange(0, 6)))
    return "".join(parts)


def one_input(raw: bytes) -> None:
    """Hold the room to its promises for one input."""
    data = atheris.FuzzedDataProvider(raw)
    written = text_from(data, 12)
    refused = None
    try:
        if data.ConsumeBool():
            written = compose(any=[written, text_from(data, 4)], all=[], none=[text_from(data, 2) or "x"])
        query = parse(written)
    except QueryError as error:
        refused = error
    if refused is not None:
        assert 0 <= refused.position <= len(refused.query)
        return
    assert parse(str(query)) == query, written
    article = Article(
        url="https://news.example.mil/space",
        title=text_from(data, 6),
        text=text_from(data, 24),
        language="ja",
    )
    watch = Watch(
        key="w",
        query=written,
        long_forms=("Combined Space Operations",),
        rivals=("space operator",),
        context=("orbit*", "宇宙"),
    )
    found = compile_watches([watch]).find(article)
    examined = Explainer(watch).examine(article)
    assert examined.matched is bool(found), written
    for mention in found:
        assert examined.sense is not None
        assert mention.sense is examined.sense.verdict
        assert isinstance(mention.sense, Sense)
        assert mention.spans == examined.spans[: len(mention.spans)]
        for span in mention.spans:
            assert 0 <= span.start < span.end <= len(article.title if span.field == "title" else article.text)
        assert len(mention.excerpt) <= 300
    wanted = narrow(query)
    if found and wanted is not None:
        assert is_held(wanted, set(tokens(article.title, article.text).split())), written


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
