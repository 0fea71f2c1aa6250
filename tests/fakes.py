"""Fakes of what stands outside: a transport that remembers, and fails as it is told to."""

from collections.abc import Callable
from datetime import datetime

from bot.deliver import render
from bot.errors import DeliveryError
from bot.model import Digest, Receipt


class FakeTransport:
    """Take deliveries and remember them; ``fail`` says what goes wrong with each."""

    kind = "fake"

    def __init__(
        self, *targets: str, fail: Callable[[str], DeliveryError | None] = lambda _target: None
    ) -> None:
        self._targets = targets or ("desk",)
        self.fail = fail
        #: (target, message id, body) of each that was taken
        self.taken: list[tuple[str, str, bytes]] = []

    def targets(self) -> tuple[str, ...]:
        return self._targets

    def payload(self, digest: Digest, *, target: str, message_id: str) -> bytes:
        return f"{message_id}\n{render.text(digest)}".encode()

    def test_payload(self, *, target: str, message_id: str, now: datetime) -> bytes:
        return b"test"

    async def send(self, body: bytes, *, target: str, message_id: str) -> Receipt:
        if error := self.fail(target):
            raise error
        self.taken.append((target, message_id, body))
        return Receipt(remote_id=f"fake-{len(self.taken)}")
