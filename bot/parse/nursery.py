"""The program's side of the nursery: start it, ask it for workers, have workers killed.

Used by ``sandbox`` only. The nursery gets an environment of its own, for the program's may hold secrets,
and a session of its own, so that a Ctrl-C in the terminal is the program's business alone.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from bot.parse import frames, wire

#: All that a worker's environment holds, beside the path to our own modules.
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TZ": "UTC",
    # One thread: no heap for others, no pool of them in a library, and what is big goes back when it is free.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "OPENBLAS_NUM_THREADS": "1",
}
#: Loading the parsers takes a second; a machine that needs longer than this has other troubles.
_PATIENCE_S = 60.0


class Nursery:
    """A process that forks workers; started again by the next ``fork`` when it has died."""

    def __init__(self, *, memory: int) -> None:
        #: bytes a worker may use beyond what the nursery itself uses
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._turn = asyncio.Lock()

    def start(self) -> None:
        """Start the process, if it is not there; it loads the parsers meanwhile. Raises OSError."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 -- our own module
                    [sys.executable, "-P", "-m", "bot.parse.worker", str(theirs.fileno()), str(self._memory)],
                    env=_ENVIRONMENT | {"PYTHONPATH": _module_path()},
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        self._control = ours

    async def fork(self) -> tuple[int, socket.socket]:
        """Return the id of a new worker and our end of its socket, non-blocking. Raises OSError."""
        async with self._turn:
            self.start()
            control = self._control
            if control is None:
                raise ConnectionError("the nursery is closed")
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                with theirs:
                    socket.send_fds(control, [wire.COMMAND.pack(wire.FORK, 0)], [theirs.fileno()])
                loop = asyncio.get_running_loop()
                async with asyncio.timeout(_PATIENCE_S):
                    answer = await loop.sock_recv(control, frames.HEAD.size)
                if len(answer) != frames.HEAD.size:
                    raise ConnectionError("the nursery ended")
            except BaseException:
                ours.close()
                # An answer that we no longer wait for would be taken for the next worker's.
                self.close()
                raise
            ours.setblocking(False)
            return frames.HEAD.unpack(answer)[0], ours

    def kill(self, worker: int) -> None:
        """Have a worker killed; where the nursery is gone, so are its workers."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.send(wire.COMMAND.pack(wire.KILL, worker))

    def close(self) -> None:
        """End the nursery and all its workers."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _module_path() -> str:
    """Return where a worker finds the modules that we find, as absolute paths; ours first."""
    own = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(dict.fromkeys([own, *(str(Path(entry).resolve()) for entry in sys.path if entry)]))
