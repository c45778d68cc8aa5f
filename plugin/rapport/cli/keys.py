"""`rapport keys`: CURVE keys, for a sidecar that other machines may reach."""

from pathlib import Path
from typing import Annotated

import typer

from rapport.cli.options import OUT


def keys(
    folder: Annotated[Path, typer.Argument(help="Where they are written.", metavar="FOLDER")],
    name: Annotated[str, typer.Argument(help="Whose they are; the files are named so.")],
) -> None:
    """Make a pair of CURVE keys: NAME.key to give away, NAME.key_secret to keep.

    The sidecar's own secret goes into wire.curve_server_secret, its clients' public keys into the
    folder of wire.curve_clients (those who may control, into its subfolder `control`).
    """
    from rapport.wire.auth import make_keys

    for file in make_keys(folder, name):
        OUT.print(str(file), markup=False, highlight=False, soft_wrap=True)
