"""The files that Unity reads: C# that a newer compiler takes too, ids that are unique and lead
somewhere, definitions whose references are there."""

import json
import re
from pathlib import Path

import pytest
import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "bridge" / "unity" / "com.rapport.bridge"
SAMPLE = REPOSITORY / "unity_sample"
PLACES = [place for place in (PACKAGE, SAMPLE) if place.is_dir()]
GUID = re.compile(r"^guid: ([0-9a-f]{32})$", re.MULTILINE)
USED_GUID = re.compile(r"guid: ([0-9a-f]{32})")
BUILT_IN = "0000000000000000"
"""The ids of what comes with Unity end, or begin, in zeros."""
UNITY_ASSEMBLIES = {
    "UnityEngine.TestRunner",
    "UnityEditor.TestRunner",
    "YarnSpinner.Unity",
    "Ink-Libraries",
}


def files(*endings: str) -> list[Path]:
    return sorted(
        path
        for place in PLACES
        for path in place.rglob("*")
        if path.suffix in endings and "Library" not in path.parts
    )


def errors(node: Node) -> list[str]:
    if node.type == "ERROR" or node.is_missing:
        return [f"line {node.start_point[0] + 1}: {node.type}"]
    return [told for child in node.children for told in errors(child)] if node.has_error else []


@pytest.mark.parametrize("path", files(".cs"), ids=lambda path: path.name)
def test_every_script_parses_as_a_newer_compiler_would(path: Path) -> None:
    tree = Parser(Language(tree_sitter_c_sharp.language())).parse(path.read_bytes())
    assert errors(tree.root_node) == []


def test_a_broken_script_would_be_noticed() -> None:
    parser = Parser(Language(tree_sitter_c_sharp.language()))
    assert errors(parser.parse(b"class A { void B( { }").root_node)


def owned() -> dict[str, Path]:
    """Every id, and the file that it belongs to."""
    found: dict[str, Path] = {}
    for path in files(".meta"):
        told = GUID.findall(path.read_text(encoding="utf-8"))
        assert len(told) == 1, path
        assert told[0] not in found, f"{path} has the id of {found[told[0]]}"
        assert path.with_suffix("").exists(), f"{path} belongs to nothing"
        found[told[0]] = path
    return found


def test_every_asset_has_an_id_of_its_own() -> None:
    have = {path.with_suffix("") for path in owned().values()}
    for place in PLACES:
        root = place / "Assets" if place == SAMPLE else place
        for path in root.rglob("*"):
            hidden = any(p.startswith(".") or p.endswith("~") for p in path.relative_to(root).parts)
            if not hidden and path.suffix != ".meta":
                assert path in have, f"{path} has no .meta"


@pytest.mark.parametrize("path", files(".unity", ".prefab", ".asset"), ids=lambda path: path.name)
def test_references_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("%YAML 1.1")
    known = owned()
    for guid in USED_GUID.findall(text):
        assert guid in known or BUILT_IN in guid, f"{path}: {guid}"
    anchors = re.findall(r"^--- !u!\d+ &(\d+)$", text, re.MULTILINE)
    assert len(anchors) == len(set(anchors))
    local = set(re.findall(r"\{fileID: (\d+)\}", text)) - {"0"}
    assert local <= set(anchors), f"{path}: {local - set(anchors)}"


def test_assembly_definitions_refer_to_what_is_there() -> None:
    found = {path: json.loads(path.read_text(encoding="utf-8")) for path in files(".asmdef")}
    names = [content["name"] for content in found.values()]
    assert len(names) == len(set(names))
    for path, content in found.items():
        for reference in content["references"]:
            assert reference in names or reference in UNITY_ASSEMBLIES, f"{path}: {reference}"


def test_the_package_says_what_unity_wants_to_know() -> None:
    package = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    assert package["name"] == PACKAGE.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["unity"] == "2021.3"
    for sample in package.get("samples", ()):
        assert (PACKAGE / sample["path"]).is_dir(), sample
    for name in ("README.md", "CHANGELOG.md", "LICENSE.md", "Third Party Notices.md"):
        assert (PACKAGE / name).is_file(), name
