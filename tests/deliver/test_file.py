"""Files and standard output: written whole, under safe names, the same every time."""

from contextlib import redirect_stdout

import pytest
from pydantic import ValidationError

from bot.deliver import KINDS, message_id, render
from bot.deliver.file import FileOptions
from bot.deliver.stdout import StdoutOptions
from bot.errors import DeliveryError, Retry
from tests.deliver.examples import SLOT, morning_brief

NAME = "<one@bot.example>"


def a_channel(path, **options):
    return KINDS["file"].build("archive", FileOptions.model_validate({"path": str(path), **options}))


async def sent(channel, digest=None):
    [target] = channel.targets()
    body = channel.payload(digest or morning_brief(), target=target, message_id=NAME)
    return await channel.send(body, target=target, message_id=NAME)


async def test_a_folder_gets_a_file_for_each_digest_and_is_made_when_missing(tmp_path):
    channel = a_channel(tmp_path / "new" / "out")
    receipt = await sent(channel)
    [file] = (tmp_path / "new" / "out").iterdir()
    assert file.name == "d-20261121-060000-morning.html"
    assert receipt.remote_id == str(file)
    assert file.read_text(encoding="utf-8") == render.html(morning_brief())


async def test_the_same_delivery_again_leaves_the_same_file_and_nothing_else(tmp_path):
    channel = a_channel(tmp_path, format="text")
    await sent(channel)
    before = (tmp_path / "d-20261121-060000-morning.txt").read_bytes()
    await sent(channel)
    [file] = tmp_path.iterdir()
    assert file.read_bytes() == before == render.text(morning_brief()).encode()


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("latest.html", "latest.html"),
        ("{digest}-{date}.html", "morning-2026-11-21.html"),
        ("{id}.txt", "d-20261121-060000-morning.txt"),
    ],
)
async def test_a_pattern_names_the_file(tmp_path, pattern, name):
    await sent(a_channel(tmp_path / pattern))
    assert [file.name for file in tmp_path.iterdir()] == [name]


async def test_no_word_of_a_stranger_is_in_the_name(tmp_path):
    channel = a_channel(tmp_path / "out" / "{digest}-{id}.html")
    await sent(channel, morning_brief(key="../../etc/passwd\n\0", name="../../x"))
    [file] = (tmp_path / "out").iterdir()
    assert file.name == "etc-passwd-d-20261121-060000-etc-passwd.html"


async def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DeliveryError) as caught:
        await sent(a_channel(tmp_path / "taken" / "out"))
    assert caught.value.retry is Retry.LATER
    assert caught.value.hint


@pytest.mark.parametrize("path", ["", "out/{title}.html", "{digest}/x.html", "out/a b.html", "out/\0.html"])
def test_paths_that_cannot_be_meant_are_refused(path):
    with pytest.raises(ValidationError):
        a_channel(path)


async def test_standard_output_gets_the_text(capsys):
    channel = KINDS["stdout"].build("screen", StdoutOptions())
    await sent(channel)
    assert capsys.readouterr().out == render.text(morning_brief())
    assert channel.targets() == ("stdout",)


async def test_a_closed_standard_output_is_a_delivery_error(tmp_path):
    closed = (tmp_path / "closed").open("w", encoding="utf-8")
    closed.close()
    with redirect_stdout(closed), pytest.raises(DeliveryError) as caught:
        await sent(KINDS["stdout"].build("screen", StdoutOptions()))
    assert caught.value.retry is Retry.LATER


def test_a_test_message_is_a_file_of_its_own(tmp_path):
    channel = a_channel(tmp_path)
    name = message_id(digest="test", slot=SLOT, channel="archive", target=str(tmp_path))
    body = channel.test_payload(target=str(tmp_path), message_id=name, now=SLOT)
    assert body.startswith(b"test-20261121-060000.html\n")
