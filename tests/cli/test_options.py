"""The log of a command."""

import logging
import sys

import pytest

from rapport.cli.options import configure_log, log_held_back

pytestmark = pytest.mark.unit


def test_the_log_goes_to_standard_error_at_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("info")
    logging.getLogger("rapport.somewhere").info("told")
    logging.getLogger("rapport.somewhere").debug("kept to itself")
    logging.getLogger("another_library").warning("not ours")
    written = capsys.readouterr()
    assert written.out == ""
    (line,) = [line for line in written.err.splitlines() if "another_library" not in line][:1]
    assert line.endswith("INFO rapport.somewhere: told")
    assert "kept to itself" not in written.err


def test_a_second_configuration_does_not_double_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_log("info")
    configure_log("info")
    logging.getLogger("rapport").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_live_view_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("info")
    with log_held_back():
        logging.getLogger("rapport").warning("a warning")
        logging.getLogger("rapport").info("a detail")
        sys.stderr.flush()
        assert capsys.readouterr().err == ""
    written = capsys.readouterr().err
    assert "a warning" in written
    assert "a detail" not in written
    logging.getLogger("rapport").info("afterwards")
    assert "afterwards" in capsys.readouterr().err
