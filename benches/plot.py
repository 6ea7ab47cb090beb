"""Draws what `rates.py` has measured: `python benches/plot.py RATES.json PICTURE.svg`."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

GREY, FLOOR = "#5f6b76", "#a3262a"
OURS = {
    "Arrow, 2 threads": ("#0b4f9e", "-"),
    "Arrow, 1 thread": ("#0b4f9e", "--"),
    "list, 2 threads": ("#c65a00", "-"),
    "list, 1 thread": ("#c65a00", "--"),
}
# The floors of benches/batch.rs: their names, and for how many threads they are drawn.
FLOORS = {"floor8": ("floor: one hash at a time", 1), "floor16": ("floor: 16 hashes at a time", 2)}
LOWEST, HIGHEST = 2e3, 4e7


class Labels:
    """Names at the right end of lines, pushed apart where they would touch."""

    def __init__(self) -> None:
        self._all: list[tuple[float, str, str]] = []

    def add(self, rate: float, text: str, colour: str) -> None:
        self._all.append((math.log10(rate), f"{text}  {short(rate)}/s", colour))

    def draw(self, axes: Axes, gap: float = 0.15) -> None:
        """Write them, from the lowest on, each at its line or above the one before."""
        self._all.sort()
        places = [place for place, _, _ in self._all]
        for _ in range(500):
            for at in range(1, len(places)):
                lacking = gap - (places[at] - places[at - 1])
                if lacking > 0:
                    places[at - 1] -= lacking / 2
                    places[at] += lacking / 2
        for (rate, text, colour), place in zip(self._all, places, strict=True):
            axes.annotate(
                text,
                xy=(1, 10**rate),
                xycoords=("axes fraction", "data"),
                xytext=(1.05, 10**place),
                textcoords=("axes fraction", "data"),
                color=colour,
                va="center",
                arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkA": 0},
                annotation_clip=False,
            )


def short(number: float) -> str:
    """Three digits at most: 940, 9.4k, 94k, 9.4M."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if number >= unit:
            digits = 1 if number < 10 * unit else 0
            return f"{number / unit:.{digits}f}".removesuffix(".0") + name
    return f"{number:.0f}"


def draw(facts: dict[str, Any], axes: Axes) -> None:
    labels = Labels()
    for name, own in facts["rates"].items():
        rates = {int(size): rate for size, rate in own.items()}
        if name in OURS:
            colour, style = OURS[name]
            axes.plot(list(rates), list(rates.values()), style, color=colour, marker="o", ms=3)
            labels.add(rates[max(rates)], name, colour)
        else:
            (rate,) = rates.values()
            axes.axhline(rate, color=GREY, lw=1)
            labels.add(rate, name, GREY)
    for name, rate in facts["floors"].items():
        text, most = FLOORS[name]
        for threads in range(1, most + 1):
            axes.axhline(rate * threads, color=FLOOR, lw=1, ls=(0, (1, 2)))
            labels.add(rate * threads, text + ", 2 threads" * (threads > 1), FLOOR)
    labels.draw(axes)


def footer(facts: dict[str, Any]) -> str:
    """Where, when and with what this was measured."""
    versions = [f"{name} {number}" for name, number in facts["versions"].items()]
    return (
        f"{facts['machine']}, {facts['date']}; best of samples taken in turn.\n"
        f"{', '.join(versions[:4])},\n{', '.join(versions[4:])}\n"
        "Grey: one URL a call, in a loop. Dotted: what SHA-256 alone would allow."
    )


def main(source: Path, target: Path) -> None:
    facts = json.loads(source.read_text())
    # Text as outlines looks the same everywhere; the same numbers give the same file.
    mpl.rcParams.update({"svg.hashsalt": "ossign", "font.size": 9, "lines.linewidth": 1.6})
    figure = Figure(figsize=(10, 6.2), facecolor="white")
    axes = figure.add_axes((0.075, 0.19, 0.595, 0.72))
    axes.set(xscale="log", yscale="log", ylim=(LOWEST, HIGHEST), xlim=(1, 1e6))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda number, _: short(number)))
    axes.set_xlabel("keys in one call of presign_many")
    axes.set_title("Presigned URLs a second (V4, keys of 60 bytes)", loc="left", weight="bold")
    axes.grid(color="#e3e6e8", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    draw(facts, axes)
    figure.text(0.075, 0.03, footer(facts), color=GREY, fontsize=8)
    figure.savefig(target, metadata={"Date": None, "Title": "Presigned URLs a second"})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
