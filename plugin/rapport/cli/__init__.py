"""The `rapport` command: one module for each family of commands, put together in `app`."""

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

QUIET = {
    # onnxruntime 1.29 and later report home unless this stands before they are imported.
    "ORT_DISABLE_TELEMETRY": "1",
    # MediaPipe's C++ side tells what it does on standard error; errors alone are for users.
    "GLOG_minloglevel": "2",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
"""Environment variables that must be set before the libraries that read them are imported. What
the user has set stays, but for the telemetry."""


@contextmanager
def ctrl_c_ends_at_once() -> Iterator[None]:
    """For imports, which hold nothing that must be released: some libraries catch everything while
    they are imported, and a Ctrl-C that came just then would be lost."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:  # ignored is a wish, too
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage or settings, 130 Ctrl-C.

    Ctrl-C is how `run`, `demo` and `watch` are meant to end: they stop cleanly and exit with 0.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # what a console cannot show must not end a command
    try:
        with ctrl_c_ends_at_once():
            from rapport.cli.app import execute
        sys.exit(execute())
    except KeyboardInterrupt:
        sys.exit(130)
