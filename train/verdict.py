"""One plain word for the state of a training, from the logs of its epochs."""

import math
from collections.abc import Mapping, Sequence

EPOCHS, STEPS = 3, 300  # that a verdict looks back, at least; until then only divergence is said
WILD = 3.0  # spread of the samples, as a multiple of the data's
RUNAWAY = 100.0  # a loss, as a multiple of its largest magnitude in the first epochs
HUGE = 1e4  # the mean real logit minus the mean fake one
COLLAPSED = 0.25  # spread of the samples, as a fraction of the data's
NARROW = 0.5  # the same, where samples come from a game of several players
FALLEN = 0.6  # spread of the samples, as a fraction of the widest so far
GROWING = 1.1  # spread of the samples, as a multiple of an earlier epoch's, while it still grows
SEPARATED = 0.98  # fraction of the pairs that the critic ranks right
AHEAD = 0.85  # the same, over epochs in which the generator does not gain
LOST = 0.4  # the same, where the critic cannot follow the generator
CERTAIN = 0.999  # the same, where it ranks almost every pair right
LEVEL = 0.9  # gap between real and fake logits, as a fraction of the widest so far
STILL = 1.25  # widest over narrowest spread of the samples, while the generator does not move
UNBALANCED = 100.0  # ratio of the players' gradient norms, either way
FADED = 0.01  # a gradient norm, as a fraction of the first epoch's
SHOWN = ("accuracy", "_bound", "_share")  # ends of the names of logs in the line of an epoch


def verdict(rows: Sequence[Mapping[str, float]], players: Sequence[str]) -> str:
    """Returns the verdict on the newest epoch.

    The first of these that is true:

    diverging: A log is not finite; or a loss is over 100 times its largest magnitude in the first
        three epochs, and over 100; or the mean logit of real data is over 10,000 away from that
        of generated data; or samples are spread over 3 times as wide as the data.
    too early: There is no epoch that lies at least 3 epochs and 300 steps back. The epochs since
        the newest such epoch are called the last ones below.
    critic saturated: The critic ranked over 98 % of the pairs right, and there is nothing to learn
        from it: the players' gradients differ by a factor above 100, or one of them is below a
        hundredth of its first epoch's.
    critic wins: In all of the last epochs the critic ranked over 85 % of the pairs right, and the
        gap between real and generated logits is still at least 0.9 times the widest so far; and
        the critic ranked over 99.9 % right, or the generator does not move: the widest spread of
        its samples is at most 1.25 times the narrowest one since the third epoch.
    critic loses: In one of the last epochs the critic ranked less than 40 % of the pairs right. It
        does not follow the generator, which moves away from the data as easily as towards them.
    generator collapsed: Samples are spread less than a quarter as wide as the data, or less than
        half as wide if players compete, and at most 1.1 times as wide as at the beginning of the
        last epochs; or, if players compete, in the last three epochs they are spread less than 0.6
        times as wide as in the widest epoch, or as the data if that was wider.
    too early: Samples are spread as little as that, but more and more: the training has only begun.
    stalled: The gradients of both players are below a hundredth of the first epoch's, as on a flat
        part of the loss.
    healthy: Nothing of this is true.

    Args:
        rows: Logs of every epoch so far, the newest last, each with its `step`. `diversity`,
            `*_accuracy` and `*logit_gap` are used where they are present.
        players: Names of the players, of whom `{player}_loss` and `{player}_gradient_norm` are
            read. The first two play against each other. One after them may have stopped moving.
    """
    if _diverging(rows, players):
        return "diverging"
    last = _last(rows)
    if not last:
        return "too early"
    return (
        _critic(rows, last, players)
        or _samples(rows, last, players)
        or _stalled(rows, players)
        or "healthy"
    )


def _last(rows: Sequence[Mapping[str, float]]) -> Sequence[Mapping[str, float]]:
    """Returns the last epochs: as few as reach far enough back, or none if all are too few."""
    for count in range(EPOCHS + 1, len(rows) + 1):
        if rows[-1]["step"] - rows[-count]["step"] >= STEPS:
            return rows[-count:]
    return []


def _diverging(rows: Sequence[Mapping[str, float]], players: Sequence[str]) -> bool:
    newest = rows[-1]
    losses = [f"{player}_loss" for player in moving(newest, players)]
    bounds = {key: max(1.0, *(abs(row.get(key, 0.0)) for row in rows[:3]), 1.0) for key in losses}
    return (
        not all(math.isfinite(value) for value in newest.values())
        or any(abs(newest[key]) > RUNAWAY * bounds[key] for key in losses)
        or any(abs(gap) > HUGE for gap in _ending(newest, "logit_gap"))
        or newest.get("diversity", 0.0) > WILD
    )


