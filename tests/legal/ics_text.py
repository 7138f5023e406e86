"""A reader of iCalendar files for the tests, written from RFC 5545 and sharing nothing with the writer: bytes in, components out."""

from dataclasses import dataclass, field


@dataclass
class Component:
    """`values`: name → the list of (parameters, value), values unescaped."""

    name: str
    values: dict = field(default_factory=dict)
    parts: list = field(default_factory=list)

    def one(self, name):
        """The value of a property that stands once."""
        ((_, value),) = self.values[name]
        return value

    def parameters(self, name):
        """The parameters of a property that stands once."""
        ((parameters, _),) = self.values[name]
        return parameters


def read_ics(content: bytes) -> Component:
    """The outermost component. AssertionError where a line breaks the form."""
    assert content.endswith(b"\r\n")
    lines = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    # each part by itself is text: no character is cut in two
    parts = [line.decode("utf-8") for line in lines]
    logical = []
    for part in parts:
        if part.startswith(" "):
            logical[-1] += part[1:]
        else:
            logical.append(part)
    open_, root = [], None
    for line in logical:
        head, colon, value = line.partition(":")
        assert colon, line
        name, *parameters = head.split(";")
        if name == "BEGIN":
            component = Component(value)
            if open_:
                open_[-1].parts.append(component)
            open_.append(component)
        elif name == "END":
            root = open_.pop()
            assert root.name == value
        else:
            told = dict(parameter.split("=") for parameter in parameters)
            open_[-1].values.setdefault(name, []).append((told, unescaped(value)))
    assert not open_ and root is not None
    return root


def unescaped(value: str) -> str:
    """A text value as it was meant; no comma and no semicolon stands in it bare."""
    text, letters = "", iter(value)
    for letter in letters:
        if letter == "\\":
            letter = next(letters)
            text += "\n" if letter in "nN" else letter
        else:
            assert letter not in ",;", value
            text += letter
    return text
