"""Gives every file and folder of the Unity package the `.meta` file that Unity wants beside it.

    python tools/unity_meta.py            write those that are missing
    python tools/unity_meta.py --check    only say what is wrong, and fail if anything is

Unity refers to an asset by the id in its `.meta` file and would make random ones, other ones on
every machine; a package that is installed by git URL is read-only and must bring its own. An id is
the hash of the path, made once: a file that is moved together with its `.meta` keeps its id.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "bridge" / "unity" / "com.rapport.bridge"
IMPORTERS = {
    ".asmdef": "AssemblyDefinitionImporter",
    ".cs": "MonoImporter",
    ".json": "TextScriptImporter",
    ".md": "TextScriptImporter",
    ".txt": "TextScriptImporter",
    ".asset": "NativeFormatImporter",
    ".prefab": "PrefabImporter",
    ".unity": "DefaultImporter",
}
"""What Unity reads a file with; anything else with its default."""
EXTRA = {
    "MonoImporter": "  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n",
    "NativeFormatImporter": "  mainObjectFileID: 11400000\n",
}
GUID = re.compile(r"^guid: ([0-9a-f]{32})$", re.MULTILINE)


def assets(package: Path) -> Iterator[Path]:
    """Every file and folder that Unity imports; those that end in ~ or begin with a dot are not."""
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        hidden = any(part.startswith(".") or part.endswith("~") for part in parts)
        if not hidden and path.suffix != ".meta":
            yield path


def meta_of(path: Path) -> Path:
    return path.with_name(path.name + ".meta")


def content(path: Path, package: Path) -> str:
    """The `.meta` file of a path."""
    name = f"{package.name}/{path.relative_to(package).as_posix()}"
    guid = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    importer = IMPORTERS.get(path.suffix, "DefaultImporter")
    if path == package / "package.json":
        importer = "PackageManifestImporter"
    folder = "folderAsset: yes\n" if path.is_dir() else ""
    if path.is_dir():
        importer = "DefaultImporter"
    return (
        f"fileFormatVersion: 2\nguid: {guid}\n{folder}{importer}:\n  externalObjects: {{}}\n"
        f"{EXTRA.get(importer, '')}  userData:\n  assetBundleName:\n  assetBundleVariant:\n"
    )


def problems(package: Path) -> list[str]:
    """What is wrong with the `.meta` files of a package, one sentence each."""
    wanted = {meta_of(path) for path in assets(package)}
    there = {path for path in package.rglob("*.meta") if not path.parent.name.endswith("~")}
    found = [f"{meta.relative_to(package)} is missing" for meta in sorted(wanted - there)]
    found += [f"{meta.relative_to(package)} belongs to nothing" for meta in sorted(there - wanted)]
    owners: dict[str, Path] = {}
    for meta in sorted(there & wanted):
        guids = GUID.findall(meta.read_text(encoding="utf-8"))
        if len(guids) != 1:
            found.append(f"{meta.relative_to(package)} has no id")
        elif guids[0] in owners:
            other = owners[guids[0]].relative_to(package)
            found.append(f"{meta.relative_to(package)} has the id of {other}")
        else:
            owners[guids[0]] = meta
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE)
    chosen = parser.parse_args()
    if not chosen.check:
        for path in assets(chosen.package):
            if not meta_of(path).exists():
                meta_of(path).write_text(
                    content(path, chosen.package), encoding="utf-8", newline="\n"
                )
    found = problems(chosen.package)
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
