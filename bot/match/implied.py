"""What else a query finds: terms found wherever another one is, parts that hold wherever another does.

Used to warn, never to match, so it errs on one side: where it says yes, it is so for every article;
where it says no, nobody knows. Pure.
"""

from bot.match.terms import Form, forms
from bot.match.tree import META_FIELDS, And, AtLeast, In, Leaf, Near, NotNear, Or, Query, Regex


def covers(wide: Leaf, narrow: Leaf) -> bool:
    """Tell whether ``wide`` is found in every place of ``narrow``: ``Aster*`` in that of ``AsterX``."""
    if wide == narrow:
        return True
    if isinstance(wide, Regex) or isinstance(narrow, Regex):
        return False
    return all(any(_within(outer, inner) for outer in forms(wide)) for inner in forms(narrow))


def _within(wide: Form, narrow: Form) -> bool:
    """Tell whether a form stands in every place of another, by their patterns and what is between words."""
    if wide.before or wide.after or wide.exact is not None or wide.wild is not None:
        return False
    at = narrow.pattern.find(wide.pattern)
    if at < 0:
        return False
    first = narrow.pattern.count(" ", narrow.left, at + wide.left)
    between = narrow.gaps[first : first + len(wide.gaps)]
    return len(between) == len(wide.gaps) and all(
        there <= allowed for there, allowed in zip(between, wide.gaps, strict=True)
    )


def implies(
    premise: Query, conclusion: Query, field: str | None = None, conclusion_field: str | None = None
) -> bool:
    """Tell whether every article for which ``premise`` holds is one for which ``conclusion`` holds.

    The fields are those that the two stand in; None for title and body.
    """
    if isinstance(premise, In):
        return implies(premise.part, conclusion, premise.field, conclusion_field)
    if isinstance(conclusion, In):
        return implies(premise, conclusion.part, field, conclusion.field)
    if premise == conclusion and field == conclusion_field:
        return True
    if isinstance(conclusion, And):
        return all(implies(premise, part, field, conclusion_field) for part in conclusion.parts)
    if isinstance(premise, Or):
        return all(implies(part, conclusion, field, conclusion_field) for part in premise.parts)
    found = _found_with(premise)
    if found:
        return any(implies(part, conclusion, field, conclusion_field) for part in found)
    if isinstance(conclusion, Or):
        return any(implies(premise, part, field, conclusion_field) for part in conclusion.parts)
    return _leaf_implies(premise, conclusion, field, conclusion_field)


def _found_with(premise: Query) -> tuple[Query, ...]:
    """Return parts of which each holds wherever the whole does; () for a leaf and for NOT."""
    if isinstance(premise, And):
        return premise.parts
    if isinstance(premise, Near):
        return (premise.left, premise.right)
    if isinstance(premise, NotNear):
        return (premise.left,)
    if isinstance(premise, AtLeast):
        return (premise.part,)
    return ()


def _leaf_implies(premise: Query, conclusion: Query, field: str | None, conclusion_field: str | None) -> bool:
    if not isinstance(premise, Leaf) or not isinstance(conclusion, Leaf):
        return False
    if field in META_FIELDS or conclusion_field in META_FIELDS:
        # what is known about an article is compared in other ways than its text
        return False
    is_inside = conclusion_field is None or (field, conclusion_field) == ("lead", "body")
    return (is_inside or field == conclusion_field) and covers(conclusion, premise)
