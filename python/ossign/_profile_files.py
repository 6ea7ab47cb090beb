"""What stands in a file of profiles: INI as ossutil's, or JSON as the Alibaba Cloud CLI's."""

from __future__ import annotations

from .exceptions import ProfileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 1 << 20  # bytes; a file of profiles has some hundreds


def sections_of(path: str) -> dict[str, dict[str, object]]:
    """All profiles of a file, each under its name; the default one under the empty name too."""
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ProfileError(file=path, reason=error.strerror) from None
    if len(data) > _LARGEST:
        raise ProfileError(file=path, reason="larger than 1 MB, so it holds no profiles")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProfileError(file=path, reason="not UTF-8 text") from None
    return _from_json(path, text) if text.lstrip().startswith("{") else _from_ini(path, text)


def _from_json(path: str, text: str) -> dict[str, dict[str, object]]:
    import json

    try:
        content = json.loads(text)
    except ValueError as error:
        place = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ProfileError(file=path, reason=f"not valid JSON{place}") from None
    except RecursionError:
        raise ProfileError(file=path, reason="not valid JSON: nested too deeply") from None
    listed = content.get("profiles")
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ProfileError(file=path, reason="has no list 'profiles' as the Alibaba Cloud CLI has")
    sections = {str(entry.get("name", "")): _plain(entry) for entry in listed}
    current = content.get("current") or "default"
    if current in sections:
        sections[""] = sections[current]
    return sections


def _from_ini(path: str, text: str) -> dict[str, dict[str, object]]:
    import configparser

    # Secrets may hold any character but line ends, so that "=" alone separates.
    parser = configparser.RawConfigParser(
        delimiters=("=",), default_section="\n", strict=False, allow_no_value=True
    )
    try:
        parser.read_string(text)
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next(iter(getattr(error, "errors", [])), (0,))[0]
        place = f"line {line}" if line else "a line"
        reason = f"{place} is neither a [section] nor NAME=VALUE"
        raise ProfileError(file=path, reason=reason) from None
    sections: dict[str, dict[str, object]] = {}
    for title in parser.sections():
        kind, _, rest = title.strip().partition(" ")
        name = rest.strip() if kind.lower() == "profile" and rest else title.strip()
        sections.setdefault(name, {}).update(_plain(dict(parser.items(title))))
    for default in ("default", "credentials"):
        match = next((name for name in sections if name.lower() == default), None)
        if match is not None:
            sections[""] = sections[match]
            break
    return sections


def _plain(entries: Mapping[str, object]) -> dict[str, object]:
    """The entries under names without case, '-' and '_', as ossutil compares them."""
    return {name.lower().replace("-", "").replace("_", ""): v for name, v in entries.items()}
