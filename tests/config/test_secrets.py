"""Secrets come from the file, the environment or a file of their own, and are shown nowhere."""

import pytest

from bot.config import render_fault
from bot.errors import Fault
from tests.config.folder import Folder

SECRET = "https://hooks.slack.example/services/T0/B0/canary-4711"
SLACK = (
    "contact: a@b.org\nchannels:\n  s:\n    type: slack\n    {}\n"
    "digests: {{m: {{schedule: hourly, channels: [s]}}}}\n"
)


def shown(faults: tuple[Fault, ...]) -> str:
    return "\n".join(repr(fault) + str(fault) + "\n".join(render_fault(fault)) for fault in faults)


@pytest.mark.parametrize(
    "form", ["webhook_url: {secret}", "webhook_url_env: HOOK", "webhook_url_file: hook.txt"]
)
def test_all_three_ways_give_the_same_secret(folder: Folder, form: str) -> None:
    """And it is listed for the log to leave out, and never printed."""
    folder.write("hook.txt", SECRET + "\n")
    settings = folder.load({"HOOK": SECRET}, newsbot=SLACK.format(form.format(secret=SECRET)))
    options = settings.channels[0].options
    assert options.webhook_url.get_secret_value() == SECRET  # type: ignore[attr-defined]
    assert settings.secrets == (SECRET,)
    assert "canary" not in repr(settings)


def test_a_nested_secret_is_found_by_its_model(folder: Folder) -> None:
    """`smtp: password_env:` is as good as a secret of the channel itself."""
    settings = folder.load(
        {"SMTP_PASSWORD": "  geheim "},
        newsbot="channels:\n  m:\n    type: email\n    from: a@b.org\n    to: [a@b.org]\n"
        "    smtp: {host: localhost, user: u, password_env: SMTP_PASSWORD}\n",
    )
    smtp = settings.channels[0].options.smtp  # type: ignore[attr-defined]
    assert smtp.password.get_secret_value() == "  geheim "


def test_only_one_line_end_is_taken_off_a_file(folder: Folder) -> None:
    """What else stands there belongs to the secret."""
    folder.write("hook.txt", SECRET + "\r\n")
    settings = folder.load(newsbot=SLACK.format("webhook_url_file: hook.txt"))
    assert settings.secrets == (SECRET,)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("webhook_url_env: HOOK", "the environment variable HOOK is empty"),
        ("webhook_url_env: NOT_SET", "the environment variable NOT_SET is not set"),
        ("webhook_url_env: https://canary/4711", "this is not the name of an environment variable"),
        ("webhook_url_file: empty.txt", "/empty.txt is empty"),
        ("webhook_url_file: latin.txt", "/latin.txt is not UTF-8 text"),
        ("webhook_url_file: long.txt", "/long.txt is too long for a secret"),
        ("webhook_url_file: none.txt", "/none.txt"),
        ("webhook_url_file: .", "there is no file"),
        ('webhook_url_file: "a\\tb"', "there is no file"),
    ],
)
def test_a_secret_that_is_not_there_is_named_and_not_shown(folder: Folder, line: str, message: str) -> None:
    """The variable or the file is named, and nothing follows from its absence."""
    folder.write("empty.txt", "\n")
    folder.write("latin.txt", b"canary\xe9")
    folder.write("long.txt", "canary" * 20_000)
    (fault,) = folder.faults({"HOOK": " "}, newsbot=SLACK.format(line))
    assert message in fault.message
    assert fault.line == 5
    assert "canary" not in shown((fault,))


@pytest.mark.parametrize(
    "text",
    [
        "channels: {s: {type: slack, webhook_url: 'http://canary.example/x'}}\n",
        "channels: {s: {type: slack, webhook_urll: canary-4711}}\n",
        "channels: {s: {type: slak, webhook_url: canary-4711}}\n",
        "channels: {s: {type: slack, webhook_url: canary-4711, timout: 3}}\n",
        "channels:\n  s: {type: slack, webhook_url: >-\n      canary-4711, x: y}\n",
        "channels:\n  s:\n    webhook_url: @canary-4711\n",
        "channels:\n  s:\n    webhook_url: 'canary-4711\n",
        "channels:\n  s:\n    type: slack\n    webhook_url: |\n      canary\n      canary\n    x: y\n",
        "channels:\n  m:\n    type: email\n    smtp: {host: h, pasword: canary, password: canary, x: y}\n",
        "database: postgresql://u:canary@db/x\nfetch: {every: 3}\nx: postgresql://u:canary@db/x\n",
        "database: mysql://u:canary@db/x\n",
    ],
)
def test_no_fault_shows_a_secret(folder: Folder, text: str) -> None:
    """Not its message, not its hint, not the line of the file under it."""
    faults = folder.faults(newsbot=text)
    assert faults
    assert "canary" not in shown(faults)


def test_a_covered_line_keeps_its_columns(folder: Folder) -> None:
    """The pointer still stands under the key that is meant."""
    (fault,) = folder.faults(
        newsbot="channels: {s: {type: slack, webhook_url: 'https://a.example', timout: 3}}\n"
    )
    assert fault.source_line[fault.column - 1 :].startswith("timout")


def test_a_file_with_a_secret_that_others_may_read_is_a_warning(folder: Folder) -> None:
    """Owner and group are enough."""
    folder.write_all()
    folder.write("newsbot.yaml", SLACK.format(f"webhook_url: {SECRET}"), mode=0o644)
    (warning,) = folder.read().warnings
    assert (warning.line, warning.message) == (
        5,
        "the file holds a secret and others may read it (mode 0644)",
    )
    assert "chmod 640" in warning.hint
    assert "canary" not in shown((warning,))
    folder.write("newsbot.yaml", SLACK.format(f"webhook_url: {SECRET}"), mode=0o600)
    assert folder.read().warnings == ()
    folder.write("newsbot.yaml", SLACK.format("webhook_url_env: HOOK"), mode=0o644)
    assert folder.read({"HOOK": SECRET}).warnings == ()


def test_the_password_of_the_database_is_a_secret_and_its_address_is_not(folder: Folder) -> None:
    """It may come from the environment, as in most containers."""
    url = "postgresql://newsbot:p%40ss-canary@db/newsbot"
    settings = folder.load({"DATABASE_URL": url}, newsbot="database_env: DATABASE_URL\n")
    assert settings.database == url
    assert settings.secrets == ("p%40ss-canary", "p@ss-canary")
    assert "canary" not in repr(settings)
    assert folder.load(newsbot="database: sqlite:///x.db\n").secrets == ()


def test_short_secrets_are_covered_on_their_own_line(folder: Folder) -> None:
    """Even where they are too short to be looked for elsewhere."""
    (fault,) = folder.faults(newsbot="channels: {s: {type: slack, webhook_url: abc}}\n")
    assert fault.source_line == "channels: {s: {type: slack, webhook_url: ***}}"
