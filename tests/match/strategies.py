"""What the property tests of this room draw: texts with much to fold, and queries that find things there."""

from hypothesis import strategies as st

from bot.match import tree
from bot.match.tree import And, Not, Or, Query

#: characters that fold, join, vanish, expand or part words
TRICKY = [
    *"aAbsSxX19éÉßİıŁđøñ", *"άςΣᾳйЁїб", *"日本語々かがガｶﾞﾟーＡ１", *"한국각가ㅋ", *"กำน้ษ", *"क़िन्दी", *"مُّحأ",
    *"שׁלּ", *"ﬁﷺ①½²™㎏№㍿Ⓐ", *"\u0301\u0308\u0345\u0338\u3099\u1161\u11a8\u093c\u0654\u20e3\u0f71\u09be",
    *"\u00ad\u200b\u200d\u200f\ufe0f\u0640\ufeff\U000e0041",
    *" \n\t\u00a0\u3000.,;-–—_'’“\"&/+#()（）。、…=\0",
    *"🚀👩", "\ud800", "\udfff", "\U00030001", "\U000f0000", "\U0010ffff",
]  # fmt: skip
tricky_text = st.text(alphabet=st.one_of(st.sampled_from(TRICKY), st.characters()), max_size=40)
any_text = st.one_of(tricky_text, st.lists(st.sampled_from(TRICKY), max_size=60).map("".join))

#: words in several spellings, so that what is drawn for texts and for queries meets often
WORDS = [
    "CSpO", "CSPO", "cspo", "AsterX", "Astérx", "EU", "E.U.", "U.S.", "US", "C++", "c", "AT&T", "space",
    "Space", "operations", "Operation", "宇宙", "宇宙作戦", "日本がCSpOに", "straße", "STRASSE", "co\u00adop", "x1",
    "한국", "한국은", "né", "ne\u0301", "™",
]  # fmt: skip
GLUE = [" ", " ", " ", "  ", "\n", "\n\n", "-", "–", "\u00a0", ". ", ", ", "_", "", "/", " (", "’"]
news_text = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GLUE)), max_size=12).map(
    lambda pairs: "".join(word + glue for word, glue in pairs)
)


def _is_word(text: str) -> bool:
    return not any(char.isspace() or char in '"“”„*?{}' for char in text)


words = st.one_of(
    st.sampled_from([word for word in WORDS if any(char.isalnum() for char in word)]),
    st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=6).map(
        "a{}".format
    ),
).filter(_is_word)
leaves: st.SearchStrategy[Query] = st.one_of(
    words.map(tree.Word),
    st.lists(words, min_size=2, max_size=3).map(lambda parts: tree.Phrase(" ".join(parts))),
    st.lists(words, min_size=1, max_size=2).map(lambda parts: tree.Exact(" ".join(parts))),
    st.sampled_from(["CSpO", "spa", "operat", "stra", "宇宙作", "한국은", "Ast"]).map(tree.Prefix),
)


def _all_of(parts: tuple[list[Query], list[Query]]) -> Query:
    wanted, unwanted = parts
    return tree.join(And, [*wanted, *(Not(part) for part in unwanted)])


#: what may stand between NEAR and inside atleast
places: st.SearchStrategy[Query] = st.recursive(
    st.one_of(
        leaves,
        st.sampled_from(["C?pO", "Spa?e", "宇?作", "str?sse", "Aster?*"]).map(tree.Wild),
        st.sampled_from([r"F-?\d", r"(?i)space\b", r"[A-Z]{2}", r"\bop"]).map(tree.Regex),
        st.builds(tree.In, st.sampled_from(tree.TEXT_FIELDS), leaves),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: tree.join(Or, parts)),
        st.builds(tree.Near, inner, inner, st.integers(1, 4), st.booleans()),
        st.builds(tree.NotNear, inner, inner, st.integers(1, 4), st.booleans()),
    ),
    max_leaves=4,
)
meta: st.SearchStrategy[Query] = st.one_of(
    st.builds(
        tree.In,
        st.sampled_from(tree.META_FIELDS),
        st.sampled_from(["ja", "en", "defence", "mil", "Doe", "news"]).map(tree.Word),
    ),
    st.just(tree.In("tag", tree.Prefix("def"))),
    st.just(tree.In("url", tree.Regex("mil/"))),
)


def _has_field(query: Query) -> bool:
    return isinstance(query, tree.In) or any(map(_has_field, tree.parts_of(query)))


#: every operator of the language
whole_queries: st.SearchStrategy[Query] = st.recursive(
    st.one_of(
        places,
        places,
        meta,
        st.builds(tree.AtLeast, st.integers(1, 3), places),
        st.builds(
            tree.In,
            st.sampled_from(tree.TEXT_FIELDS),
            places.filter(lambda part: not _has_field(part)),
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: tree.join(Or, parts)),
        st.tuples(st.lists(inner, min_size=1, max_size=3), st.lists(inner, max_size=2)).map(_all_of),
    ),
    max_leaves=5,
)


queries: st.SearchStrategy[Query] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: tree.join(Or, parts)),
        st.tuples(st.lists(inner, min_size=1, max_size=3), st.lists(inner, max_size=2)).map(_all_of),
    ),
    max_leaves=8,
)
