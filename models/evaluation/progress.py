"""The one way in which trainings and evaluations show how far they are: a bar on a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def progress(items: Iterable[Item], told: str, total: float | None = None) -> Iterator[Item]:
    """The items, with a bar on standard error if that is a terminal.

    :param total: how many there are, where `len` does not say it.
    """
    hidden = not sys.stderr.isatty()
    console = Console(stderr=True)
    yield from track(items, told, total, console=console, transient=True, disable=hidden)
