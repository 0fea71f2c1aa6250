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
from bot.parse import article, frames, rehearsal, source, wire
from bot.parse.jobs import ExtractJob, ListingJob

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
#: The socket of a worker, after its three standard files.
_OURS = 3
#: A worker that has needed so many bytes more than it began with makes room for a new one.
_GROWN = 64 * 1024 * 1024
#: After a job of more bytes than this, memory that it has left free goes back to the system.
_LARGE = 256 * 1024
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
    rehearsal.rehearse()
    # What is loaded now stays: no worker looks through it for garbage, nor copies its pages by doing so.
    gc.collect()
    _trim()
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
                _serve(given[0], memory)
            os.close(given[0])
            children.add(child)
            control.sendall(frames.HEAD.pack(child))
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


def _serve(given: int, memory: int) -> None:
    """Work until the socket ends; never returns."""
    status = 0
    try:
        _confine(given, memory)
        jobs = socket.socket(fileno=_OURS)
        most = _peak() + _GROWN
        while (payload := _receive(jobs)) is not None:
            large = len(payload) > _LARGE
            job = wire.job_from_payload(payload)
            # The job has its bytes; a parse of theirs needs the room.
            del payload
            answer, healthy = _work(job)
            del job
            if not healthy or _peak() > most:
                jobs.sendall(frames.last(answer))
                break
            jobs.sendall(answer)
            del answer
            if large:
                _trim()
    except BaseException:  # noqa: BLE001 -- the last frame of a process: whatever it is, it ends here, silently
        status = 1
    os._exit(status)


def _trim() -> None:
    """Give free memory back to the system, where its library can."""
    trim = getattr(_LIBC, "malloc_trim", None)
    if trim is not None:
        trim(0)


def _peak() -> int:
    """Return the most bytes of memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _confine(given: int, memory: int) -> None:
    """Keep the one socket and nothing else that was inherited; before the first foreign byte is read.

    From then on nothing can be opened, no file and no address: there is no number left for it.
    """
    _die_with_parent(os.getppid())
    limit = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.dup2(given, _OURS)
    os.closerange(_OURS + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OURS + 1, _OURS + 1))


def _die_with_parent(parent: int) -> None:
    """Be killed when the parent is, and gain no rights by running anything."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _address_space() -> int:
    """Return the bytes of address space in use: libraries reserve far more than they touch."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _receive(jobs: socket.socket) -> bytearray | None:
    """Return the next job's payload, or None at the end."""
    head = _exactly(jobs, frames.HEAD.size)
    return None if head is None else _exactly(jobs, frames.HEAD.unpack(head)[0])


def _exactly(jobs: socket.socket, size: int) -> bytearray | None:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        count = jobs.recv_into(view[done:])
        if count == 0:
            return None
        done += count
    return data


def _work(job: ListingJob | ExtractJob) -> tuple[bytes, bool]:
    """Return the frame that answers a job, and whether this process may go on."""
    try:
        return _answer(job), True
    except ParseError as error:
        return wire.error_to_frame(error), True
    except (MemoryError, RecursionError):
        return _failure(
            job.url, FailureKind.TOO_COMPLEX, "too complex: reading it needs too much memory"
        ), False
    except Exception as error:  # noqa: BLE001 -- a parser that stumbles costs this job only
        return _failure(job.url, FailureKind.CRASHED, f"the parser failed ({type(error).__name__})"), True


def _answer(job: ListingJob | ExtractJob) -> bytes:
    if isinstance(job, ListingJob):
        return wire.listing_to_frame(source.parse(job))
    if job.alone and job.entry is not None:
        return wire.article_to_frame(article.from_entry(job.entry, job.url))
    found = article.extract(
        job.html,
        job.url,
        headers=job.headers,
        entry=job.entry,
        content_selector=job.content_selector,
        json_ld=job.json_ld,
    )
    return wire.article_to_frame(found)


def _failure(url: str, kind: FailureKind, message: str) -> bytes:
    return wire.error_to_frame(ParseError(message, kind=kind, subject=url))


if __name__ == "__main__":
    main()
