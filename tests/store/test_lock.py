"""The run lock: one program at a time, the second is told who runs, and a killed one leaves nothing."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from bot.errors import AlreadyRunning, FailureKind, StoreError
from bot.store.lock import RunLock


def test_the_second_is_told_who_runs(database_url: str, now: datetime):
    with RunLock.acquire(database_url, what="newsbot run", now=now):
        with pytest.raises(
            AlreadyRunning, match=r"newsbot run \(pid \d+ on .+, since 2026-02-03 09:30:00 UTC\)"
        ) as caught:
            RunLock.acquire(database_url, what="newsbot once", now=now)
        assert str(os.getpid()) in caught.value.message
        assert "secret" not in caught.value.subject


def test_the_holder_can_be_looked_up_without_standing_in_the_way(database_url: str, now: datetime):
    assert RunLock.holder(database_url) is None
    lock = RunLock.acquire(database_url, what="newsbot run", now=now)
    assert RunLock.holder(database_url) == lock.me
    lock.release()
    assert RunLock.holder(database_url) is None


def test_a_released_lock_can_be_had_again(database_url: str, now: datetime):
    for what in ("newsbot run", "newsbot once"):
        lock = RunLock.acquire(database_url, what=what, now=now)
        assert lock.me.what == what
        lock.release()
        lock.release()


def test_it_works_before_the_database_is_made(empty_database_url: str, now: datetime):
    with (
        RunLock.acquire(empty_database_url, what="newsbot run", now=now),
        pytest.raises(AlreadyRunning),
    ):
        RunLock.acquire(empty_database_url, what="newsbot run", now=now)


def test_a_killed_program_leaves_no_lock(database_url: str, now: datetime):
    script = (
        "import sys, datetime\n"
        "from bot.store.lock import RunLock\n"
        "now = datetime.datetime(2026, 2, 3, tzinfo=datetime.UTC)\n"
        "lock = RunLock.acquire(sys.argv[1], what='newsbot run', now=now)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        found = RunLock.holder(database_url)
        assert found is not None
        assert found.pid == child.pid
        with pytest.raises(AlreadyRunning):
            RunLock.acquire(database_url, what="newsbot run", now=now)
        child.kill()
        child.wait()
    if database_url.startswith("sqlite"):
        assert RunLock.holder(database_url) is None
        RunLock.acquire(database_url, what="newsbot run", now=now).release()


def test_a_lock_file_that_cannot_be_made_is_said(tmp_path: Path, now: datetime):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        RunLock.acquire(f"sqlite:///{tmp_path / 'file' / 'newsbot.db'}", what="newsbot run", now=now)
    assert caught.value.kind is FailureKind.READ_ONLY


def test_a_note_of_nonsense_is_no_holder(tmp_path: Path):
    (tmp_path / "newsbot.db.lock").write_text("nonsense")
    assert RunLock.holder(f"sqlite:///{tmp_path / 'newsbot.db'}") is None
