"""The exception for text that is no XML, apart because `xml.etree` is slow to import."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from .exceptions import DeserializationError


class MalformedXmlError(DeserializationError, ParseError):
    """Text that is no XML, or XML with a document type definition.

    Also a `ParseError`, because that is what the official SDK lets through.
    """
