"""An XML file as plain elements with their lines: no DTD, no entity, no namespace but one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import InputSource

from hdhplan.errors import Fault, InputError

#: [byte] 5,000 tasks as MS Project writes them fit several times.
MOST_BYTES = 16 * 2**20
MOST_DEEP, MOST_ELEMENTS, MOST_CHARACTERS = 32, 600_000, 10_000
_AGAIN = "save it anew from the tool that made it"


@dataclass(slots=True)
class Element:
    """One element: its name without namespace, the line it opens on, its text and children."""

    tag: str
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, *path: str) -> Iterator[Element]:
        """Every element below by a path of names."""
        here = [self]
        for tag in path:
            here = [child for one in here for child in one.children if child.tag == tag]
        yield from here

    def one(self, *path: str) -> Element | None:
        """First element by a path of names, or None."""
        return next(self.all(*path), None)

    def get(self, *path: str) -> str:
        """Text of the first element by a path of names; empty if there is none."""
        found = self.one(*path)
        return found.text.strip() if found else ""


class _Builder(ContentHandler):
    """Builds elements of one namespace; leaves out what nobody asks for."""

    def __init__(self, label: str, root: str, namespace: str, unwanted: frozenset[str]):
        super().__init__()
        self.label, self.root, self.namespace, self.unwanted = label, root, namespace, unwanted
        self.stack: list[Element] = [Element("", 0)]
        self.count = self.skipping = self.deep = 0
        self.locator = None

    def setDocumentLocator(self, locator) -> None:
        self.locator = locator

    def refuse(self, found: str, limit: str, fix: str = "") -> None:
        line = self.locator.getLineNumber() if self.locator else None
        raise InputError(Fault(self.label, line, "", found, limit, fix))

    def startElementNS(self, name, qname, attrs) -> None:
        space, tag = name
        self.deep, self.count = self.deep + 1, self.count + 1
        if self.deep > MOST_DEEP:
            self.refuse(f"elements nested deeper than {MOST_DEEP}", f"at most {MOST_DEEP}", _AGAIN)
        if self.count > MOST_ELEMENTS:
            limit = f"at most {MOST_ELEMENTS:,}"
            self.refuse(f"more than {MOST_ELEMENTS:,} elements", limit, "export fewer fields")
        if self.deep == 1 and (space, tag) != (self.namespace, self.root):
            found = f"<{tag[:40]}> of namespace {(space or '')[:80]!r}"
            limit = f"<{self.root}> of {self.namespace}"
            self.refuse(found, limit, "save it as XML from MS Project")
        if self.skipping or space != self.namespace or tag in self.unwanted:
            self.skipping += 1
            return
        element = Element(tag, self.locator.getLineNumber() if self.locator else 0)
        self.stack[-1].children.append(element)
        self.stack.append(element)

    def endElementNS(self, name, qname) -> None:
        self.deep -= 1
        if self.skipping:
            self.skipping -= 1
        else:
            self.stack.pop()

    def characters(self, content: str) -> None:
        if self.skipping or len(self.stack) < 2:
            return
        element = self.stack[-1]
        if not element.text and content.isspace():
            return  # indentation
        element.text += content
        if len(element.text) > MOST_CHARACTERS:
            limit = f"at most {MOST_CHARACTERS:,}"
            self.refuse(f"<{element.tag}> of more characters", limit, "shorten it")


def read_elements(
    path: Path, label: str, root: str, namespace: str, unwanted: frozenset[str] = frozenset()
) -> Element:
    """Read an XML file of one namespace, or raise InputError with what is wrong and where."""
    from xml.sax import SAXException, SAXParseException

    from defusedxml.common import DefusedXmlException
    from defusedxml.expatreader import DefusedExpatParser

    builder = _Builder(label, root, namespace, unwanted)
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(builder)
    source = InputSource()
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
            if len(raw) > MOST_BYTES:
                found, limit = "more than 16 MiB", f"at most {MOST_BYTES:,} bytes"
                raise InputError(Fault(label, None, "", found, limit, "export fewer fields"))
            stream.seek(0)
            source.setByteStream(stream)
            parser.parse(source)
    except DefusedXmlException:
        limit, fix = "no DTD and no entity: a plan needs none", f"delete the DOCTYPE, or {_AGAIN}"
        builder.refuse("a document type or an entity", limit, fix)
    except SAXParseException as error:
        found = f"this is not XML, or it is torn: {error.getMessage()}"
        raise InputError(Fault(label, error.getLineNumber(), "", found, "", _AGAIN)) from None
    except (SAXException, LookupError, ValueError) as error:
        found = f"cannot be read as XML: {str(error)[:80]}"
        raise InputError(Fault(label, None, "", found, "", _AGAIN)) from None
    except OSError as error:
        found = f"cannot be read: {error.strerror or error}"
        raise InputError(Fault(label, None, "", found, "", "check its name and folder")) from None
    return builder.stack[0].children[0]