def _critic(rows, last, players: Sequence[str]) -> str:
    """Returns the word for a critic that is too good; no word if it is not."""
    newest, norms = rows[-1], [f"{player}_gradient_norm" for player in players[:2]]
    ratio = gradient_ratio(newest, players)
    unbalanced = ratio is not None and not 1.0 / UNBALANCED <= ratio <= UNBALANCED
    faded = any(newest[key] < FADED * rows[0][key] for key in norms)
    if max(_ending(newest, "accuracy"), default=0.0) > SEPARATED and (unbalanced or faded):
        return "critic saturated"
    accuracy = min(max(_ending(row, "accuracy"), default=0.0) for row in last[1:])
    widest = [max(_ending(row, "logit_gap"), default=0.0) for row in rows]
    still = [row["diversity"] for row in rows[EPOCHS - 1 :] if "diversity" in row]
    if (
        accuracy > AHEAD
        and widest[-1] >= LEVEL * max(widest)
        and (accuracy > CERTAIN or (still and max(still) <= STILL * min(still)))
    ):
        return "critic wins"
    lowest = min((value for row in last[1:] for value in _ending(row, "accuracy")), default=1.0)
    return "critic loses" if lowest < LOST else ""


def _samples(rows, last, players: Sequence[str]) -> str:
    """Returns the word for samples that differ too little; no word if they differ enough."""
    spreads = [row["diversity"] for row in rows if "diversity" in row]
    if not spreads:
        return ""
    compete = len(players) > 1
    if compete and max(spreads[-3:]) < FALLEN * min(1.0, max(spreads)):
        return "generator collapsed"
    if spreads[-1] < (NARROW if compete else COLLAPSED):
        grows = spreads[-1] > GROWING * last[0]["diversity"]
        return "too early" if grows else "generator collapsed"
    return ""


def _stalled(rows, players: Sequence[str]) -> str:
    norms = [f"{player}_gradient_norm" for player in players[:2]]
    faded = [rows[-1][key] < FADED * rows[0][key] for key in norms]
    return "stalled" if len(faded) > 1 and all(faded) else ""


def _ending(row: Mapping[str, float], name: str) -> list[float]:
    return [value for key, value in row.items() if key.endswith(name)]


def gradient_ratio(row: Mapping[str, float], players: Sequence[str]) -> float | None:
    """Returns the first player's gradient norm divided by the second's.

    None if there is one player, or if the second's is zero.
    """
    norms = [row[f"{player}_gradient_norm"] for player in players[:2]]
    return norms[0] / norms[1] if len(norms) > 1 and norms[1] > 0 else None


def moving(row: Mapping[str, float], players: Sequence[str]) -> list[str]:
    """Returns the players who moved in the epoch of a row."""
    return [player for player in players if f"{player}_loss" in row]


def line(
    row: Mapping[str, float],
    players: Sequence[str],
    epochs: int,
    word: str,
    *,
    width: int | None = None,
) -> str:
    """Returns the line that is printed of an epoch.

    Args:
        row: Logs of the epoch.
        players: Names of the players.
        epochs: Number of epochs of the run.
        word: Verdict of the epoch.
        width: Columns that the line may have: of the numbers between the epoch and the verdict,
            those that do not fit are left out, the less important ones first. None for all.
    """
    first = f"epoch {int(row['epoch'])}/{epochs}"
    parts = [f"{player} loss {row[f'{player}_loss']:.4g}" for player in moving(row, players)]
    parts += [f"diversity {row['diversity']:.3f}"] if "diversity" in row else []
    parts += [
        f"{key.replace('_', ' ')} {value:.3f}" for key, value in row.items() if key.endswith(SHOWN)
    ]
    ratio = gradient_ratio(row, players)
    if ratio is not None:
        parts.append(f"gradients {players[0]}/{players[1]} {ratio:.3g}")
    if "images_per_second" in row:  # not in an epoch that is the first call of the graph
        parts.append(f"{row['images_per_second']:.0f} images/s")
    kept = []
    for part in parts:
        if width is None or len("  ".join([first, *kept, part, word])) <= width:
            kept.append(part)
    return "  ".join([first, *kept, word])
