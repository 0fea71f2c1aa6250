"""``channels:`` in ``newsbot.yaml``: which kind each is; what a kind asks for is the deliver room's model."""

from collections.abc import Mapping as Kinds

from pydantic import BaseModel

from bot.config.faults import Report, did_you_mean
from bot.config.secrets import Vault
from bot.config.settings import ChannelSettings
from bot.config.validate import head, validate
from bot.config.yaml_nodes import Mapping, Node, Scalar

#: Kinds that the design knows and this version does not.
LATER = frozenset({"webhook", "apprise", "telegram", "teams", "discord", "matrix", "ntfy"})


def build_channel(
    key: Scalar, node: Node, *, kinds: Kinds[str, type[BaseModel]], vault: Vault
) -> ChannelSettings | None:
    """Return a channel with the options of its kind, or None after its faults were reported."""
    report = vault.report
    if not isinstance(node, Mapping):
        report.fault(key.place, f"'{key.text}' must be `key: value` lines", hint="the first is type: email")
        return None
    kind = _kind(key, node, kinds, report)
    if kind is None:
        return None
    options = kinds[kind]
    unlocked = vault.unlock(node, options)
    assert isinstance(unlocked, Mapping)
    if "type" not in options.model_fields:
        pairs = tuple(pair for pair in unlocked.pairs if pair[0].text != "type")
        unlocked = Mapping(place=unlocked.place, pairs=pairs)
    model = validate(options, unlocked, report, name=key)
    return None if model is None else ChannelSettings(key=key.text, kind=kind, options=model)


def _kind(key: Scalar, node: Mapping, kinds: Kinds[str, type[BaseModel]], report: Report) -> str | None:
    value = node.get("type")
    if value is None or (isinstance(value, Scalar) and value.is_null):
        report.fault(key.place, "'type' is missing", hint=f"one of {', '.join(sorted(kinds))}")
        return None
    if not isinstance(value, Scalar):
        report.fault(head(value), "'type' must be text", hint=f"one of {', '.join(sorted(kinds))}")
        return None
    kind = value.text.strip()
    if kind in kinds:
        return kind
    hint = "comes in a later version" if kind in LATER else did_you_mean(kind, kinds, what="types")
    report.fault(value.place, f"there is no channel of the type '{kind}'", hint=hint)
    return None
