"""How many files, and so connections, a server of this command may have open."""

from __future__ import annotations

# More than a server takes: it serves 10,000 connections at a time unless told otherwise.
_ENOUGH = 65_536


def allow_many() -> None:
    """Raise this process's limit as far as the system lets it, as servers do.

    Shells start programs with 1,024, which idle browsers use up alone. What cannot be raised stays.
    """
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit.
    lower, upper = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _ENOUGH if upper == resource.RLIM_INFINITY else min(_ENOUGH, upper)
    if lower == resource.RLIM_INFINITY or lower >= most:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, upper))
    except (OSError, ValueError):
        return  # macOS has a second, lower limit; the server logs what it cannot take.
