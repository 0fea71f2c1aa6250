"""The config room: a folder of YAML files and the environment → frozen settings, or every fault at once.

::

    files.py       bytes → text → nodes, ``.d`` folders joined      yaml_nodes.py, yaml_words.py
    memory.py      … and which of them are as they were the last time
    secrets.py     ``x_env`` and ``x_file`` → the secrets themselves
    validate.py    nodes → models, faults with their places         models, source_model, watches …
    access.py      what a source is asked with                      credentials.py
    scope.py       what watches and sources say of each other
    load.py        the order of all this, and what files say of each other
    settings.py    the outcome
    render.py      a fault as a compiler shows it
    schema.py      JSON Schemas for editors
    edit.py        a watch added to its file, all else untouched    inserted.py, written.py, replace.py
    source_edit.py sources added, changed, taken out, likewise      source_files.py, source_text.py, layout.py

The rules of queries, schedules and channels are passed in (``Validators``): this room imports no other.
"""

from bot.config.edit import add_watch
from bot.config.load import load
from bot.config.render import Piece, fault_pieces, render_fault
from bot.config.schema import schema_text, schemas
from bot.config.settings import (
    ChannelSettings,
    DigestSettings,
    FetchSettings,
    Settings,
    Validators,
    defaults,
)
from bot.config.slugs import slug
from bot.config.source_edit import (
    Edit,
    add_source,
    add_sources,
    change_source,
    plan_add,
    plan_change,
    plan_remove,
    remove_source,
)
from bot.config.starter_files import schema_files, starter

__all__ = [
    "ChannelSettings",
    "DigestSettings",
    "Edit",
    "FetchSettings",
    "Piece",
    "Settings",
    "Validators",
    "add_source",
    "add_sources",
    "add_watch",
    "change_source",
    "defaults",
    "fault_pieces",
    "load",
    "plan_add",
    "plan_change",
    "plan_remove",
    "remove_source",
    "render_fault",
    "schema_files",
    "schema_text",
    "schemas",
    "slug",
    "starter",
]
