"""The daemon among broken servers: what one does to it costs the others nothing, and no kill loses a digest."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.build import NOW
from tests.harness import Installation, eventually
from tests.hostile import HostileWeb, trouble
from tests.sinks import SmtpSink, WebhookSink
from tests.sites import LocalSite
from tests.test_journey import CSPO


class Street:
    """A hostile server that runs in a thread of its own."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> "Street":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with HostileWeb(host="127.0.0.9") as web:
            self.urls = [web.url(path) for path in trouble(web)]
            self._ready.set()
            await self._end.wait()


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite(host="127.0.0.1", name="Orbital Ledger") as made:
        made.add_article("old", "Old news", CSPO[::-1], published=NOW)
        yield made


def _mail(smtp: SmtpSink, *to: str) -> dict[str, Any]:
    return {
        "type": "email",
        "from": "Newsbot <bot@newsbot.invalid>",
        "to": list(to or ["desk@newsbot.invalid"]),
        "smtp": {"host": "127.0.0.1", "port": smtp.port, "security": "none"},
    }


def _bot(folder: Path, site: LocalSite, channels: dict[str, Any], *more: dict[str, Any]) -> Installation:
    bot = Installation(folder)
    bot.configure(
        sources=[{"name": "Orbital Ledger", "feed": site.feed_url, "every": "1 s"}, *more],
        channels=channels,
        digests={
            "news": {"name": "News", "schedule": "immediately", "watches": "all", "channels": [*channels]}
        },
        fetch={"host_pause": "0 s", "timeout": "2 s"},
    )
    return bot


def _publish(site: LocalSite, title: str = "CSpO meets in Wellington") -> None:
    # Asked a second time: what it listed the first time is stored.
    site.wait_for("/feed.xml", times=2)
    site.add_article(title.replace(" ", "-"), title, CSPO, published=NOW)


def _children(pid: int) -> set[int]:
    """Processes below this one, from the kernel's own list."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found |= {int(child)} | _children(int(child))
    return found


def _alive(pids: set[int]) -> set[int]:
    def state(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "gone"

    return {pid for pid in pids if state(pid) not in ("gone", "Z")}


def test_a_street_of_broken_servers_delays_no_good_one_and_leaves_no_traceback(tmp_path, site):
    with Street() as street, WebhookSink() as hook:
        bad = [{"name": f"Bad {n}", "feed": url, "every": "1 s"} for n, url in enumerate(street.urls)]
        bot = _bot(tmp_path, site, {"desk": {"type": "slack", "webhook_url_env": "HOOK"}}, *bad)
        bot.environ["HOOK"] = hook.url
        with bot.daemon() as daemon:
            _publish(site)
            eventually(lambda: hook.posts, what="the news beside the broken servers")
            rows = bot.json("source", "list")
            assert daemon.stop() == 0
            log = daemon.log.read_text()
    assert "Traceback" not in log
    assert "outcome=bug" not in log.replace(" ", "")
    assert {row["health"] for row in rows if row["name"] == "Orbital Ledger"} == {"ok"}
    assert b"CSpO meets in Wellington" in hook.posts[0].body


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_its_parsing_processes_go_with_it(tmp_path, site, how):
    bot = _bot(tmp_path, site, {"out": {"type": "stdout"}})
    with bot.daemon() as daemon:
        site.wait_for("/news/old")
        below = _children(daemon.process.pid)
        assert below
        getattr(daemon, how)()
    eventually(lambda: not _alive(below), within_s=15, what="the end of every process")


def test_a_mail_server_that_hangs_holds_no_other_channel(tmp_path, site):
    with SmtpSink() as smtp, WebhookSink() as hook:
        smtp.faults = ["banner-hang"]
        bot = _bot(
            tmp_path, site, {"mail": _mail(smtp), "desk": {"type": "slack", "webhook_url_env": "HOOK"}}
        )
        bot.environ["HOOK"] = hook.url
        with bot.daemon() as daemon:
            _publish(site)
            eventually(lambda: smtp.conversations, what="the conversation that hangs")
            eventually(lambda: hook.posts, what="the post beside it")
            daemon.kill()


def test_one_refused_recipient_costs_the_other_nothing(tmp_path, site):
    with SmtpSink() as smtp:
        smtp.faults = ["rcpt-550"]
        bot = _bot(tmp_path, site, {"mail": _mail(smtp, "gone@newsbot.invalid", "here@newsbot.invalid")})
        with bot.daemon() as daemon:
            _publish(site)
            eventually(lambda: smtp.accepted, what="the mail to the other")
            assert daemon.stop() == 0
    assert sorted(row["state"] for row in bot.json("deliveries")) == ["failed", "sent"]
    assert [mail.recipients for mail in smtp.accepted] == [("here@newsbot.invalid",)]


def test_what_ends_in_the_middle_of_a_send_goes_again_as_the_same_message(tmp_path, site):
    with SmtpSink() as smtp:
        smtp.faults = ["body-hang"]
        bot = _bot(tmp_path, site, {"mail": _mail(smtp)})
        with bot.daemon() as daemon:
            _publish(site)
            eventually(lambda: smtp.mails, what="the message without an answer")
            # It waits for the answer as long as it may, and then ends all the same.
            assert daemon.stop() == 0
        with bot.daemon() as daemon:
            eventually(lambda: smtp.accepted, what="the same message again")
            assert daemon.stop() == 0
    assert [row["state"] for row in bot.json("deliveries")] == ["sent"]
    first, second = smtp.mails
    assert first.body == second.body
    assert first.message["Message-ID"] == second.message["Message-ID"]
