"""The daemon as a user runs it: a changing site, a real SMTP server, a real webhook, and kills."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.build import NOW
from tests.harness import Installation, eventually
from tests.sinks import SmtpSink, WebhookSink
from tests.sites import LocalSite
from tests.test_journey import ASTERX, CSPO
from tests.texts import Texts


@dataclass
class World:
    """A site, where its news go, and the installation between them."""

    site: LocalSite
    smtp: SmtpSink
    slack: WebhookSink
    bot: Installation

    def configure(self, *, schedule: dict[str, str]) -> None:
        self.bot.environ["SLACK_URL"] = self.slack.url
        self.bot.configure(
            sources=[{"name": "Orbital Ledger", "feed": self.site.feed_url, "every": "1 s"}],
            channels={
                "mail": {
                    "type": "email",
                    "from": "Newsbot <bot@newsbot.invalid>",
                    "to": ["desk@newsbot.invalid"],
                    "smtp": {"host": "127.0.0.1", "port": self.smtp.port, "security": "none"},
                },
                "slack": {"type": "slack", "webhook_url_env": "SLACK_URL"},
            },
            digests={
                "news": {
                    "name": "News",
                    "watches": "all",
                    "channels": ["mail", "slack"],
                    "when_empty": "skip",
                    **schedule,
                }
            },
        )

    def publish(self, slug: str, title: str) -> None:
        # A text of its own: articles with one text are one story, under the headline of the first.
        own = Texts(zlib.crc32(slug.encode())).article(6).split("\n\n")
        self.site.add_article(slug, title, [f"This is the story {slug}.", *own, *CSPO], published=NOW)

    def mails_about(self, title: str) -> list[str]:
        """Message-IDs of accepted mails that tell of a title."""
        return [
            str(mail.message["Message-ID"])
            for mail in self.smtp.accepted
            if title in str(mail.message.get_body(("plain",)).get_content()).replace("\n", " ")
        ]

    def posts_about(self, title: str) -> int:
        return sum(title.encode() in post.body for post in self.slack.posts)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with (
        LocalSite(host="127.0.0.1", name="Orbital Ledger") as site,
        SmtpSink() as smtp,
        WebhookSink() as slack,
    ):
        site.add_article("old", "Old news", ASTERX, published=NOW)
        yield World(site=site, smtp=smtp, slack=slack, bot=Installation(tmp_path))


def _seen(world: World, title: str) -> bool:
    return any(title == article["title"] for article in world.bot.json("articles"))


def test_news_reach_mail_and_slack_at_the_next_schedule_once(world):
    world.configure(schedule={"cron": "* * * * *"})
    with world.bot.daemon() as daemon:
        eventually(lambda: _seen(world, "Old news"), what="the baseline")
        world.publish("one", "CSpO meets in Wellington")
        eventually(lambda: world.mails_about("CSpO meets in Wellington"), within_s=90, what="the mail")
        eventually(lambda: world.posts_about("CSpO meets in Wellington"), within_s=30, what="the post")
        assert daemon.stop() == 0
    assert len(world.mails_about("CSpO meets in Wellington")) == 1
    assert world.posts_about("CSpO meets in Wellington") == 1
    assert not world.mails_about("Old news")
    states = {(row["channel"], row["state"]) for row in world.bot.json("deliveries")}
    assert states == {("mail", "sent"), ("slack", "sent")}


def test_killed_and_started_again_it_loses_nothing_and_doubles_nothing(world):
    world.configure(schedule={"schedule": "immediately"})
    titles = [f"CSpO story number {n}" for n in range(6)]
    with world.bot.daemon() as daemon:
        eventually(lambda: _seen(world, "Old news"), what="the baseline")
        daemon.kill()
    for number, title in enumerate(titles):
        world.publish(f"s{number}", title)
        asked = len(world.site.statuses("/feed.xml"))
        with world.bot.daemon() as daemon:
            world.site.wait_for("/feed.xml", times=asked + 1)
            if number % 2:
                world.site.wait_for(f"/news/s{number}")
            daemon.kill()
    with world.bot.daemon() as daemon:
        for title in titles:
            eventually(lambda title=title: world.mails_about(title), what=title)
            eventually(lambda title=title: world.posts_about(title), what=title)
        daemon.stop()
    for title in titles:
        assert len(set(world.mails_about(title))) == 1
    found = [mention["title"] for mention in world.bot.json("mentions", "--state", "new")]
    assert sorted(found) == titles


def test_a_second_daemon_on_the_same_database_is_refused_and_told_who_runs(world):
    world.configure(schedule={"schedule": "immediately"})
    with world.bot.daemon() as daemon:
        eventually(lambda: _seen(world, "Old news"), what="the baseline")
        second = world.bot.newsbot("run", check=False)
        assert second.returncode == 3
        assert str(daemon.process.pid) in second.stderr
        assert world.bot.newsbot("once", check=False).returncode == 3
        assert "running" in world.bot.newsbot("status").stdout
        assert daemon.stop() == 0


def test_sigterm_ends_it_in_the_middle_of_a_slow_answer(world):
    world.configure(schedule={"schedule": "immediately"})
    world.site.fault("/feed.xml", hold=True)
    with world.bot.daemon() as daemon:
        world.site.wait_for("/feed.xml")
        assert daemon.stop() == 0


def test_an_edited_configuration_is_taken_over_and_a_faulty_one_is_not(world):
    world.configure(schedule={"schedule": "immediately"})
    watchlists = world.bot.folder / "config" / "watchlists.yaml"
    good = watchlists.read_text()
    with world.bot.daemon() as daemon:
        eventually(lambda: _seen(world, "Old news"), what="the baseline")
        watchlists.write_text("watches: {broken: {any: [(]}}")
        eventually(lambda: "watchlists.yaml:1:" in daemon.log.read_text(), what="the fault in the log")
        world.publish("one", "CSpO meets in Wellington")
        eventually(
            lambda: world.mails_about("CSpO meets in Wellington"), what="the old configuration at work"
        )
        watchlists.write_text(good.replace('"asterx"', '"wellington": {"any": ["Wellington"]}, "asterx"'))
        eventually(lambda: world.bot.json("mentions", "--watch", "wellington"), what="the new watch")
        assert daemon.stop() == 0


def test_its_log_holds_no_secret_and_no_traceback(world):
    world.configure(schedule={"schedule": "immediately"})
    world.slack.answers = []
    with world.bot.daemon() as daemon:
        eventually(lambda: _seen(world, "Old news"), what="the baseline")
        world.publish("one", "CSpO meets in Wellington")
        eventually(lambda: world.posts_about("CSpO meets in Wellington"), what="the post")
        assert daemon.stop() == 0
        log = daemon.log.read_text()
    assert world.slack.url not in log
    assert "Traceback" not in log
    assert "outcome=sent" in log.replace(" ", "")
