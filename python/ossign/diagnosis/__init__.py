"""Why OSS refuses a presigned URL: `verify` judges one as OSS does, `explain` says what is wrong.

Neither sends anything, and nothing that they return or raise holds a secret, a token or a whole
signature.
"""

from __future__ import annotations

from ._asked import explain, verify
from ._cause import Cause
from ._report import Difference, Facts, Finding, Report

__all__ = ["Cause", "Difference", "Facts", "Finding", "Report", "explain", "verify"]
