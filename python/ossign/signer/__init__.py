"""The signers of both versions, for requests of one's own."""

from __future__ import annotations

from .v1 import SignerV1
from .v4 import SignerV4

__all__ = ["SignerV1", "SignerV4"]
