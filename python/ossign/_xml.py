"""Models as XML, and back.

Writing goes through ElementTree, which is loaded on first use. Reading goes through the Rust
parser, which refuses document type declarations and so knows no entities to blow up.
"""

from __future__ import annotations

from ._model import Model, is_model, new_dependency
from ._ossign import parse_xml
from ._wire import from_text, serialize_iso_date, to_text
from .exceptions import DeserializationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias
    from xml.etree.ElementTree import Element

    Node: TypeAlias = tuple[str, str | None, list["Node"]]


def serialize_xml(obj: Any, root: str | None = None) -> bytes:
    """Write a model as UTF-8 XML without a declaration.

    `root` names the outermost element, otherwise `_xml_map` does, or the class. Attributes that are
    None are left out. SerializationError for a value of a type that XML has no text for.
    """
    from xml.etree.ElementTree import tostring

    text: bytes = tostring(_element(obj, root), encoding="utf-8", method="xml")
    return text


def _element(obj: Any, root: str | None = None) -> Element:
    from xml.etree.ElementTree import Element

    xml_map = getattr(obj, "_xml_map", None) or {}
    element = Element(root or xml_map.get("name", type(obj).__name__))
    for attribute, description in obj._attribute_map.items():
        value = getattr(obj, attribute, None) if description.get("tag") == "xml" else None
        if value is None:
            continue
        tag, atype = description.get("rename", attribute), description.get("type", "")
        for item in value if isinstance(value, list) else (value,):
            element.append(_child(tag, item, atype))
    return element


def _child(tag: str, value: Any, atype: str) -> Element:
    if is_model(value):
        # Quirk: a model inside another keeps its own element name, whatever the attribute's is
        return _element(value)
    from datetime import datetime
    from xml.etree.ElementTree import Element

    child = Element(tag)
    # Quirk: the type is spelled "ios8601date"
    if isinstance(value, datetime) and "ios8601date" in atype.split(","):
        child.text = serialize_iso_date(value)
    else:
        child.text = to_text(value, atype)
    return child


def deserialize_xml(xml_data: bytes | str, obj: Any, expect_tag: str | None = None) -> None:
    """Read XML into a model; attributes without an element keep their value.

    `expect_tag` is the name the outermost element must have. Namespaces are taken off every element
    (the SDK does so for the outermost only, and then finds nothing). Anything but a model is left
    alone. DeserializationError for text that is no XML or has a DTD (both are also a ParseError of
    `xml.etree`, as in the SDK), and for another outermost element.
    """
    if not isinstance(obj, Model):
        return
    try:
        root = parse_xml(xml_data)
    except ValueError as error:
        from ._malformed import MalformedXmlError

        raise MalformedXmlError(error=error) from error
    tag = _local(root[0])
    if expect_tag and tag != expect_tag:
        raise DeserializationError(error=f"Expect root tag is {expect_tag}, gots {tag}")
    _fill(root, obj)


def _local(tag: str) -> str:
    """A name without the namespace that stands before it in braces."""
    return tag.rpartition("}")[2]


def _find(nodes: list[Node], path: str) -> list[Node]:
    """The elements at a path such as "Part" or "Buckets/Bucket"; "." is the element itself."""
    for step in path.split("/"):
        if step != ".":
            nodes = [child for node in nodes for child in node[2] if _local(child[0]) == step]
    return nodes


def _fill(node: Node, obj: Any) -> None:
    for attribute, found, types in _found(node, obj):
        kind = types[0]
        if kind.startswith("[") and kind.endswith("]"):
            types[0] = kind[1:-1]
            setattr(obj, attribute, [_value(item, obj, types) for item in found])
        else:
            value = _value(found[0], obj, types)
            if value is not None:
                setattr(obj, attribute, value)


def _found(node: Node, obj: Any) -> Iterator[tuple[str, list[Node], list[str]]]:
    """The attributes for which there are elements, with these and the attribute's types."""
    for attribute, description in obj._attribute_map.items():
        if description.get("tag") == "xml":
            found = _find([node], description.get("rename", attribute))
            if found:
                yield attribute, found, str(description.get("type", "str")).split(",")


def _value(node: Node, owner: Any, types: list[str]) -> Any:
    kind = types[0]
    if kind.islower() or not kind:
        return None if node[1] is None else from_text(node[1], types)
    model = new_dependency(owner, kind)
    if model is None:
        raise DeserializationError(error=f"Can not create object with {kind} type")
    _fill(node, model)
    return model
