"""Operators over terms: what each of them may stand between, and the refusals that show how to write it.

``bot.match.query`` reads them; here it is decided what is meant. Pure.
"""

from collections.abc import Sequence
from typing import Final

from lark import Token

from bot.match.syntax import Refusal
from bot.match.tree import (
    META_FIELDS,
    TEXT_FIELDS,
    And,
    AtLeast,
    In,
    Near,
    Not,
    NotNear,
    Or,
    Query,
    Regex,
    Wild,
    join,
    parts_of,
)

#: words between two places, at most
MOST_BETWEEN: Final = 100
#: NEAR inside each other; what a person writes has two, and each more multiplies the places
MOST_NEAR_LEVELS: Final = 5
#: how often something may be asked to stand in an article
MOST_COUNTED: Final = 1_000
#: fields whose whole value is compared
_WHOLE_FIELDS: Final = frozenset({"source", "tag", "lang"})
_OPERANDS: Final = "between NEAR stand terms, or terms joined by OR in parentheses"


def mixed(parts: list[Query], links: list[type[And | Or]], at: int, width: int) -> Refusal:
    """Show both ways to read a level that mixes AND and OR."""
    readings = [_reading(parts, links, tight) for tight in (And, Or)]
    hint = "put parentheses where you mean them: " + "  or  ".join(readings)
    return Refusal("AND and OR are mixed without parentheses", at, width=width, hint=hint)


def _reading(parts: list[Query], links: list[type[And | Or]], tight: type[And | Or]) -> str:
    """Write the level as if one operator bound tighter than the other."""
    groups = [[parts[0]]]
    for link, part in zip(links, parts[1:], strict=True):
        if link is tight:
            groups[-1].append(part)
        else:
            groups.append([part])
    return str(join(Or if tight is And else And, [join(tight, group) for group in groups]))


def near(operands: Sequence[tuple[Query, int]], signs: Sequence[Token]) -> Query:
    """Join two operands, each with its position, by a sign of the NEAR family."""
    if len(signs) > 1:
        at = signs[1].start_pos or 0
        (first, _), (second, _), (third, _) = operands[:3]
        left = f"({_pair(first, signs[0], second)}) {signs[1]} {third}"
        right = f"{first} {signs[0]} ({_pair(second, signs[1], third)})"
        hint = f"put parentheses where you mean them: {left}  or  {right}"
        raise Refusal("NEAR stands twice without parentheses", at, width=len(signs[1]), hint=hint)
    for node, at in operands:
        _require_places(node, at)
        if _near_levels(node) >= MOST_NEAR_LEVELS:
            raise Refusal(f"more than {MOST_NEAR_LEVELS} NEAR stand inside each other", at)
    return _pair(operands[0][0], signs[0], operands[1][0])


def _pair(left: Query, sign: Token, right: Query) -> Query:
    written = "".join(str(sign).split())
    negated = written.startswith("NOT")
    name, _, distance = written.removeprefix("NOT").partition("/")
    most = _distance(distance, sign)
    ordered = name.upper() in ("ONEAR", "PRE")
    return NotNear(left, right, most, ordered) if negated else Near(left, right, most, ordered)


def _distance(text: str, sign: Token) -> int:
    at, width = sign.start_pos or 0, len(sign)
    name = " ".join(sign.partition("/")[0].split())
    hint = f"write the words that may stand between: {name}/5"
    if not text:
        raise Refusal(f"{name} needs a number", at, width=width, hint=hint)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= MOST_BETWEEN:
        raise Refusal(f"the number of {name} is from 1 to {MOST_BETWEEN}", at, width=width, hint=hint)
    return int(text)


def _require_places(node: Query, at: int) -> None:
    """Refuse what stands at no place of the text."""
    if isinstance(node, And):
        raise Refusal("AND cannot stand beside NEAR", at, hint=_OPERANDS)
    if isinstance(node, Not):
        raise Refusal("NOT cannot stand beside NEAR", at, hint="write a NOT NEAR/5 b")
    if isinstance(node, AtLeast):
        raise Refusal("atleast cannot stand beside NEAR", at, hint="join the two with AND")
    if isinstance(node, In) and node.field in META_FIELDS:
        hint = "NEAR looks into the text: title:, lead: and body: can stand beside it"
        raise Refusal(f"{node.field}: cannot stand beside NEAR", at, hint=hint)
    for part in parts_of(node):
        _require_places(part, at)


def _near_levels(node: Query) -> int:
    below = max(map(_near_levels, parts_of(node)), default=0)
    return below + isinstance(node, (Near, NotNear))


def at_least(sign: Token, part: Query, part_at: int) -> AtLeast:
    """Ask for a number of places of a part that begins at ``part_at``."""
    at, width = sign.start_pos or 0, len(sign)
    digits = sign[len("atleast") :].rstrip("( \t\r\n")
    if not digits:
        raise Refusal("atleast needs a number", at, width=width, hint="such as atleast3(AsterX)")
    if not 1 <= int(digits[:9]) <= MOST_COUNTED:
        raise Refusal(f"the number of atleast is from 1 to {MOST_COUNTED:,}", at, width=width)
    if isinstance(part, (And, Not, AtLeast)) or any(map(_is_uncountable, _all_parts(part))):
        hint = "in its parentheses stand terms, or terms joined by OR"
        raise Refusal("atleast counts places of terms", part_at, hint=hint)
    return AtLeast(int(digits), part)


def _is_uncountable(node: Query) -> bool:
    return isinstance(node, (And, Not, AtLeast)) or (isinstance(node, In) and node.field in META_FIELDS)


def within(field: str, part: Query, part_at: int) -> In:
    """Restrict a part that begins at ``part_at`` to a field."""
    for node in _all_parts(part):
        if isinstance(node, In):
            raise Refusal(f"{node.field}: stands inside {field}:", part_at, hint="a term has one field")
        if field in TEXT_FIELDS:
            continue
        if isinstance(node, (Near, NotNear, AtLeast)):
            hint = "it looks into the text: title:, lead: or body:"
            name = "atleast" if isinstance(node, AtLeast) else "NEAR"
            raise Refusal(f"{name} cannot stand inside {field}:", part_at, hint=hint)
        if field in _WHOLE_FIELDS and isinstance(node, (Regex, Wild)):
            hint = f"{field}: is compared as a whole; a * may stand at the end"
            raise Refusal(f"this cannot stand inside {field}:", part_at, hint=hint)
    return In(field, part)


def _all_parts(node: Query) -> list[Query]:
    found = [node]
    for part in parts_of(node):
        found += _all_parts(part)
    return found


__all__ = ["MOST_BETWEEN", "MOST_COUNTED", "MOST_NEAR_LEVELS", "at_least", "mixed", "near", "within"]
