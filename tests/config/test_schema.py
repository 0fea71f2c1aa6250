"""What is shipped is what the program would make and read."""

import json
from pathlib import Path

import pytest

from bot.config import schema_files, schema_text, schemas, starter
from bot.config.models import NewsbotModel
from bot.config.secrets import secret_names
from bot.config.source_model import SourceModel
from bot.config.watches import WatchModel
from bot.model import SourceKind
from tests.config.folder import VALIDATORS, Folder

HOME = Path(__file__).parents[2]


def test_the_shipped_schemas_are_the_generated_ones() -> None:
    """`newsbot config schema --to config/schema` mends this, and a copy in bot/config/schema."""
    made = {
        f"schema/{name}.schema.json": schema_text(schema)
        for name, schema in schemas(VALIDATORS.channels).items()
    }
    assert schema_files() == made
    for name, text in made.items():
        assert (HOME / "config" / name).read_text(encoding="utf-8") == text


def test_the_shipped_configuration_is_the_starter() -> None:
    """`newsbot init` writes what lies in config/."""
    for name, text in starter().items():
        assert (HOME / "config" / name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", sorted(starter()))
def test_editors_find_the_schema_by_the_first_line(name: str) -> None:
    """It names the file that lies beside it."""
    stem = name.removesuffix(".yaml")
    assert starter()[name].startswith(f"# yaml-language-server: $schema=./schema/{stem}.schema.json\n")
    assert f"schema/{stem}.schema.json" in schema_files()


def test_a_schema_knows_every_key_in_every_form() -> None:
    """Secrets by their _env and _file keys, channels by their type."""
    made = schemas(VALIDATORS.channels)
    newsbot = made["newsbot"]
    assert set(NewsbotModel.model_fields) <= set(newsbot["properties"])
    slack = next(
        choice["then"]
        for choice in newsbot["$defs"]["Channel"]["allOf"]
        if choice["then"]["title"] == "slack"
    )
    assert {"webhook_url", "webhook_url_env", "webhook_url_file"} <= set(slack["properties"])
    assert slack["allOf"] == [
        {
            "oneOf": [
                {"required": ["webhook_url"]},
                {"required": ["webhook_url_env"]},
                {"required": ["webhook_url_file"]},
            ]
        }
    ]
    assert {"password_env", "password_file"} <= set(newsbot["$defs"]["SmtpOptions"]["properties"])
    watch = made["watchlists"]["$defs"]["Watch"]["properties"]
    assert set(watch) == {info.alias or name for name, info in WatchModel.model_fields.items()}


def test_a_schema_knows_and_explains_every_key_of_a_source() -> None:
    """And its secrets in all their forms."""
    made = schemas(VALIDATORS.channels)["sources"]
    address, source = made["properties"]["sources"]["items"]["anyOf"]
    assert address["type"] == "string"
    keys = set(source["properties"])
    assert keys == set(SourceModel.model_fields) | {"proxy_env", "proxy_file"}
    assert all(key["description"] for key in source["properties"].values())
    assert source["properties"]["basic_auth"]["$ref"] == "#/$defs/BasicAuthModel"
    assert set(made["$defs"]["BasicAuthModel"]["properties"]) == {
        "user",
        "password",
        "password_env",
        "password_file",
    }
    assert source["oneOf"] == [{"required": [kind]} for kind in ("feed", "sitemap", "page", "search")]


def test_a_schema_explains_every_key_of_a_watch() -> None:
    """An editor shows the description, and what is written there."""
    watch = schemas(VALIDATORS.channels)["watchlists"]["$defs"]["Watch"]["properties"]
    assert all(key["description"] for key in watch.values())
    assert {name for name, key in watch.items() if "examples" not in key and "default" not in key} == {"name"}
    assert [sorted(way["type"] for way in watch["sources"]["anyOf"])] == [["array", "object"]]


def test_a_schema_shows_no_default_that_no_file_would_write() -> None:
    """No ISO spans, no covered secrets."""
    text = json.dumps(schemas(VALIDATORS.channels))
    assert "PT15M" not in text
    assert "****" not in text


def test_secret_names_are_found_inside_models() -> None:
    """Those of SMTP stand two levels down."""
    assert {"password", "webhook_url"} <= secret_names(list(VALIDATORS.channels.values()))


def test_the_starter_is_valid_and_asks_for_a_contact(folder: Folder) -> None:
    """Nothing else is missing for a first digest."""
    for name, text in starter().items():
        folder.write(name, text)
    settings = folder.read()
    assert [warning.message for warning in settings.warnings] == ["'contact' is missing"]
    assert [watch.key for watch in settings.watches] == ["cspo", "asterx"]
    assert [(digest.key, digest.schedule, digest.channels) for digest in settings.digests] == [
        ("morning", "every day at 07:00", ("folder",))
    ]
    assert settings.timezone == "Europe/Paris"
    assert len({source.host for source in settings.sources}) > 15


def test_the_kinds_of_sources_that_are_commented_out_work(folder: Folder) -> None:
    """Each kind has its example."""
    lines = starter()["sources.yaml"].split("\n")
    start, end = lines.index("#   - https://orbital-ledger.example/feed.xml"), lines.index("sources:")
    kinds = [line[2:] for line in lines[start:end] if line.startswith("#   ")]
    files = starter() | {"sources.yaml": "\n".join(["sources:", *kinds, ""])}
    for name, text in files.items():
        folder.write(name, text)
    found = folder.read({"BULLETIN_PASSWORD": "geheim"}).sources
    assert {source.kind for source in found} == set(SourceKind)
    assert len(found) == 7


@pytest.mark.parametrize("commented", ["desk-mail", "desk-slack"])
def test_the_commented_examples_work_when_uncommented(folder: Folder, commented: str) -> None:
    """An example that fails is worse than none."""
    lines = starter()["newsbot.yaml"].split("\n")
    start = lines.index(f"  # {commented}:")
    end = lines.index("", start)
    lines[start:end] = ["  " + line[4:] for line in lines[start:end]]
    for name, text in (starter() | {"newsbot.yaml": "\n".join(lines)}).items():
        folder.write(name, text)
    settings = folder.read(
        {"SMTP_PASSWORD": "geheim", "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/a/b/c"}
    )
    assert commented in {channel.key for channel in settings.channels}
