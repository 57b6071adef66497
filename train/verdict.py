"""One plain word for the state of a training, from the logs of its epochs."""

import math
from collections.abc import Mapping, Sequence

COLLAPSED = 0.25  # spread of the samples, as a fraction of the data's
GROWING = 1.1  # spread of the samples, as a multiple of an earlier epoch's, while it still grows
SEPARATED = 0.98  # fraction of the pairs that the critic ranks right
UNBALANCED = 100.0  # ratio of the players' gradient norms, either way
FADED = 0.01  # a gradient norm, as a fraction of the first epoch's
RUNAWAY = 100.0  # a loss, as a multiple of its largest magnitude in the first epochs
SHOWN = ("accuracy", "_bound", "_share")  # ends of the names of logs in the line of an epoch
WILD = 3.0  # spread of the samples, as a multiple of the data's


def verdict(rows: Sequence[Mapping[str, float]], players: Sequence[str]) -> str:
    """Returns one word for the newest epoch.

    The first of these that is true, from the worst on:

    diverging: A log is not finite; or a loss is over 100 times its largest magnitude in the first
        three epochs, and over 100; or samples are spread over 3 times as wide as the data.
    generator collapsed: Samples are spread less than a quarter as wide as the data, and at most 1.1
        times as wide as in some earlier epoch. A spread that still grows is that of a training that
        has only begun.
    critic saturated: The critic ranks over 98 % of the pairs right, and the other player learns
        nothing from it: the players' gradients differ by a factor above 100, or one of them is
        below a hundredth of its first epoch's.
    stalled: The gradients of both players are below a hundredth of the first epoch's, as on a flat
        part of the loss.
    healthy: Nothing of this is true.

    Args:
        rows: Logs of every epoch so far, the newest last. `diversity` and `*_accuracy` are used
            where they are present.
        players: Names of the players, of whom `{player}_loss` and `{player}_gradient_norm` are
            read. The first two play against each other. One after them may have stopped moving.
    """
    newest, first = rows[-1], rows[0]
    losses = [f"{player}_loss" for player in moving(newest, players)]
    norms = [f"{player}_gradient_norm" for player in players[:2]]
    if not all(math.isfinite(value) for value in newest.values()):
        return "diverging"
    bounds = {key: max(1.0, *(abs(row[key]) for row in rows[:3]), 1.0) for key in losses}
    diversity = newest.get("diversity")
    if any(abs(newest[key]) > RUNAWAY * bounds[key] for key in losses) or (
        diversity is not None and diversity > WILD
    ):
        return "diverging"
    if (
        diversity is not None
        and diversity < COLLAPSED
        and any(diversity < GROWING * row["diversity"] for row in rows[:-1])
    ):
        return "generator collapsed"
    separated = any(value > SEPARATED for key, value in newest.items() if key.endswith("_accuracy"))
    ratio = gradient_ratio(newest, players)
    unbalanced = ratio is not None and not 1.0 / UNBALANCED <= ratio <= UNBALANCED
    faded = [newest[key] < FADED * first[key] for key in norms]
    if separated and (unbalanced or any(faded)):
        return "critic saturated"
    return "stalled" if len(faded) > 1 and all(faded) else "healthy"


def gradient_ratio(row: Mapping[str, float], players: Sequence[str]) -> float | None:
    """Returns the first player's gradient norm divided by the second's.

    None if there is one player, or if the second's is zero.
    """
    norms = [row[f"{player}_gradient_norm"] for player in players[:2]]
    return norms[0] / norms[1] if len(norms) > 1 and norms[1] > 0 else None


def moving(row: Mapping[str, float], players: Sequence[str]) -> list[str]:
    """Returns the players who moved in the epoch of a row."""
    return [player for player in players if f"{player}_loss" in row]


def line(row: Mapping[str, float], players: Sequence[str], epochs: int, word: str) -> str:
    """Returns the line that is printed of an epoch.

    Args:
        row: Logs of the epoch.
        players: Names of the players.
        epochs: Number of epochs of the run.
        word: Verdict of the epoch.
    """
    parts = [f"epoch {int(row['epoch'])}/{epochs}"]
    parts += [f"{player} loss {row[f'{player}_loss']:.4g}" for player in moving(row, players)]
    ratio = gradient_ratio(row, players)
    if ratio is not None:
        parts.append(f"gradients {players[0]}/{players[1]} {ratio:.3g}")
    parts += [
        f"{key.replace('_', ' ')} {value:.3f}" for key, value in row.items() if key.endswith(SHOWN)
    ]
    if "diversity" in row:
        parts.append(f"diversity {row['diversity']:.3f}")
    parts += [f"{row['images_per_second']:.0f} images/s", word]
    return "  ".join(parts)
