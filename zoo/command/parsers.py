"""The arguments of a verb: argparse, with errors in one line that name the nearest right word."""

import argparse
import itertools
from collections.abc import Callable, Collection, Sequence

from absl import flags
from absl.flags import argparse_flags

from zoo import names


class Parser(argparse_flags.ArgumentParser):
    """Reads the words after `zoo VERB`.

    Options may stand before, between and after positional arguments. `--flagfile=FILE` takes more
    of them from a file, one in each line.

    Args:
        verb: Name of the verb.
        description: What the verb does, for its help.
    """

    def __init__(self, verb: str, description: str):
        self._options: list[str] = []
        super().__init__(
            prog=f"zoo {verb}",
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,  # keeps the lines of an epilog
            add_help=False,
            allow_abbrev=False,
            inherited_absl_flags=flags.FlagValues(),  # none but --flagfile
        )
        self.add_argument("-h", "--help", "-help", action="help", help="Print this help and exit.")

    def add_argument(self, *name_or_flags, **options) -> argparse.Action:
        action = super().add_argument(*name_or_flags, **options)
        if action.help != argparse.SUPPRESS:
            self._options += action.option_strings
        return action

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Returns the values of the arguments by name.

        Raises:
            ValueError: If an option does not exist (the message names the nearest one), a value
                does not fit, or an argument is missing or one too many.
            SystemExit: After help has been printed.
        """
        for word in itertools.takewhile(lambda word: word != "--", words):
            option = word.partition("=")[0]
            if option.startswith("--") and option not in (*self._options, "--flagfile"):
                raise ValueError(names.unknown("option", option, self._options))
        values, rest = self.parse_known_intermixed_args(words)
        if rest:
            raise ValueError(
                f"These arguments are too many: {' '.join(rest)}. See `{self.prog} --help`"
            )
        return values

    def error(self, message: str) -> None:
        """Raises what argparse would print before it ended the process."""
        raise ValueError(f"{message[:1].upper()}{message[1:]}. See `{self.prog} --help`")


class Switch(argparse.Action):
    """An option without a value: `--NAME` is true and `--noNAME` is false."""

    def __init__(self, option_strings, dest, default=False, help=None):
        self._off = [f"--no{name.removeprefix('--')}" for name in option_strings]
        super().__init__([*option_strings, *self._off], dest, nargs=0, default=default, help=help)

    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, option_string not in self._off)


def integer(least: int) -> Callable[[str], int]:
    """Returns the type of an option that takes an integer of at least `least`."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < least:
            raise argparse.ArgumentTypeError(
                f"the value must be an integer of at least {least}. Received: {text!r}"
            )
        return value

    return convert


def choice(kind: str, available: Collection[str]) -> Callable[[str], str]:
    """Returns the type of an option that takes one of some words, which a `kind` names together."""

    def convert(text: str) -> str:
        if text not in available:
            raise argparse.ArgumentTypeError(names.unknown(kind, text, available))
        return text

    return convert


def words(text: str) -> list[str]:
    """Splits a value at its commas.

    Example:
        >>> words("modes, parzen")
        ['modes', 'parzen']
    """
    return [word.strip() for word in text.split(",") if word.strip()]


def size(text: str) -> tuple[int, int]:
    """Reads a height and a width, or one number for both.

    Example:
        >>> size("64,48"), size("32")
        ((64, 48), (32, 32))
    """
    sides = words(text)
    sides = sides * 2 if len(sides) == 1 else sides
    if len(sides) != 2 or not all(side.isdecimal() and int(side) for side in sides):
        raise argparse.ArgumentTypeError(
            "the value must be a height and a width, as in 64,48, or one number for both. "
            f"Received: {text!r}"
        )
    return int(sides[0]), int(sides[1])
