"""``digests:`` in ``newsbot.yaml``: what is sent, when, and over which channels."""

from collections.abc import Callable, Collection
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from bot.config.faults import Place, Report, did_you_mean
from bot.config.fields import Strict, Timezone, Words, wrong, wrong_together
from bot.config.settings import DigestSettings, Validators
from bot.config.validate import validate
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from bot.errors import ScheduleError


def _all_or_list(value: object) -> object:
    if isinstance(value, str):
        if value.strip() == "all":
            return None
        raise wrong("must be 'all' or a list of watches", f"write a list: [{value}]")
    return value


_Watches = Annotated[
    tuple[Words, ...] | None,
    BeforeValidator(_all_or_list),
    WithJsonSchema(
        {"anyOf": [{"const": "all"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]},
        mode="validation",
    ),
]


class DigestModel(Strict):
    """One digest."""

    later: ClassVar[frozenset[str]] = frozenset(
        {
            "only",
            "quiet_hours",
            "language",
            "delivery",
            "outlets_at_least",
            "new_story",
            "tiers",
            "thread",
            "batch",
        }
    )

    name: Words | None = Field(default=None, description="What the digest is called; its key, when left out.")
    schedule: Words | None = Field(
        default=None,
        description="When, in words.",
        examples=["every day at 07:00", "every monday at 07:00", "hourly", "immediately"],
    )
    cron: Words | None = Field(
        default=None, description="When, as a cron line.", examples=["0 7 * * mon-fri"]
    )
    timezone: Timezone | None = Field(
        default=None, description="The schedule's zone; that of the bot, when left out."
    )
    watches: _Watches = Field(default=None, description="Which watches: all, or a list of their keys.")
    channels: tuple[Words, ...] = Field(min_length=1, description="The keys of the channels it goes to.")
    when_empty: Literal["send", "skip"] = Field(
        default="send", description="Whether a digest without mentions is sent."
    )

    @model_validator(mode="after")
    def _one_schedule(self) -> "DigestModel":
        if self.schedule is not None and self.cron is not None:
            raise wrong_together("'schedule' and 'cron' are both given", key="cron", hint="keep one of them")
        if self.schedule is None and self.cron is None:
            raise wrong_together("'schedule' is missing", hint="such as schedule: every day at 07:00")
        if self.watches is not None and not self.watches:
            raise wrong_together("'watches' names none", key="watches", hint="write watches: all")
        return self


def build_digest(
    key: Scalar,
    node: Node,
    *,
    zone: str,
    watches: Collection[str] | None,
    channels: Collection[str] | None,
    validators: Validators,
    report: Report,
) -> DigestSettings | None:
    """Return a digest, or None after its faults were reported.

    ``zone`` is the bot's own; ``watches`` and ``channels`` are the keys that exist, None where the
    file that has them could not be read.
    """
    if isinstance(node, Mapping):
        _check_when(node, validators, report)
        if watches is not None:
            _check_names(node, "watches", watches, "watch", report)
        if channels is not None:
            _check_names(node, "channels", channels, "channel", report)
    model = validate(DigestModel, node, report, name=key)
    if model is None:
        return None
    return DigestSettings(
        key=key.text,
        name=model.name or key.text,
        schedule=model.schedule,
        cron=model.cron,
        timezone=model.timezone or zone,
        watches=None if model.watches is None else tuple(dict.fromkeys(model.watches)),
        channels=tuple(dict.fromkeys(model.channels)),
        when_empty=model.when_empty,
    )


def _check_when(node: Mapping, validators: Validators, report: Report) -> None:
    rules: tuple[tuple[str, Callable[[str], None]], ...] = (
        ("schedule", validators.schedule),
        ("cron", validators.cron),
    )
    for name, rule in rules:
        value = node.get(name)
        if not isinstance(value, Scalar) or value.is_null or not value.text.strip():
            continue
        try:
            rule(value.text.strip())
        except ScheduleError as error:
            report.fault(value.place, f"'{name}': {error.message}", hint=error.hint)


def _check_names(node: Mapping, name: str, known: Collection[str], what: str, report: Report) -> None:
    value = node.get(name)
    if not isinstance(value, Sequence):
        return
    for item in value.items:
        if isinstance(item, Scalar) and not item.is_null and item.text.strip() not in known:
            _unknown(item.place, item.text, known, what, report)


def _unknown(place: Place, name: str, known: Collection[str], what: str, report: Report) -> None:
    there_are = f"{what}es" if what.endswith("ch") else f"{what}s"
    hint = did_you_mean(name, known, what=there_are) or f"no {there_are} are configured"
    report.fault(place, f"there is no {what} '{name}'", hint=hint)
