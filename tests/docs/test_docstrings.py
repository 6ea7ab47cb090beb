"""Every example in a docstring runs, of Python and of Rust, and shows what Python answers."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import ossign
import pytest

# Started by a shell or by pytest, or in need of an engine: not to be imported for their texts.
ELSEWHERE = ("ossign.__main__", "ossign._pytest", "ossign.engines.")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def modules() -> Iterator[ModuleType]:
    yield ossign
    for found in pkgutil.walk_packages(ossign.__path__, "ossign."):
        if not found.name.startswith(ELSEWHERE):
            yield importlib.import_module(found.name)


def texts(name: str, thing: object) -> Iterator[tuple[str, str]]:
    """The docstrings with examples of a thing and its members, with their names."""
    text = getattr(thing, "__doc__", None)
    if isinstance(text, str) and ">>>" in text:
        yield name, text
    if inspect.isclass(thing):
        for member, value in vars(thing).items():
            # A static or class method is asked of the class: that is where its text is.
            inner = value if isinstance(value, property) else getattr(thing, member, None)
            if not inspect.isclass(inner):
                yield from texts(f"{name}.{member}", inner)


def examples() -> dict[str, str]:
    """Each text once, although members of an enum show that of their class."""
    found: dict[str, str] = {}
    for module in modules():
        ours = {
            name: thing
            for name, thing in vars(module).items()
            if (getattr(thing, "__module__", "") or "").startswith("ossign")
        }
        for name, thing in {"": module, **ours}.items():
            home = getattr(thing, "__module__", module.__name__)
            for where, text in texts(f"{home}.{name}".rstrip("."), thing):
                found.setdefault(text, where)
    return {where: text for text, where in found.items()}


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_docstring_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "sample-id")
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", "sample-secret")
    for variable in ("OSS_SESSION_TOKEN", "OSS_ENDPOINT", "OSS_REGION"):
        monkeypatch.delenv(variable, raising=False)
    test = doctest.DocTestParser().get_doctest(EXAMPLES[name], {}, name, None, None)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


def test_the_heart_of_the_package_has_examples() -> None:
    wanted = ["Client", "Client.presign_many", "client.presign", "diagnosis._asked.explain"]
    assert {f"ossign.{name}" for name in wanted} <= EXAMPLES.keys()
