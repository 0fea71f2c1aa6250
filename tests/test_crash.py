"""kill -9 at every effect of the job, then a start: no mention is lost, no digest is told twice."""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.model import DeliveryState, MentionState
from bot.store import Store, deliveries, mentions
from tests.build import NOW
from tests.harness import ROOT, Installation
from tests.sinks import SmtpSink, WebhookSink
from tests.sites import LocalSite
from tests.test_journey import ASTERX, CSPO

#: More than the job has; a run that is not killed ends the loop.
MOST_EFFECTS = 80
NEVER = 0


@dataclass
class Scene:
    """A site with one piece of news, and an installation that has seen the rest."""

    site: LocalSite
    smtp: SmtpSink
    slack: WebhookSink
    template: Path

    def fresh(self, name: str) -> Installation:
        """Return a copy of the installation as it was before the news."""
        folder = self.template.parent / name
        shutil.copytree(self.template, folder)
        return _configured(Installation(folder), self)

    def forget(self) -> None:
        self.smtp.mails.clear()
        self.slack.posts.clear()


def _configured(bot: Installation, scene: "Scene") -> Installation:
    bot.environ["SLACK_URL"] = scene.slack.url
    bot.configure(
        sources=[{"name": "Orbital Ledger", "feed": scene.site.feed_url}],
        channels={
            "mail": {
                "type": "email",
                "from": "bot@newsbot.invalid",
                "to": ["desk@newsbot.invalid"],
                "smtp": {"host": "127.0.0.1", "port": scene.smtp.port, "security": "none"},
            },
            "slack": {"type": "slack", "webhook_url_env": "SLACK_URL"},
        },
        digests={
            "news": {
                "name": "News",
                "schedule": "immediately",
                "watches": "all",
                "channels": ["mail", "slack"],
            }
        },
    )
    return bot


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with (
        LocalSite(host="127.0.0.1", name="Orbital Ledger") as site,
        SmtpSink() as smtp,
        WebhookSink() as slack,
    ):
        site.add_article("old", "Old news", ASTERX, published=NOW)
        made = Scene(site=site, smtp=smtp, slack=slack, template=tmp_path / "template")
        made.template.mkdir()
        _configured(Installation(made.template), made).newsbot("once")
        site.add_article("news", "CSpO meets in Wellington", CSPO, published=NOW)
        yield made


def _run_and_die(bot: Installation, effect: int) -> int | None:
    """Run the job and have it killed at an effect; return how many there were when it came to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash_child", str(bot.folder), str(effect)],
        cwd=ROOT,
        env=bot._env(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("share", range(4))
def test_killed_at_every_effect_nothing_is_lost_and_nothing_is_doubled(scene, share):
    """Each share takes every fourth effect, until a run comes to its end."""
    effects = None
    effect = share - 3
    while effects is None:
        effect += 4
        assert effect < MOST_EFFECTS
        scene.forget()
        bot = scene.fresh(f"killed-{effect}")
        effects = _run_and_die(bot, effect)
        _run_and_die(bot, NEVER)
        _nothing_lost(bot, effect)
        _nothing_doubled(scene, bot, effect)
    assert effects >= 16, "the job has fewer effects than it should"
    _run_and_die(bot, NEVER)
    _nothing_lost(bot, effect)
    _nothing_doubled(scene, bot, effect)


def _nothing_lost(bot: Installation, effect: int) -> None:
    store = Store.open(bot.database, clock_now=NOW)
    found = [(m.watch, m.title, m.state) for m in store.read(mentions.list_mentions, watch="cspo")]
    states = sorted((d.channel, d.state) for d in store.read(deliveries.list_deliveries))
    store.close()
    assert found == [("cspo", "CSpO meets in Wellington", MentionState.NEW)], f"killed at effect {effect}"
    assert states == [("mail", DeliveryState.SENT), ("slack", DeliveryState.SENT)], (
        f"killed at effect {effect}"
    )


def _nothing_doubled(scene: Scene, bot: Installation, effect: int) -> None:
    ids = Counter(str(mail.message["Message-ID"]) for mail in scene.smtp.accepted)
    assert len(ids) == 1, f"killed at effect {effect}"
    assert len({post.body for post in scene.slack.posts}) == 1, f"killed at effect {effect}"
    repeats = sum(ids.values()) + len(scene.slack.posts) - 2
    # A kill can fall into one window only: between a server's yes and our note of it.
    assert repeats <= 1, f"killed at effect {effect}"
    if repeats:
        store = Store.open(bot.database, clock_now=NOW)
        attempts = [delivery.attempts for delivery in store.read(deliveries.list_deliveries)]
        store.close()
        assert max(attempts) == 2, f"killed at effect {effect}"
