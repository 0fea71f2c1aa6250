"""The configuration that comes with the program: what ``newsbot init`` writes."""

from importlib.resources import files

_FILES = ("newsbot.yaml", "watchlists.yaml", "sources.yaml")
_SCHEMAS = ("newsbot", "watchlists", "sources")


def starter() -> dict[str, str]:
    """Return the three starter files: name → text."""
    folder = files("bot.config") / "starter"
    return {name: (folder / name).read_text(encoding="utf-8") for name in _FILES}


def schema_files() -> dict[str, str]:
    """Return the schemas as shipped, that the starter files point editors to: ``schema/…json`` → text."""
    folder = files("bot.config") / "schema"
    return {
        f"schema/{name}.schema.json": (folder / f"{name}.schema.json").read_text(encoding="utf-8")
        for name in _SCHEMAS
    }
