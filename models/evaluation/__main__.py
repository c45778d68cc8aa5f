"""`python -m models.evaluation COMMAND [options]`: measures the shipped models on any data."""

import importlib
import sys

COMMANDS = {
    "face": "models.evaluation.face",
    "fusion": "models.evaluation.fusion",
    "tracker": "models.evaluation.tracker",
    "text": "models.evaluation.text",
    "voice": "models.evaluation.voice",
    "bursts": "models.evaluation.bursts",
    "context": "models.evaluation.context",
    "incongruence": "models.evaluation.incongruence",
    "moments": "models.evaluation.moments",
    "merc": "models.evaluation.merc",
    "merc-convert": "models.evaluation.merc_convert",
}
"""Sub-command -> the module whose `main(arguments)` does it."""


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.stderr.write(f"usage: python -m models.evaluation {{{','.join(COMMANDS)}}} [options]\n")
        return 2
    module = importlib.import_module(COMMANDS[sys.argv[1]])
    return int(module.main(sys.argv[2:]) or 0)


if __name__ == "__main__":
    sys.exit(main())
