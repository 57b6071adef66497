"""Command-line options of one verb, with `--help` and the nearest name for a wrong one."""

from collections.abc import Callable

from absl import flags


def parse(
    verb: str, argv: list[str], define: Callable[[flags.FlagValues], None], usage: str
) -> tuple[flags.FlagValues, list[str]] | None:
    """Reads the options of a verb.

    Args:
        verb: Its name.
        argv: The words after it.
        define: Declares the options on the values that it is given.
        usage: What stands after `zoo VERB`, and in the lines below it what the verb does.

    Returns:
        The values and the words that are not options; None if help was asked for and has been printed.

    Raises:
        absl.flags.Error: If an option does not exist (with the nearest) or its value does not fit.
    """
    values = flags.FlagValues()
    define(values)
    if any(word in ("-h", "--help", "-help") for word in argv):
        print(f"usage: zoo {verb} {usage}\n")
        for name in sorted(values):
            default = (
                ""
                if values[name].default in (None, False, [])
                else f" (default: {values[name].default})"
            )
            print(f"  --{name}: {values[name].help}{default}")
        return None
    rest = values([f"zoo {verb}", *argv])[1:]
    return values, rest
