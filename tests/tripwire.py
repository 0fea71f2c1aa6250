"""Every address that this process connects to, told by the interpreter itself.

::

    with tripwire() as wire:
        …
    assert wire.hosts <= {"127.0.0.1"}

An audit hook sits below every library: whatever opens a socket, the hook is told before the packet leaves.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Wire:
    """What was connected to, in order."""

    touched: list[tuple[str, int]] = field(default_factory=list)

    @property
    def hosts(self) -> set[str]:
        """The addresses, without their ports."""
        return {host for host, _ in self.touched}


_open: list[Wire] = []
_hung: list[bool] = []


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect" and _open:
        address = args[1]
        if isinstance(address, tuple):
            for wire in _open:
                wire.touched.append((str(address[0]), int(address[1])))


@contextmanager
def tripwire() -> Iterator[Wire]:
    """Record what is connected to until the end of the ``with``."""
    if not _hung:  # a hook can never be taken away again
        sys.addaudithook(_hook)
        _hung.append(True)
    wire = Wire()
    _open.append(wire)
    try:
        yield wire
    finally:
        _open.remove(wire)
