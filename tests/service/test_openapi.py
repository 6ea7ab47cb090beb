"""The one OpenAPI document, and the models that it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import make_openapi
import pytest
from faces import BATCH, FORM, MULTIPART, ONE, PARTS, PHOTO, Face
from ossign.fastapi import (
    PresignAnswer,
    PresignBatchAnswer,
    PresignBatchRequest,
    PresignMultipartAnswer,
    PresignMultipartRequest,
    PresignPartsAnswer,
    PresignPartsRequest,
    PresignProblem,
    PresignRequest,
)

DOCUMENT = json.loads(make_openapi.DOCUMENT.read_text(encoding="utf-8"))


def test_the_document_is_up_to_date() -> None:
    assert make_openapi.generated() == DOCUMENT, "run `make openapi`"


def test_every_face_has_the_same_document(face: Face) -> None:
    document = face.ask("/openapi.json", method="GET", key=None).json
    assert document["paths"] == DOCUMENT["paths"]
    assert document["components"] == DOCUMENT["components"]


@pytest.mark.parametrize("path", [ONE, BATCH, FORM, MULTIPART, PARTS])
def test_the_errors_are_declared(path: str) -> None:
    responses = DOCUMENT["paths"][path]["post"]["responses"]
    expected = {"200", "400", "401", "408", "413", "429", "500", "default"}
    assert set(responses) == expected | (set() if path in (ONE, BATCH) else {"404"})


def test_part_numbers_are_what_oss_takes() -> None:
    schema = DOCUMENT["paths"][PARTS]["post"]["requestBody"]["content"]["application/json"]
    items = schema["schema"]["properties"]["part_numbers"]["items"]
    assert (items["minimum"], items["maximum"]) == (1, 10_000)


def test_examples_are_what_they_are_examples_of(face: Face) -> None:
    seen = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            seen.extend(value.get("examples", ()))
            for inner in value.values():
                look(inner)

    look(DOCUMENT)
    assert len(seen) > 5
    for model in (PresignRequest,):
        for example in model.model_json_schema()["examples"]:
            assert (
                face.ask(ONE, model.model_validate(example).model_dump(exclude_none=True)).status
                == 200
            )
    PresignProblem.model_validate(PresignProblem.model_json_schema()["examples"][0])


def test_answers_are_what_the_models_say(face: Face) -> None:
    answer = PresignAnswer.model_validate(face.one().json)
    assert answer.data.content_type == "image/jpeg"
    batch = face.batch(PHOTO, {}).json
    assert PresignBatchAnswer.model_validate(batch).data.failed == 1
    assert PresignProblem.model_validate(face.one(filename="a").json).field == "filename"


def test_a_batch_request_is_what_its_model_says(face: Face) -> None:
    request = PresignBatchRequest.model_validate({"files": [PHOTO], "expire_seconds": 60})
    assert face.ask(BATCH, request.model_dump(exclude_none=True)).json["data"]["success"] == 1


def test_uploads_in_parts_are_what_their_models_say(start: Callable[..., Face]) -> None:
    face = start(multipart=True)
    (example,) = PresignMultipartRequest.model_json_schema()["examples"]
    asked = PresignMultipartRequest.model_validate(example).model_dump(exclude_none=True)
    answer = PresignMultipartAnswer.model_validate(face.ask(MULTIPART, asked).json)
    assert answer.data.part_count == 3
    (example,) = PresignPartsRequest.model_json_schema()["examples"]
    asked = PresignPartsRequest.model_validate(example).model_dump(exclude_none=True)
    parts = PresignPartsAnswer.model_validate(face.ask(PARTS, asked).json).data.parts
    assert [part.part_number for part in parts] == [3]
