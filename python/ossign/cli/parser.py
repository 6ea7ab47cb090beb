"""The command line's grammar: which commands there are, and how their help and errors read."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from .outcome import USAGE, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn, TypeAlias

    Subparsers: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

# A command is a module of this package with `add_arguments(parser)`, which sets `run`.
COMMANDS = {
    "presign": "make a presigned URL, or one for each key of a file",
    "explain": "say why OSS refuses a URL",
    "verify": "say whether OSS would accept a URL",
    "emulator": "run a local OSS that checks signatures, for development",
    "serve": "serve presigned upload URLs over HTTP",
    "completion": "print the completion script of a shell",
}

EPILOG = """\
examples:
  ossign presign put mybucket photos/cat.jpg --content-type image/jpeg --expires 1h
  ossign presign get mybucket photos/cat.jpg --curl

Credentials come from OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN, or
from a profile (--profile); never from an argument, which other users of the machine see.

exit codes:
  0 done   1 refused   2 wrong usage   3 no credentials or region   4 file or network
"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and whose help keeps the line breaks of examples."""

    def __init__(self, **options: Any) -> None:
        if sys.version_info >= (3, 14):
            options.setdefault("color", False)
        options.setdefault("formatter_class", Formatter)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options)
        self._mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Let options stand anywhere, between BUCKET and KEY too, which argparse alone does not."""
        if self._subparsers is not None or self._mixing:
            return super().parse_known_args(args, namespace)
        self._mixing = True  # intermixed parsing is made of two runs of this method
        words = _without_double_dash(sys.argv[1:] if args is None else list(args))
        try:
            found, unknown = self.parse_known_intermixed_args(words, namespace)
        finally:
            self._mixing = False
        for name, value in vars(found).items():
            if isinstance(value, str):
                setattr(found, name, value.removeprefix(_NO_OPTION))
        return found, [word.removeprefix(_NO_OPTION) for word in unknown]

    def error(self, message: str) -> NoReturn:
        """Raise what was wrong with the command line.

        Raises:
            Failure: Always.
        """
        raise Failure(f"{message} (see '{self.prog} --help')", USAGE)


# Stands before a word that is no option whatever it begins with. No argument can hold it.
_NO_OPTION = "\0"


def _without_double_dash(words: list[str]) -> list[str]:
    """The words, those after `--` marked: argparse forgets them between its two runs."""
    if "--" not in words:
        return words
    at = words.index("--")
    return words[:at] + [_NO_OPTION + word for word in words[at + 1 :]]


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help that reads alike in every Python: options with their value once, one width."""

    def __init__(self, prog: str, **options: Any) -> None:
        options.update(max_help_position=30, width=100)
        super().__init__(prog, **options)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return super()._fill_text(text, width, indent)
        return argparse.HelpFormatter._fill_text(self, text, width, indent)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


def build(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The whole parser; or, to be quick, with the arguments of the one command in `argv` only."""
    from .._ossign import __version__

    parser = Parser(
        prog="ossign",
        usage="ossign [--version] [--help] COMMAND ...",
        description="Presigned URLs for Alibaba Cloud OSS: make, check and explain them.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", "-V", action="version", version=f"ossign {__version__}")
    parser.set_defaults(run=_without_command(parser))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", prog="ossign")
    named = None if argv is None else next((a for a in argv if not a.startswith("-")), "")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{_sentence(summary)}.")
        if named is None or named == name:
            import_module(f".{name}", __package__).add_arguments(command)
    return parser


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _without_command(parser: Parser) -> Callable[[argparse.Namespace], int]:
    """With nothing to do, say on standard error what could be done."""

    def run(_: argparse.Namespace) -> int:
        parser.print_help(sys.stderr)
        return USAGE

    return run
