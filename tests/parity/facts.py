"""What a case says, read with the SDK's own code: settings, texts on the wire, times."""

from __future__ import annotations

import dataclasses
import datetime
from functools import cached_property
from typing import Any

import alibabacloud_oss_v2 as sdk
import alibabacloud_oss_v2.presigner
import time_machine

from .strategies import Case, build

UTC = datetime.timezone.utc


@dataclasses.dataclass
class Facts:
    """Facts about a case; what the SDK itself cannot make of it is empty or None."""

    case: Case

    @property
    def config(self) -> dict[str, Any]:
        """The settings as given."""
        return self.case.config

    @property
    def is_v1(self) -> bool:
        """Whether signature version 1 signs."""
        return bool(self.config.get("signature_version") == "v1")

    @property
    def is_signed(self) -> bool:
        """Whether there are credentials to sign with."""
        return not self.case.provider.facts.get("anonymous")

    @cached_property
    def options(self) -> Any:
        """What the SDK's client derives from the settings."""
        try:
            config = sdk.Config(http_client=object(), **self.case.config)
            return sdk.Client(config)._client._options
        except Exception:
            return None

    @cached_property
    def wire(self) -> Any:
        """The request in the terms of HTTP, or None where the SDK refuses it."""
        fields = {name: build(value, sdk) for name, value in self.case.fields.items()}
        try:
            if self.case.operation == "OperationInput":
                return sdk.OperationInput(**fields)
            request = getattr(sdk, f"{self.case.operation}Request")(**fields)
            return sdk.presigner._serialize_input(request)
        except Exception:
            return None

    @property
    def headers(self) -> list[tuple[Any, Any]]:
        """Every header that is given or a default, with its value."""
        given = getattr(self.wire, "headers", None)
        pairs = list(given.items()) if hasattr(given, "items") else []
        defaults = self.config.get("default_request_headers") or {}
        # As given, too: of two names that are one in lower case, only the last is sent.
        raw = [build(self.case.fields.get(name), sdk) for name in ("headers", "metadata")]
        return [
            *pairs,
            *defaults.items(),
            *(x for r in raw if hasattr(r, "items") for x in r.items()),
        ]

    @property
    def parameters(self) -> list[tuple[str, Any]]:
        """Every query parameter that is given."""
        given = getattr(self.wire, "parameters", None)
        return list(given.items()) if hasattr(given, "items") else []

    @property
    def names(self) -> tuple[Any, Any]:
        """Bucket and key as given."""
        return tuple(build(self.case.fields.get(name), sdk) for name in ("bucket", "key"))  # type: ignore[return-value]

    @cached_property
    def seconds(self) -> float | None:
        """For how long the URL would be valid, or None where nobody can tell."""
        with time_machine.travel(self.case.now, tick=False):
            now = datetime.datetime.now(UTC)
            expires, expiration = (self.case.call.get(k) for k in ("expires", "expiration"))
            try:
                if expiration is None and expires is None:
                    return 900.0
                end = expiration if expiration is not None else now + expires
                left: float = (end.astimezone(UTC) - now).total_seconds()
                return left
            except Exception:
                return None
