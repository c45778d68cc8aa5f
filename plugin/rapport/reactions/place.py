"""Where in a text a key stands, so that a mistake can be told with its line.

The text is known to be valid TOML or JSON; what is read here are only its keys and where they lie.
"""

import json
import tomllib
from collections.abc import Mapping

DEPTH_MAX = 32
"""What lies deeper has the line of what holds it; no profile is half as deep."""
DOUBLES_MAX = 20
"""More are not looked for; who has made so many mistakes is told the first."""

Path = tuple[str | int, ...]
"""Keys and places in arrays (from 0), from the outside in."""


def lines(text: str, format: str) -> Mapping[Path, int]:
    """The line, from 1, of every key and every part of an array.

    :param text: valid in its format; of any other, what can be read of it.
    :param format: `toml` or `json`.
    """
    scan = _Scan(text, "#" if format == "toml" else "")
    scan.all_of_it()
    return scan.found


def line_of(found: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of the innermost part of it that has one; 0: of the whole."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return 0


def doubles(text: str) -> tuple[Path, ...]:
    """The keys that stand twice in the same object of a JSON text; TOML refuses them itself."""
    scan = _Scan(text, "")
    scan.all_of_it()
    return tuple(scan.doubles)


class _Scan:
    """One pass over a text; `found` grows on the way."""

    def __init__(self, text: str, comment: str) -> None:
        self.found: dict[Path, int] = {}
        self._text = text
        self._comment = comment
        self._at = 0
        self._line = 1
        self._arrays: dict[Path, int] = {}
        self.doubles: list[Path] = []

    def all_of_it(self) -> None:
        """The whole text, as far as it makes sense."""
        try:
            if self._comment:
                self.document()
            else:
                self.value(())
        except (IndexError, RecursionError, ValueError):
            pass  # what lies deeper has the line of what holds it

    def document(self) -> None:
        """A TOML document: headers of tables, and keys with values."""
        table: Path = ()
        self._blank()
        while self._at < len(self._text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table, "=")
            self._blank()

    def value(self, path: Path) -> None:
        """One value, whatever it is."""
        self._blank()
        match self._peek():
            case "{":
                self._step()
                while self._more("}"):
                    self._pair(path, "=" if self._comment else ":")
            case "[":
                self._step()
                number = 0
                while self._more("]"):
                    self.found.setdefault((*path, number), self._line)
                    self.value((*path, number))
                    number += 1
            case '"' | "'":
                self._quoted()
            case _:
                while self._at < len(self._text) and self._peek() not in ",]}#\n":
                    self._step()

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`, whose tables count up."""
        self._step()
        many = self._peek() == "["
        if many:
            self._step()
        line = self._line
        path = self._place(self._key(()))
        while self._at < len(self._text) and self._peek() != "\n":
            self._step()
        if many:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            self.found.setdefault(path, line)
            path = (*path, self._arrays[path])
        for length in range(1, len(path) + 1):
            self.found.setdefault(path[:length], line)
        return path

    def _place(self, path: Path) -> Path:
        """A path whose arrays of tables are those that were begun last."""
        placed: Path = ()
        for part in path[:-1]:
            placed = (*placed, part)
            if placed in self._arrays:
                placed = (*placed, self._arrays[placed])
        return (*placed, *path[-1:])

    def _pair(self, path: Path, sign: str) -> None:
        line = self._line
        key = self._key(path)
        if not self._comment and key in self.found:
            self._twice(key)
        for length in range(len(path) + 1, len(key) + 1):
            self.found.setdefault(key[:length], line)
        self._blank()
        if self._peek() != sign:
            raise ValueError
        self._step()
        self.value(key)

    def _twice(self, key: Path) -> None:
        """Note a key, unless it lies in one that stands twice itself."""
        inside = any(key[: len(double)] == double for double in self.doubles)
        if not inside and len(self.doubles) < DOUBLES_MAX:
            self.doubles.append(key)

    def _key(self, path: Path) -> Path:
        """One or more parts with dots between (in JSON one)."""
        while True:
            self._blank()
            start = self._at
            if self._peek() in "\"'":
                self._quoted()
                part = self._unescaped(self._text[start : self._at])
            else:
                while self._peek() not in " \t\r\n.=]:,}":
                    self._step()
                part = self._text[start : self._at]
            if len(path) < DEPTH_MAX:
                path = (*path, part)
            self._blank()
            if self._peek() != "." or not self._comment:
                return path
            self._step()

    def _quoted(self) -> None:
        """Pass a text in quotation marks of any kind."""
        mark = self._peek()
        triple = self._comment != "" and self._text.startswith(mark * 3, self._at)
        close = mark * 3 if triple else mark
        self._step(len(close))
        while not self._text.startswith(close, self._at):
            self._step(2 if self._peek() == "\\" and mark == '"' else 1)
        self._step(len(close))
        while triple and self._at < len(self._text) and self._peek() == mark:
            self._step()  # up to two marks may stand before the closing three

    def _unescaped(self, quoted: str) -> str:
        """What a key in quotation marks says."""
        if "\\" not in quoted:
            return quoted[1:-1]
        found: str = tomllib.loads(f"a = {quoted}")["a"] if self._comment else json.loads(quoted)
        return found

    def _more(self, close: str) -> bool:
        """Whether another part of an array or object comes; passes what lies between."""
        self._blank()
        if self._peek() == ",":
            self._step()
            self._blank()
        if self._peek() == close:
            self._step()
            return False
        return True

    def _blank(self) -> None:
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == self._comment:
                while self._at < len(self._text) and self._text[self._at] != "\n":
                    self._step()
            elif character in " \t\r\n":
                self._step()
            else:
                return

    def _peek(self) -> str:
        return self._text[self._at]

    def _step(self, count: int = 1) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count


def _unescaped(raw: str) -> str:
    """What a key with escapes says; TOML's and JSON's are alike but for two rare ones."""
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw
