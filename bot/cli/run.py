"""``newsbot run``: the daemon."""

import typer

from bot.cli.context import options_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(ctx: typer.Context) -> None:
    """Read the sources on their schedules and deliver digests, until stopped (SIGTERM, Ctrl-C)."""
    import asyncio

    from bot.app import opened, reconfigured, synchronise
    from bot.clock import SystemClock
    from bot.pipeline import Deps
    from bot.run.embedded import Daemon
    from bot.run.reload import Reloader
    from bot.store.lock import RunLock

    options = options_of(ctx)
    settings = options.settings()
    options.configure_log(settings)
    clock = SystemClock()
    with options.store() as store:
        lock = RunLock.acquire(settings.database, what="newsbot run", now=clock.now())
        try:
            synchronise(store, settings, clock=clock)

            async def work() -> None:
                async with opened(settings, store=store, clock=clock) as deps:
                    reloader = Reloader(settings.folder, options.settings)
                    current = deps

                    def reload(force: bool) -> Deps | None:
                        nonlocal current
                        changed = reloader.look(force=force)
                        if changed is None:
                            return None
                        options.configure_log(changed)
                        synchronise(store, changed, clock=clock)
                        current = reconfigured(current, changed)
                        return current

                    await Daemon(deps, reload=reload).run()

            asyncio.run(work())
        finally:
            lock.release()
