"""Parts of a game by their names: `loss="hinge"`, `prior=16`."""

import inspect
import numbers
from collections.abc import Callable, Mapping

from zoo import names, priors


def part(role: str, table: Mapping[str, Callable], value):
    """Returns a part of a game: what is given, or what its name stands for.

    Args:
        role: Name of the argument, for messages.
        table: The parts by name, such as `losses.LOSSES`.
        value: A part, the name of one that needs no options, or None.

    Raises:
        ValueError: If there is no part of that name, or it needs options.

    Example:
        >>> part("loss", {"hinge": lambda: "a loss"}, "hinge")
        'a loss'
    """
    if not isinstance(value, str):
        return value
    if value not in table:
        raise ValueError(names.unknown(role, value, table))
    parameters = inspect.signature(table[value]).parameters.values()
    needed = [p.name for p in parameters if p.default is inspect.Parameter.empty]
    if needed:
        raise ValueError(
            f"`{role}` by its name is a part that needs no options; {value!r} needs "
            f"{', '.join(needed)}: call {table[value].__module__}.{table[value].__name__}. "
            f"Received: {role}={value!r}"
        )
    return table[value]()


def prior(value, *, of_size: Callable[[int], priors.Prior] = priors.normal):
    """Returns a prior: what is given, or of a number the prior of that size.

    Args:
        value: A prior, or the length of its latents.
        of_size: Function from that length to the prior; N(0, I) unless given.
    """
    if isinstance(value, numbers.Integral):
        return of_size(int(value))
    return part("prior", priors.PRIORS, value)
