"""The lists of a watch that are no queries: phrases that an acronym stands for, terms of its context.

Their items are written as the items of ``any`` are, and are less: one phrase, or one term. Whatever is
more is refused with its character. Pure.

Source: "A watch" in the watch language.
"""

import re
from typing import Final

from bot.errors import QueryError
from bot.match.query import parse_item
from bot.match.tree import FIELDS, Exact, Phrase, Term, Word

_QUOTED: Final = re.compile(r"[\"“”„][^\"“”„]*[\"“”]|\{[^{}]*\}")
#: what joins or negates terms, or looks for them elsewhere
_OPERATORS: Final = re.compile(
    r"(?<!\S)(?:AND|OR|NOT|O?NEAR(?:/\d*)?|(?:[wW]|pre|PRE)/\d+)(?!\S)|[()]|(?<!\S)-(?=[^\s-])"
    rf"|(?<!\S)(?:{'|'.join(FIELDS)}|re):(?=\S)|(?<!\S)atleast\d*(?=\()"
)
_WILDCARDS: Final = re.compile(r"[*?]")
_ACRONYM_BEHIND: Final = re.compile(r"(?P<words>[^()]*\S)\s*\([^()\s]*\)")


def phrase(item: str) -> str:
    """Return an item that is one phrase, without the quotes or braces that it may be written in.

    Raises QueryError for operators, wildcards and what holds no letter.
    """
    item = item.strip()
    if wildcard := _WILDCARDS.search(item):
        raise QueryError(
            f"an item here is one phrase, and '{wildcard[0]}' is a wildcard",
            query=item,
            position=wildcard.start(),
            hint="write the words out, in an item of its own for each spelling",
        )
    if operator := _operator(item):
        behind = _ACRONYM_BEHIND.fullmatch(item)
        raise QueryError(
            f"an item here is one phrase, without '{operator[0]}'",
            query=item,
            position=operator.start(),
            width=len(operator[0]),
            hint=f"did you mean '{behind['words']}'?" if behind else _hint(operator),
        )
    tree = parse_item(item)
    if isinstance(tree, Word | Phrase | Exact):
        return tree.text
    hint = "make an item of each of its parts"
    raise QueryError("an item here is one phrase", query=item, position=0, width=len(item), hint=hint)


def context_term(item: str) -> str:
    """Return an item that is one term of the watch language, as a query would hold it.

    Raises QueryError for whatever is more than a word, a phrase, or the beginning of one.
    """
    item = item.strip()
    if operator := _operator(item):
        raise QueryError(
            f"an item here is one word or phrase, without '{operator[0]}'",
            query=item,
            position=operator.start(),
            width=len(operator[0]),
            hint=_hint(operator),
        )
    tree = parse_item(item)
    if isinstance(tree, Term):
        return str(tree)
    hint = "make an item of each of its parts"
    raise QueryError("an item here is one word or phrase", query=item, position=0, width=len(item), hint=hint)


def _operator(item: str) -> re.Match[str] | None:
    """Return the first sign that makes an item more than a term; what is quoted is none."""
    return _OPERATORS.search(_QUOTED.sub(lambda found: '"' * len(found[0]), item))


def _hint(operator: re.Match[str]) -> str:
    if operator[0].isalpha():
        return "make an item of each part, or put the words in quotes of their own if it is one of them"
    return "make an item of each of its parts" if operator[0] in "()" else "leave it out"
