"""`python -m models.training COMMAND [options]`: rebuilds the weights in `models/`."""

import importlib
import sys

COMMANDS = {
    "all": "models.training.everything",
    "face": "models.training.face",
    "tracker": "models.training.tracker",
    "text": "models.training.text",
    "voice": "models.training.voice",
    "gate": "models.training.gate",
    "bursts": "models.training.bursts",
    "context": "models.training.context",
    "incongruence": "models.training.incongruence",
}
"""Sub-command -> the module whose `main(arguments)` does it."""


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.stderr.write(f"usage: python -m models.training {{{','.join(COMMANDS)}}} [options]\n")
        return 2
    module = importlib.import_module(COMMANDS[sys.argv[1]])
    return int(module.main(sys.argv[2:]) or 0)


if __name__ == "__main__":
    sys.exit(main())
