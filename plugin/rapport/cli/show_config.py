"""`rapport --show-config`: the one validated settings object as TOML, and where values are from."""

import json
import os
from pathlib import Path

import msgspec

from rapport import settings


def settings_as_toml(path: Path | None) -> str:
    """The settings in use, ready to be saved as a settings file.

    Every value that is not the default says where it was set. JSON and TOML spell booleans,
    numbers and strings alike (but for DEL, which TOML wants escaped), so no writer is needed.
    """
    no_variables = {
        name: os.environ[name] for name in (settings.CONFIG_VARIABLE,) if name in os.environ
    }
    defaults = msgspec.to_builtins(settings.Settings())
    from_file = msgspec.to_builtins(settings.load(path, no_variables))
    in_use = msgspec.to_builtins(settings.load(path))
    lines = []
    for group, values in in_use.items():
        lines.append(f"[{group}]")
        for key, value in values.items():
            spelled = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            if value != from_file[group][key]:
                origin = "  # set in the environment"
            elif value != defaults[group][key]:
                origin = "  # set in the settings file"
            else:
                origin = ""
            lines.append(f"{key} = {spelled}{origin}")
        lines.append("")
    return "\n".join(lines).rstrip()
