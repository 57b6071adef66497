"""`zoo list`: prints every config."""

import argparse

import configs
from zoo import build
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb, which has none."""


def run(values: argparse.Namespace) -> int:
    """Prints a line for each config: name, game, loss, data set and paper."""
    experiments = [(name, configs.load(name)) for name in configs.available()]
    rows = [(name, e.game.name, _loss(e.game), e.data.name, e.paper) for name, e in experiments]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        padded = [word.ljust(width) for word, width in zip(row[:-1], widths)]
        print("  ".join([*padded, row[-1]]))
    return 0


def _loss(game: build.Spec) -> str:
    """Returns the name of a game's loss and, in brackets, the parts that it is made of."""
    loss = game.options.get("loss")
    if loss is None:
        return "-"
    parts = [value.name for value in loss.options.values() if isinstance(value, build.Spec)]
    return f"{loss.name}({', '.join(parts)})" if parts else loss.name
