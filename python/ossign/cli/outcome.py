"""How a command ends: its exit codes, and which error means which."""

from __future__ import annotations

OK = 0
"""Done; and of `verify` and `explain`: nothing is wrong."""

REFUSED = 1
"""A request that OSS would refuse; what `verify` refuses; what `explain` found a cause for."""

USAGE = 2
"""The command line is wrong."""

UNCONFIGURED = 3
"""No credentials or no region were found, or a profile cannot be used."""

FILES = 4
"""A file or the network cannot be used: missing, not readable, full, taken."""

INTERNAL = 70
"""A mistake of ossign itself."""

INTERRUPTED = 130
"""Ended by Ctrl-C."""

PIPE_CLOSED = 141
"""Who read the output stopped reading."""


class Failure(Exception):
    """An end with one line of explanation, and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code


def failure_of(error: Exception) -> Failure:
    """What an error of the library or of the system means for a shell."""
    from .. import exceptions

    if isinstance(error, Failure):
        return error
    if isinstance(error, exceptions.OperationError) and error.unwrap() is not None:
        return failure_of(error.unwrap() or error)
    if isinstance(error, exceptions.CredentialsExpiredError):
        return Failure(str(error), REFUSED)
    if isinstance(error, exceptions.CredentialsBaseError):
        return Failure(str(error), UNCONFIGURED)
    if isinstance(error, UnicodeError):
        return Failure("names and values must be UTF-8 text, as OSS's are")
    if isinstance(error, exceptions.BaseError):
        return Failure(str(error), REFUSED)
    if isinstance(error, OSError):
        file = f"{error.filename}: " if error.filename is not None else ""
        words = error.strerror or str(error).partition(" (os error")[0] or type(error).__name__
        return Failure(f"{file}{words}", FILES)
    return Failure(f"internal error: {type(error).__name__}: {error}", INTERNAL)
