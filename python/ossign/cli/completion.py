"""`ossign completion`: scripts that complete commands, options and values in bash, zsh and fish."""

from __future__ import annotations

import argparse

from .outcome import OK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the choice of a shell."""
    parser.usage = "ossign completion bash|zsh|fish"
    parser.epilog = (
        "examples:\n"
        "  source <(ossign completion bash)            # in ~/.bashrc\n"
        "  source <(ossign completion zsh)             # in ~/.zshrc, after compinit\n"
        "  ossign completion fish | source             # in ~/.config/fish/config.fish"
    )
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="whose")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the script of one shell."""
    from .parser import build

    levels = dict(_levels(build()))
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell](levels))
    return OK


class _Level:
    """What may stand after one chain of commands: further words, and options."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.files: list[str] = []
        """Options whose value is the name of a file."""
        self.values: dict[str, list[str]] = {}
        """The values of all other options that take one; none where anything may stand."""


def _levels(parser: argparse.ArgumentParser, chain: str = "") -> Iterator[tuple[str, _Level]]:
    """Each chain of commands, such as " presign put", and what may follow it."""
    level = _Level()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, below in action.choices.items():
                level.words[name] = helps.get(name, "")
                yield from _levels(below, f"{chain} {name}")
        elif not action.option_strings:
            level.words.update(dict.fromkeys(map(str, action.choices or ()), ""))
        else:
            _add_option(level, action)
    yield chain, level


def _add_option(level: _Level, action: argparse.Action) -> None:
    words = (action.help or "").replace("%%", "%")
    for option in action.option_strings:
        level.options[option] = words
        if action.metavar in ("FILE", "DIR"):
            level.files.append(option)
        elif action.nargs != 0:
            level.values[option] = [str(choice) for choice in action.choices or ()]


def _chains(levels: dict[str, _Level]) -> list[str]:
    return [chain for chain in levels if chain]


def _bash(levels: dict[str, _Level]) -> str:
    lines = ["_ossign() {", "    local at= word files= values= options= words=", "    local i"]
    lines += ["    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}"]
    lines += [
        "    for ((i = 1; i < COMP_CWORD; i++)); do",
        '        case "$at ${COMP_WORDS[i]}" in',
    ]
    lines += [
        f'            {"|".join(map(_quoted, _chains(levels)))}) at+=" ${{COMP_WORDS[i]}}" ;;'
    ]
    lines += ["        esac", "    done", '    case "$at" in']
    for chain, level in levels.items():
        lines += [
            f"        {_quoted(chain)})",
            f"            words={_quoted(' '.join(level.words))}",
        ]
        lines += [f"            options={_quoted(' '.join(level.options))}"]
        lines += [f"            files={_quoted(' '.join(level.files))}"]
        lines += [f"            values={_quoted(' '.join(level.values))} ;;"]
    lines += ["    esac", '    case "$at $before" in']
    for chain, level in levels.items():
        for option, values in level.values.items():
            if values:
                only = f'COMPREPLY=($(compgen -W {_quoted(" ".join(values))} -- "$current"))'
                lines += [f"        {_quoted(f'{chain} {option}')}) {only}; return ;;"]
    return "\n".join(lines) + _BASH_END


_BASH_END = r"""
    esac
    COMPREPLY=()
    if [[ " $files " == *" $before "* ]]; then
        compopt -o filenames 2> /dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    elif [[ " $values " == *" $before "* ]]; then
        return
    elif [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}
complete -F _ossign ossign"""


def _zsh(levels: dict[str, _Level]) -> str:
    lines = ["#compdef ossign", "_ossign() {", "    local at= i", "    local -a found files values"]
    lines += ["    local before=${words[CURRENT-1]}", "    for ((i = 2; i < CURRENT; i++)); do"]
    lines += ['        case "$at ${words[i]}" in']
    lines += [f'            {"|".join(map(_quoted, _chains(levels)))}) at+=" ${{words[i]}}" ;;']
    lines += ["        esac", "    done", '    case "$at" in']
    for chain, level in levels.items():
        lines += [f"        {_quoted(chain)})", f"            files=({' '.join(level.files)})"]
        lines += [f"            values=({' '.join(level.values)})"]
        lines += ["            if [[ ${words[CURRENT]} == -* ]]; then"]
        lines += [
            f"                found=({' '.join(_described(level.options))})",
            "            else",
        ]
        lines += [
            f"                found=({' '.join(_described(level.words))})",
            "            fi ;;",
        ]
    return "\n".join(lines) + _ZSH_END


_ZSH_END = r"""
    esac
    if (( ${files[(Ie)$before]} )); then
        _files
    elif (( ! ${values[(Ie)$before]} )); then
        _describe 'ossign' found
    fi
}
compdef _ossign ossign"""


def _described(entries: dict[str, str]) -> list[str]:
    """Each as `name:what it is`, as zsh's _describe takes them."""
    return [_quoted(f"{name}:{text}" if text else name) for name, text in entries.items()]


def _fish(levels: dict[str, _Level]) -> str:
    lines = ["function __ossign_at", "    set -l at", "    for word in (commandline -opc)[2..-1]"]
    lines += [f'        if contains -- "$at $word" {" ".join(map(_fish_quoted, _chains(levels)))}']
    lines += ['            set at "$at $word"', "        end", "    end"]
    lines += ['    test "$at" = "$argv[1]"', "end", "complete -c ossign -f"]
    for chain, level in levels.items():
        start = f"complete -c ossign -n {_fish_quoted(f'__ossign_at {_fish_quoted(chain)}')}"
        for word, text in level.words.items():
            lines += [f"{start} -a {_fish_quoted(word)} -d {_fish_quoted(text)}"]
        for option, text in level.options.items():
            kind = "-l" if option.startswith("--") else "-s"
            value = " -r -F" if option in level.files else " -x" if option in level.values else ""
            if level.values.get(option):
                value += f" -a {_fish_quoted(' '.join(level.values[option]))}"
            lines += [f"{start} {kind} {option.lstrip('-')}{value} -d {_fish_quoted(text)}"]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """For bash and zsh, also where it is empty."""
    return "'" + text.replace("'", r"'\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", r"\'") + "'"
