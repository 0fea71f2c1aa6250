"""``newsbot once`` over every hostile source at once: it ends, says what failed and how, and exits with 4."""

import json
from pathlib import Path

from tests.hostile_checks import (
    configured,
    listing_faults,
    nothing_forbidden_was_reached,
    secrets_were_kept,
    stored_texts_are_clean,
    waits_were_kept,
)
from tests.hostile_expected import EXPECTED
from tests.hostile_run import Canary, Rows, hostile_world

#: All hosts are asked side by side, so that it ends soon after the slowest: far less than one after the other.
_AT_MOST_S = 300.0


def test_it_ends_and_reports_each_failure_with_its_kind(tmp_path: Path):
    with hostile_world(tmp_path) as world:
        world.configure(timeout="3 s")
        with Canary(tmp_path / "canary.txt") as canary, world.probed("once", "--json") as run:
            assert not run.wait(_AT_MOST_S), "it has not ended"
            canary_opened = canary.was_opened()
        world.end()
    assert run.process.returncode == 4
    assert "Traceback" not in run.log.read_text()
    report = json.loads((tmp_path / "stdout.txt").read_text())
    failed = {configured(failure["source"]): failure for failure in report["failures"]}
    expected = {key: row for key, row in EXPECTED.items() if row.kind and not row.at_first_good}
    kinds = {key: failure["kind"] for key, failure in failed.items()}
    wrong = {
        key: kinds.get(key)
        for key, row in expected.items()
        if kinds.get(key) not in (row.kind or "").split("|")
    }
    assert not wrong
    assert set(kinds) == set(expected)
    assert report["sources"]["failed"] == len(expected)
    assert report["sources"]["ok"] == len(EXPECTED) - len(expected) + len(world.good)
    rows = Rows(tmp_path / "newsbot.db")
    entries = rows.entries()
    complaints = [
        *(
            f"{key}: does not say {word!r}: {failed[key]['detail']}"
            for key, row in expected.items()
            for word in row.words
            if word not in failed[key]["detail"]
        ),
        *(
            f"{key}: {fault}"
            for key, row in EXPECTED.items()
            if not row.at_first_good and not key.startswith("turns-")
            for fault in listing_faults(row, entries[key])
        ),
        *nothing_forbidden_was_reached(run, world, canary_opened=canary_opened),
        *secrets_were_kept(run, world, rows),
        *stored_texts_are_clean(rows),
        *waits_were_kept(world),
    ]
    assert not complaints, "\n".join(complaints)
