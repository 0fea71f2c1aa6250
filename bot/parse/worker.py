"""The processes that read foreign bytes: a nursery that forks workers, and the workers.

Started by ``sandbox`` as ``python -m bot.parse.worker FD MEMORY`` in a session and with an environment of its
own. The nursery loads the parsers once and then only forks and kills; a worker takes jobs from its socket one
after the other, under limits, and ends when the socket does. Neither knows anything of the program: no
configuration, no secret, no file of its own.
"""

import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from pathlib import Path

from bot.errors import FailureKind, ParseError
from bot.parse import article, language, source, wire

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_MAX_FILES = 32
_NURSED: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Nurse workers until the program on the other end of the control socket is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    memory = int(sys.argv[2])
    sys.dont_write_bytecode = True
    for name in _NURSED:
        # Who stops the program stops us by closing the sockets; its running jobs may end first.
        signal.signal(name, signal.SIG_IGN)
    _die_with_parent(os.getppid())
    language.detect("", "the model of languages is loaded before the first worker is forked")
    # What is loaded now stays: no worker looks through it for garbage, nor copies its pages by doing so.
    gc.collect()
    gc.freeze()
    # A parse makes many small values that die at its end: looking for cycles among them is for nothing.
    gc.set_threshold(50_000, 20, 100)
    _nurse(control, memory)


def _nurse(control: socket.socket, memory: int) -> None:
    children: set[int] = set()
    while True:
        command, given, _flags, _address = socket.recv_fds(control, wire.COMMAND.size, 1)
        _reap(children)
        if not command:
            break
        verb, number = wire.COMMAND.unpack(command)
        if verb == wire.FORK and given:
            child = os.fork()
            if child == 0:
                control.close()
                _serve(socket.socket(fileno=given[0]), memory)
            os.close(given[0])
            children.add(child)
            control.sendall(wire.HEAD.pack(child))
        elif verb == wire.KILL and number in children:
            os.kill(number, signal.SIGKILL)
    for child in children:
        os.kill(child, signal.SIGKILL)


def _reap(children: set[int]) -> None:
    """Collect the ended; only we do, so that no number in ``children`` can be another process by now."""
    while children:
        ended, _status = os.waitpid(-1, os.WNOHANG)
        if ended == 0:
            return
        children.discard(ended)


def _serve(jobs: socket.socket, memory: int) -> None:
    """Work until the socket ends; never returns."""
    status = 0
    try:
        _confine(jobs.fileno(), memory)
        while (payload := _receive(jobs)) is not None:
            answer, healthy = _work(payload)
            jobs.sendall(answer)
            if not healthy:
                break
    except BaseException:  # noqa: BLE001 -- the last frame of a process: whatever it is, it ends here, silently
        status = 1
    os._exit(status)


def _confine(keep: int, memory: int) -> None:
    """Close what was inherited and set the limits; before the first foreign byte is read."""
    _die_with_parent(os.getppid())
    limit = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_FILES, _MAX_FILES))


def _die_with_parent(parent: int) -> None:
    """Be killed when the parent is, and gain no rights by running anything."""
    process = ctypes.CDLL(None, use_errno=True)
    process.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    process.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _address_space() -> int:
    """Return the bytes of address space in use: libraries reserve far more than they touch."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _receive(jobs: socket.socket) -> bytes | None:
    """Return the next job's payload, or None at the end."""
    head = _exactly(jobs, wire.HEAD.size)
    return None if head is None else _exactly(jobs, wire.HEAD.unpack(head)[0])


def _exactly(jobs: socket.socket, size: int) -> bytes | None:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        count = jobs.recv_into(view[done:])
        if count == 0:
            return None
        done += count
    return bytes(data)


def _work(payload: bytes) -> tuple[bytes, bool]:
    """Return the frame that answers a job, and whether this process may go on."""
    job = wire.job_from_plain(wire.unpack(payload))
    try:
        return wire.pack(_answer(job)), True
    except ParseError as error:
        return wire.pack(wire.error_to_plain(error)), True
    except (MemoryError, RecursionError):
        return _failure(
            job.url, FailureKind.TOO_COMPLEX, "too complex: reading it needs too much memory"
        ), False
    except Exception as error:  # noqa: BLE001 -- a parser that stumbles costs this job only
        return _failure(job.url, FailureKind.CRASHED, f"the parser failed ({type(error).__name__})"), True


def _answer(job: wire.ListingJob | wire.ExtractJob) -> tuple[object, ...]:
    if isinstance(job, wire.ExtractJob):
        found = article.extract(job.html, job.url, headers=job.headers, entry=job.entry)
        return wire.article_to_plain(found)
    feed = source.parse(
        job.data,
        job.headers,
        job.url,
        kind=job.kind,
        links=job.links,
        title=job.title,
        date=job.date,
        newer_than=job.newer_than,
        now=job.now,
    )
    return wire.listing_to_plain(feed)


def _failure(url: str, kind: FailureKind, message: str) -> bytes:
    return wire.pack(wire.error_to_plain(ParseError(message, kind=kind, subject=url)))


if __name__ == "__main__":
    main()
