"""YAML read so that every value keeps its line and its own text.

Numbers stay text (``12.30`` is not a binary float here), so amounts are judged as they were written. What a person
cannot see in a file is not taken: merge keys, values that contain themselves, files that unfold to more than they show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from arrears.errors import Finding, Refusal, refuse

#: Most values one file may unfold to (aliases counted each time), and how deep they may nest.
VALUES_LIMIT = 200_000
DEPTH_LIMIT = 60
#: What to do about the commonest slips, by what the parser says of them.
_ADVICE = {
    "cannot start any token": "indent with spaces, not tabs; put text that begins with @, % or ` in quotes",
    "mapping values are not allowed": "put text that holds a colon in quotes",
    "expected ',' or": "close the bracket, and put text that holds commas or brackets in quotes",
    "expected a single document": "keep one case a file",
    "found undefined alias": "put text that begins with * in quotes",
    "exceeded maximum nesting depth": "nest less",
}


@dataclass
class Document:
    """A YAML file: plain dicts, lists, text, True, False and None; `lines` gives the line of each dotted path."""

    file: str
    value: Any
    lines: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def where(self, path: str) -> dict[str, Any]:
        """File, line and field of a path; the line of the nearest thing around it if the path itself is not there."""
        probe = path
        while probe and probe not in self.lines:
            probe = probe[: max(probe.rfind("."), probe.rfind("["), 0)]
        return {"file": self.file, "line": self.lines.get(probe, 1), "field": path}

    def fault(self, code: str, path: str, what: str, value: object = "", todo: str = "") -> None:
        """Keep one fault of this file."""
        shown = "" if value is None or isinstance(value, (dict, list)) else str(value)
        self.findings.append(Finding(code, what, value=shown, todo=todo, **self.where(path)))

    def raise_findings(self) -> None:
        """Refusal with all faults, in the order of their lines, if there are any."""
        if self.findings:
            raise Refusal(*sorted(dict.fromkeys(self.findings), key=lambda finding: finding.line or 0))


def read_yaml(path: Path, name: str | None = None) -> Document:
    """The file as a `Document`. Refusal if it cannot be read, is not UTF-8, or is not YAML."""
    shown = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what = f"is not UTF-8 (byte {error.start})"
        raise refuse("encoding", what, file=shown, line=line, todo="save it as UTF-8") from None
    except OSError as error:
        raise refuse("file", f"cannot be read: {error.strerror}", file=shown, exit_code=2) from None
    return parse_yaml(text, shown)


def parse_yaml(text: str, file: str) -> Document:
    """YAML text as a `Document`; `file` is the name for errors."""
    from yaml import MarkedYAMLError
    from yaml.reader import ReaderError

    try:
        node = _composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        todo = next((todo for part, todo in _ADVICE.items() if part in f"{error.context} {error.problem}"), "")
        line = mark.line + 1 if mark else 1
        raise refuse("yaml", f"is not YAML: {error.problem}", file=file, line=line, todo=todo) from None
    except ReaderError:
        at = next((index for index, letter in enumerate(text) if not _may_stand(letter)), 0)
        what = f"has a control character (U+{ord(text[at]):04X})"
        raise refuse("yaml", what, file=file, line=text.count("\n", 0, at) + 1, todo="remove it") from None
    document = Document(file, None)
    if node is not None:
        document.value = _Unfolding(document).value(node, "", 0)
    return document


def _composed(text: str) -> Any:
    """The tree of nodes, by libyaml: law packs are long, and its parser reads them some thirty times faster than one in Python."""
    loader = _loader()(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


#: What tells true, false, null and a merge from text, as YAML 1.2 does (`yes` and `on` are text).
_TAGS = {
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), "tag:yaml.org,2002:bool"),
    **dict.fromkeys(("~", "null", "Null", "NULL", ""), "tag:yaml.org,2002:null"),
    "<<": "tag:yaml.org,2002:merge",
}


@cache
def _loader() -> Any:
    """A loader that tells apart what `_TAGS` does, and nothing else."""
    from yaml import ScalarNode
    from yaml.cyaml import CParser
    from yaml.resolver import BaseResolver

    class Loader(CParser, BaseResolver):  # type: ignore[misc]
        def __init__(self, stream: str) -> None:
            CParser.__init__(self, stream)
            BaseResolver.__init__(self)

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is not ScalarNode:
                return super().resolve(kind, value, implicit)
            return _TAGS.get(value, self.DEFAULT_SCALAR_TAG) if implicit[0] else self.DEFAULT_SCALAR_TAG

    return Loader


def _may_stand(letter: str) -> bool:
    """Whether YAML lets a character stand in a file."""
    return letter in "\t\n\r\x85" or (
        (letter.isprintable() or letter.isspace() or ord(letter) > 0x9F) and ord(letter) >= 0x20
    )


class _Unfolding:
    """Turns nodes into values, within the limits."""

    def __init__(self, document: Document) -> None:
        self.document, self.seen = document, 0

    def value(self, node: Any, path: str, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.seen += 1
        if depth > DEPTH_LIMIT:
            raise refuse("yaml", f"nests deeper than {DEPTH_LIMIT} levels", file=self.document.file, line=line)
        if self.seen > VALUES_LIMIT:
            raise refuse("yaml", f"has more than {VALUES_LIMIT} values", file=self.document.file, line=line)
        self.document.lines.setdefault(path, line)
        if node.id == "mapping":
            return self.mapping(node, path, depth)
        if node.id == "sequence":
            return [self.value(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(node.value)]
        tag = str(node.tag or "")
        if tag.endswith(":null"):
            return None
        if tag.endswith(":bool"):
            return str(node.value).lower() == "true"
        return str(node.value)

    def mapping(self, node: Any, path: str, depth: int) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if key_node.id == "scalar" else ""
            inner = f"{path}.{key}" if path else key
            self.document.lines.setdefault(inner, key_node.start_mark.line + 1)
            if key in content:
                self.repeated(inner, key_node)
            elif key_node.id != "scalar" or str(key_node.tag or "").endswith(":merge"):
                self.document.fault("yaml", inner, "is a key that is not read here", key, "write the fields out")
                continue
            content[key] = self.value(value_node, inner, depth + 1)
        return content

    def repeated(self, path: str, key_node: Any) -> None:
        place = {**self.document.where(path), "line": key_node.start_mark.line + 1}
        what = f"stands twice (first on line {self.document.lines[path]})"
        self.document.findings.append(Finding("repeated", what, todo="keep one", **place))
