"""``watchlists.yaml``: what to look for, in the watch language, whose rules the match room brings."""

import re
from collections.abc import Callable
from collections.abc import Mapping as Named
from functools import partial
from typing import Annotated, ClassVar, TypeVar

from pydantic import Field, model_validator

from bot.config.faults import Report
from bot.config.fields import Flag, Language, Strict, Tag, Words, wrong_together
from bot.config.memory import Judged, Note
from bot.config.pointing import find_part, inside
from bot.config.settings import Validators
from bot.config.source_model import TierName
from bot.config.validate import validate
from bot.config.watch_items import QUERY_LISTS, taken_back
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence, scalars
from bot.errors import QueryError
from bot.model import Tier, Watch

_Read = TypeVar("_Read")
#: Stands in for the rest of a watch while one item is judged by itself.
_COMPANION = "newsbot"
_WATCH_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SCOPE = "write it inside `sources`, such as sources: {{{}}}"


class ScopeModel(Strict):
    """Which sources a watch is for; they have to satisfy all that is given."""

    only: tuple[Words, ...] = Field(
        default=(), description="Keys of sources; empty: every source.", examples=[["spacenews"]]
    )
    tags: tuple[Tag, ...] = Field(
        default=(), description="Sources with one of these tags; empty: every source.", examples=[["defence"]]
    )
    tiers: tuple[TierName, ...] = Field(
        default=(), description="Sources of one of these tiers; empty: every source.", examples=[["official"]]
    )


class WatchModel(Strict):
    """One watch."""

    elsewhere: ClassVar[Named[str, str]] = {
        "only": _SCOPE.format("only: [spacenews]"),
        "tags": _SCOPE.format("tags: [defence]"),
        "tiers": _SCOPE.format("tiers: [official]"),
        "none": "did you mean 'not'?",
        "exclude": "did you mean 'not'?",
    }

    name: Words | None = Field(default=None, description="What the watch is called; its key, when left out.")
    description: str = Field(default="", description="A line for those who read the digest.")
    enabled: Flag = Field(default=True, description="Whether it is looked for.")
    any: tuple[str, ...] = Field(
        default=(),
        description="At least one of these must be found.",
        examples=[["CSpO", "Combined Space Operations"]],
    )
    all: tuple[str, ...] = Field(
        default=(), description="And each of these.", examples=[["exercise OR exercice", "satellit*"]]
    )
    not_: tuple[str, ...] = Field(
        default=(), alias="not", description="And none of these.", examples=[["scrum"]]
    )
    #: how long it may be, the watch language says
    query: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="Or the whole query in one expression.",
        examples=['AsterX OR ("Aster X" NOT NEAR/8 missile)'],
    )
    long_forms: tuple[str, ...] = Field(
        default=(),
        description="What the acronym stands for, each one phrase: an article that gives one is confirmed.",
        examples=[["Combined Space Operations"]],
    )
    rivals: tuple[str, ...] = Field(
        default=(),
        description="What else it stands for, each one phrase: an article that gives one is not delivered.",
        examples=[["Certified Scrum Product Owner"]],
    )
    context: tuple[str, ...] = Field(
        default=(),
        description="Words and phrases that speak for the right meaning when they stand near the acronym.",
        examples=[["space", "satellit*", "defen?e"]],
    )
    languages: tuple[Language, ...] = Field(
        default=(),
        description="Two letters each: only articles in these, or of unknown language; empty: every one.",
        examples=[["en", "fr", "ja"]],
    )
    sources: ScopeModel = Field(
        default=ScopeModel(), description="Only articles of these sources; empty: every source."
    )
    deliver_contradicted: Flag = Field(
        default=False, description="Whether an article that gives a rival meaning is delivered all the same."
    )

    @model_validator(mode="after")
    def _one_way(self) -> "WatchModel":
        lists = self.any or self.all or self.not_
        if self.query is not None and lists:
            raise wrong_together(
                "'query' stands beside any, all or not",
                key="query",
                hint="write it all in the query, or all in the lists",
            )
        if self.query is None and not (self.any or self.all):
            raise wrong_together("the watch has nothing to look for", hint="such as any: [CSpO]")
        return self


def judge_watch(key: Scalar, node: Node, *, validators: Validators, report: Report) -> Judged | None:
    """Return a watch with its lists composed into one query, or None after its faults were reported."""
    if isinstance(node, Mapping):
        before = report.count
        node = taken_back(node, report)
        if report.count > before:
            # without the items at fault the watch may be empty: that follows from them
            report.told.add(key.place)
    model = validate(WatchModel, node, report, name=key)
    if not isinstance(node, Mapping):
        return None
    # the terms are judged even where a key is at fault, so that all is told at once
    query = _query(key, node, validators, report)
    long_forms = _items(node, "long_forms", validators.phrase, report)
    rivals = _items(node, "rivals", validators.phrase, report)
    context = _items(node, "context", validators.context, report)
    _check_rivals(node, long_forms, rivals, report)
    if model is None or query is None or None in (long_forms, rivals, context):
        return None
    watch = Watch(
        key=key.text,
        query=query,
        name=model.name or key.text,
        description=model.description,
        enabled=model.enabled,
        long_forms=tuple(dict.fromkeys(long_forms or ())),
        rivals=tuple(dict.fromkeys(rivals or ())),
        context=tuple(dict.fromkeys(context or ())),
        languages=tuple(dict.fromkeys(model.languages)),
        sources=tuple(dict.fromkeys(model.sources.only)),
        tags=tuple(dict.fromkeys(model.sources.tags)),
        tiers=tuple(Tier(tier) for tier in dict.fromkeys(model.sources.tiers)),
        deliver_contradicted=model.deliver_contradicted,
    )
    return Judged(watch, _notes(watch, key, node, validators))


def key_is_valid(key: Scalar, what: str, report: Report) -> bool:
    """Tell whether a key keeps to letters, digits, - and _; report it when it does not."""
    if (meant := wrong_key(key.text)) is None:
        return True
    report.fault(
        key.place,
        f"the key of a {what} is 1 to 64 letters, digits, - and _",
        hint=f"did you mean '{meant}'?" if meant else "",
    )
    return False


def wrong_key(text: str) -> str | None:
    """Return what a key that is none was most likely meant to be, perhaps ""; None for a valid key."""
    if _WATCH_KEY.fullmatch(text):
        return None
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:64]


def _notes(watch: Watch, key: Scalar, node: Mapping, validators: Validators) -> tuple[Note, ...]:
    """Return what is to be said of a watch that works, each at the term that it speaks of."""
    if not watch.enabled:
        return ()
    return tuple(
        (find_part(node, spellings) or key.place, message, hint)
        for message, hint, spellings in validators.advice(watch)
    )


def _query(key: Scalar, node: Mapping, validators: Validators, report: Report) -> str | None:
    """Return the one query of a watch; None when there is none or it is faulty, after reporting it."""
    written = node.get("query")
    if isinstance(written, Scalar):
        text = written.text.strip()
        return _judged(written, text, partial(_accepted, validators.query, text), report) if text else None
    lists = {name: _texts(node.get(name)) for name in QUERY_LISTS}
    if not (lists["any"] or lists["all"]):
        return None
    try:
        query = validators.compose(
            any=_plain(lists["any"]), all=_plain(lists["all"]), none=_plain(lists["not"])
        )
        validators.query(query)
    except QueryError as error:
        if not _items_at_fault(lists, validators, report):
            report.fault(key.place, error.message, hint=error.hint)
        return None
    return query


def _accepted(rule: Callable[[str], None], text: str) -> str:
    rule(text)
    return text


def _texts(node: Node | None) -> list[Scalar]:
    return list(scalars(node)) if isinstance(node, Sequence) else []


def _plain(items: list[Scalar]) -> list[str]:
    return [item.text.strip() for item in items]


def _items_at_fault(lists: dict[str, list[Scalar]], validators: Validators, report: Report) -> bool:
    """Judge each item by itself and tell whether one was at fault."""
    found = False
    for name, items in lists.items():
        for item in items:
            text = item.text.strip()
            terms = {"any": [_COMPANION], "all": [], "none": []} | {"none" if name == "not" else name: [text]}
            found |= _judged(item, text, partial(validators.compose, **terms), report) is None
    return found


def _items(node: Mapping, name: str, rule: Callable[[str], str], report: Report) -> tuple[str, ...] | None:
    """Return the items of a list as the rule reads them; None after one was reported."""
    read = [
        _judged(item, text, partial(rule, text), report)
        for item in _texts(node.get(name))
        if (text := item.text.strip())
    ]
    found = tuple(item for item in read if item is not None)
    return found if len(found) == len(read) else None


def _check_rivals(
    node: Mapping, long_forms: tuple[str, ...] | None, rivals: tuple[str, ...] | None, report: Report
) -> None:
    """Refuse a phrase that would both confirm and contradict."""
    known = {phrase.casefold() for phrase in long_forms or ()}
    for item, phrase in zip(_texts(node.get("rivals")), rivals or (), strict=False):
        if phrase.casefold() in known:
            report.fault(item.place, f"'{phrase}' is among the long_forms, too", hint="keep one of the two")


def _judged(scalar: Scalar, text: str, rule: Callable[[], _Read], report: Report) -> _Read | None:
    """Apply a rule to a text; None after pointing at the character it stumbles over."""
    try:
        return rule()
    except QueryError as error:
        start = max(0, error.query.find(text))
        within = max(0, min(error.position - start, len(text)))
        place = inside(scalar, scalar.text.find(text) + within, error.width)
        report.fault(place, error.message, hint=error.hint)
        return None
