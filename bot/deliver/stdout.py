"""Standard output: each digest as text in the terminal, for trying out."""

import sys
from datetime import datetime

from bot.deliver import render
from bot.deliver.judge import later
from bot.deliver.options import Options
from bot.model import Digest, Receipt


class StdoutOptions(Options):
    """A channel of type ``stdout`` needs nothing."""


class Stdout:
    """A channel that prints."""

    kind = "stdout"

    def __init__(self, key: str, options: StdoutOptions) -> None:
        self._key = key

    def targets(self) -> tuple[str, ...]:
        """Return the one place there is."""
        return ("stdout",)

    def payload(self, digest: Digest, *, target: str, message_id: str) -> bytes:
        """Return the text of the digest."""
        return render.text(digest).encode()

    async def send(self, body: bytes, *, target: str, message_id: str) -> Receipt:
        """Print the text; characters that the terminal does not know become ``?``."""
        encoding = sys.stdout.encoding or "utf-8"
        try:
            sys.stdout.write(body.decode().encode(encoding, "replace").decode(encoding))
            sys.stdout.flush()
        except (OSError, ValueError) as error:
            raise later(self._key, f"standard output is closed ({type(error).__name__})") from None
        return Receipt()

    def test_payload(self, *, target: str, message_id: str, now: datetime) -> bytes:
        """Return a line that says that the channel works."""
        return f"This is a test from Newsbot. The channel “{self._key}” works.\n".encode()
