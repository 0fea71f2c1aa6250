"""The one face of every way to a person, and what a kind of channel is made of.

A transport is two halves: ``payload`` is pure and its bytes are frozen in the outbox before anything
is sent; ``send`` hands exactly these bytes over, and only it touches the world. A new kind is one
file, one test and one line in ``KINDS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel

from bot.model import Digest, Receipt


class Transport(Protocol):
    """A configured channel."""

    @property
    def kind(self) -> str:
        """The name of its kind."""

    def targets(self) -> tuple[str, ...]:
        """Return who gets a digest; one delivery each."""

    def payload(self, digest: Digest, *, target: str, message_id: str) -> bytes:
        """Return the bytes that say the digest to one target; pure, the same every time."""

    async def send(self, body: bytes, *, target: str, message_id: str) -> Receipt:
        """Hand a payload over.

        Raises DeliveryError: ``LATER`` and ``NEVER`` where it was certainly not accepted, ``UNKNOWN``
        where the answer was lost after it was handed over.
        """

    def test_payload(self, *, target: str, message_id: str, now: datetime) -> bytes:
        """Return the bytes of a short message that says that the channel works."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A kind of channel: what it is called, what it needs, and how one is made."""

    name: str
    #: unknown keys are refused; secrets are ``SecretStr``
    options: type[BaseModel]
    #: (the channel's key, its options) → the transport
    build: Callable[[str, Any], Transport]
