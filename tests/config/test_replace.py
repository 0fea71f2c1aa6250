"""A file is replaced as a whole or not at all."""

from pathlib import Path

import pytest

from bot.config.replace import replace_file
from bot.errors import FailureKind, NewsbotError


def test_a_file_is_replaced_and_nothing_left_beside_it(tmp_path: Path) -> None:
    """A new one is made as the system makes files."""
    path = tmp_path / "a.yaml"
    replace_file(path, b"one", before=None)
    replace_file(path, b"two", before=b"one")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("before", [b"old", None])
def test_what_somebody_changed_meanwhile_stays(tmp_path: Path, before: bytes | None) -> None:
    """Two editors at once lose nobody's work."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"theirs")
    with pytest.raises(NewsbotError, match="somebody changed it just now"):
        replace_file(path, b"ours", before=before)
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_gone_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    """Somebody removed it for a reason."""
    with pytest.raises(NewsbotError) as caught:
        replace_file(tmp_path / "a.yaml", b"ours", before=b"old")
    assert not list(tmp_path.iterdir())
    assert caught.value.hint


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(NewsbotError, match="cannot be written: no such file or directory") as caught:
        replace_file(tmp_path / "none" / "a.yaml", b"x", before=None)
    assert caught.value.kind is FailureKind.READ_ONLY
    assert "by hand" in caught.value.hint
