"""The `flask …` commands."""

import click
from flask import Flask, current_app

from marketplace.foundation import worker


def attach(app: Flask) -> None:
    app.cli.add_command(work)


@click.command("work")
def work() -> None:
    """Run the worker with its schedule until it is stopped."""
    worker.work(current_app._get_current_object())  # type: ignore[attr-defined]
