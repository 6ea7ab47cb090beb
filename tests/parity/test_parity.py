"""No difference from the SDK that is not on the list, over random cases.

`make test` runs 300 cases, `make fuzz` 20,000 in some minutes: the same ones each time, so
that a change is judged by what it changes. To look for new ones:

    OSSIGN_FUZZ=20000 OSSIGN_FUZZ_NEW=1 .venv/bin/python -m pytest -q tests/parity
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

from . import oracle
from .differences import explain
from .strategies import Case, cases

FUZZ = os.environ.get("OSSIGN_FUZZ", "")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(
    max_examples=int(FUZZ or 300),
    derandomize=not os.environ.get("OSSIGN_FUZZ_NEW"),
    database=None,
    deadline=None,
    suppress_health_check=SLOW,
)
@given(cases())
def test_ossign_answers_as_the_sdk_but_for_the_listed_differences(case: Case) -> None:
    theirs, ours = oracle.theirs(case), oracle.ours(case)
    if ours != theirs:
        assert explain(case, ours, theirs), f"\nSDK    {theirs}\nossign {ours}"
