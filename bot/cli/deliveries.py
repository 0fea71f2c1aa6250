"""``newsbot deliveries``: the ledger of what was sent."""

from typing import Annotated, Any

import typer

from bot.cli.context import MOST_ROWS, options_of
from bot.cli.output import AsCsv, AsJson, AsJsonLines, Form, clean, console, form_of, print_rows, table, when
from bot.clock import SystemClock
from bot.model import Delivery, DeliveryState

deliveries = typer.Typer(help="Show what was sent to whom, and what was not.", invoke_without_command=True)

#: the fields of the command contract
COLUMNS = ("id", "digest", "channel", "state", "attempts", "sent_at", "message_id", "error")
_COLOURS = {
    DeliveryState.SENT: "green",
    DeliveryState.FAILED: "red",
    DeliveryState.UNCERTAIN: "yellow",
}


def register(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(deliveries, name="deliveries")


@deliveries.callback()
def list_deliveries(
    ctx: typer.Context,
    state: Annotated[DeliveryState | None, typer.Option("--state", help="Only this state.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST_ROWS, help="At most so many.")] = 50,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_csv: AsCsv = False,
) -> None:
    """List deliveries, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from bot.store import deliveries as stored

    form = form_of(as_json=as_json, as_jsonl=as_jsonl, as_csv=as_csv)
    with options_of(ctx).store() as store:
        rows = store.read(stored.list_deliveries, state=state, limit=limit)
    if form is Form.TABLE:
        _print_table(rows, state)
    else:
        print_rows([as_row(row) for row in rows], form, columns=COLUMNS)


def as_row(row: Delivery) -> dict[str, Any]:
    """Return a delivery with the fields of the command contract."""
    return {
        "id": row.id,
        "digest": row.digest,
        "channel": row.channel,
        "state": row.state,
        "attempts": row.attempts,
        "sent_at": row.sent_at,
        "message_id": row.message_id,
        "error": row.error,
    }


def _print_table(rows: list[Delivery], state: DeliveryState | None) -> None:
    out = console()
    if not rows and state is not None:
        out.print(f"No delivery has the state '{state.value}'.")
        return
    if not rows:
        out.print("Nothing was sent yet. `newsbot digest list` shows when the next digest is due.")
        return
    now = SystemClock().now()
    shown = table(("id", "digest", "channel", "target", "state", "attempts", "sent", "error"))
    for row in rows:
        colour = _COLOURS.get(row.state, "default")
        shown.add_row(
            str(row.id),
            clean(row.digest),
            clean(row.channel),
            clean(row.target),
            f"[{colour}]{row.state.value}[/]",
            str(row.attempts),
            when(row.sent_at, now=now),
            clean(row.error or ""),
        )
    out.print(shown)
