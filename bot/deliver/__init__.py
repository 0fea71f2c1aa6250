"""From a digest to a person: one transport a kind of channel, and the registry of kinds.

``payload`` is pure and frozen in the outbox; ``send`` hands it over and says whether it was accepted,
refused, or whether nobody can know. Who is due, and what is written down, is the pipeline's business.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.deliver.email import Email, EmailOptions
from bot.deliver.file import File, FileOptions
from bot.deliver.identity import message_id
from bot.deliver.slack import Slack, SlackOptions
from bot.deliver.stdout import Stdout, StdoutOptions
from bot.deliver.transport import Kind, Transport

#: Every kind of channel, by the name that a configuration gives as its ``type``.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(name="email", options=EmailOptions, build=Email),
            Kind(name="slack", options=SlackOptions, build=Slack),
            Kind(name="file", options=FileOptions, build=File),
            Kind(name="stdout", options=StdoutOptions, build=Stdout),
        )
    }
)

__all__ = ["KINDS", "Kind", "Transport", "message_id"]
