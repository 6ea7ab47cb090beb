"""Multipart uploads by presigned URLs: the plan, its parts, and what OSS answers.

`Client.plan_multipart` makes a `MultipartPlan`, which knows how the file is cut; with the upload id
that OSS gave, `plan.parts` presigns everything else. Nothing here sends a request.
"""

from __future__ import annotations

from ._answers import parse_complete, parse_initiate, parse_list_parts
from ._parts import MultipartParts, PresignedPart
from ._plan import MultipartPlan, PartRange

__all__ = [
    "MultipartParts",
    "MultipartPlan",
    "PartRange",
    "PresignedPart",
    "parse_complete",
    "parse_initiate",
    "parse_list_parts",
]
