"""Requests made of the OpenAPI document, good and bad: nothing fails, and nothing is undocumented.

OSSIGN_CASES sets how many there are for each route and kind; they are the same in every run.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import schemathesis
from faces import KEY, Face
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

CASES = int(os.environ.get("OSSIGN_CASES", "25"))
load_all_checks()
# That an extension and a content type fit each other is more than the document can say: good data
# may be refused, with 400.
# And a bad file in a batch is answered with 200: it fails alone.
EXCLUDED = {
    "/api/oss/presign-put": CHECKS.get_by_names(["positive_data_acceptance"]),
    "/api/oss/presign-post": CHECKS.get_by_names(["positive_data_acceptance"]),
    "/api/oss/presign-multipart": CHECKS.get_by_names(["positive_data_acceptance"]),
    "/api/oss/presign-multipart/parts": CHECKS.get_by_names(["positive_data_acceptance"]),
    "/api/oss/presign-put/batch": CHECKS.get_by_names(
        ["positive_data_acceptance", "negative_data_rejection"]
    ),
}


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", EXCLUDED)
def test_every_answer_is_documented(
    start: Callable[..., Face], path: str, mode: GenerationMode
) -> None:
    face = start(form_upload=True, multipart=True)
    if face.app is None:
        schema = schemathesis.openapi.from_url(f"{face.url}/openapi.json")
    else:
        schema = schemathesis.openapi.from_asgi("/openapi.json", face.app)
    statuses = set()

    @settings(
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(schema[path]["POST"].as_strategy(mode))
    def check(case: Case) -> None:
        response = case.call_and_validate(headers={"Apikey": KEY}, excluded_checks=EXCLUDED[path])
        statuses.add(response.status_code)
        assert response.status_code < 500

    check()
    assert statuses <= {200, 400, 401, 405, 413}
