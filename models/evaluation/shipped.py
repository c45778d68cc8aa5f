"""Where evaluations take models from: the shipped ones, or others of a training put before them."""

from pathlib import Path

from rapport import settings
from rapport.experts.manifest import MANIFEST, read_manifest
from rapport.experts.store import CHECKOUT, Store, manifest

SHARED = CHECKOUT.parents[1] / "shared/models"
"""Where MediaPipe's bundle may be, beside the checkout."""


def store(folder: Path | None = None) -> Store:
    """A store of the shipped models.

    :param folder: where to look first. Models that a manifest in it names, as an export with
        another `--out` writes one, are taken instead of the shipped ones of that id.
    :raises ModelUnreadable: that manifest is none.
    """
    known = dict(manifest())
    if folder is not None and (folder / MANIFEST).is_file():
        known |= read_manifest(folder / MANIFEST)
    elsewhere = folder or (SHARED if SHARED.is_dir() else None)
    return Store(settings.Models(directory=str(elsewhere or "")), known)
