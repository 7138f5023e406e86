"""YAML read so that every value keeps its line and its own text.

Numbers stay text (``12.30`` is not a binary float here), so amounts are judged as they were written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arrears.errors import Finding, Refusal, refuse


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
            raise Refusal(*sorted(self.findings, key=lambda finding: finding.line or 0))


def read_yaml(path: Path, name: str | None = None) -> Document:
    """The file as a `Document`. Refusal if it cannot be read, is not UTF-8, or is not YAML."""
    shown = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("encoding", f"is not UTF-8 (byte {error.start})", file=shown, todo="save it as UTF-8") from None
    except OSError as error:
        raise refuse("file", f"cannot be read: {error.strerror}", file=shown, exit_code=2) from None
    return parse_yaml(text, shown)


def parse_yaml(text: str, file: str) -> Document:
    """YAML text as a `Document`; `file` is the name for errors."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        todo = "indent with spaces, not tabs" if "\\t" in str(error.problem) else ""
        line = mark.line + 1 if mark else 1
        raise refuse("yaml", f"is not YAML: {error.problem}", file=file, line=line, todo=todo) from None
    document = Document(file, None)
    if node is not None:
        document.value = _value(node, "", document)
    return document


def _value(node: Any, path: str, document: Document) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if node.id == "mapping":
        return _mapping(node, path, document)
    if node.id == "sequence":
        return [_value(item, f"{path}[{index}]", document) for index, item in enumerate(node.value)]
    tag = str(node.tag or "")
    if tag.endswith(":null"):
        return None
    if tag.endswith(":bool"):
        return str(node.value).lower() in ("true", "yes", "on")
    return str(node.value)


def _mapping(node: Any, path: str, document: Document) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        inner = f"{path}.{key}" if path else key
        document.lines[inner] = key_node.start_mark.line + 1
        if key in content:
            document.fault("repeated", inner, "stands twice", todo="keep one")
        content[key] = _value(value_node, inner, document)
    return content
