"""XML as a small tree that knows its lines, read by expat without document types, so that no entity can grow or reach out.

Only what payments need: local names, attributes, text, line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from arrears.errors import refuse

DEEPEST = 64


@dataclass
class Element:
    """One element: its name without namespace, attributes, own text, children, and the line on which it begins."""

    name: str
    attributes: dict[str, str]
    line: int
    namespace: str = ""
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, path: str) -> Iterator[Element]:
        """Every descendant along `A/B/C`."""
        head, _, rest = path.partition("/")
        for child in self.children:
            if child.name == head:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def one(self, path: str) -> Element | None:
        """The first along the path."""
        return next(self.all(path), None)

    def said(self, path: str) -> str | None:
        """The text of the first along the path, without space around it; None if there is none or it is empty."""
        found = self.one(path)
        return (found.text.strip() or None) if found else None


def parse_xml(content: bytes, file: str) -> Element:
    """The root of a document. Refusal with its line if it is not well-formed, has a document type, or is nested too deeply."""
    root = Element("", {}, 0)
    stack = [root]
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEEPEST:
            raise refuse("payments", f"is nested more than {DEEPEST} deep", file=file, line=parser.CurrentLineNumber)
        space, _, local = name.rpartition(" ")
        element = Element(local, attributes, parser.CurrentLineNumber, space)
        stack[-1].children.append(element)
        stack.append(element)

    def end(name: str) -> None:
        stack.pop()

    def told(text: str) -> None:
        stack[-1].text += text

    def document_type(*declared: object) -> None:
        raise refuse(
            "payments", "declares a document type, which is not read", file=file, line=parser.CurrentLineNumber
        )

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = told, document_type
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        what = f"is not well-formed XML: {expat.errors.messages[error.code]}"
        raise refuse("payments", what, file=file, line=error.lineno) from None
    return root.children[0]
