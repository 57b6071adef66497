"""One row of the table of `step_time.py`: what is checked and counted, and what is timed.

Everything that needs no idle machine is in `prepared`: the check of the hand-written step, the
counted operations, and a first start of PyTorch, which keeps what it compiles.
"""

import contextlib
import pathlib
import tempfile

import cases
import flops
import hand_written
import measure
import numpy as np
import parity
import rates
import step_profile
import torch_peer
import torch_steps

# of the hand-written step, and of the better PyTorch by the kind of row
GOALS = {"hand_written": 0.97, "convolutions": 1.25, "dense": 2.0}
LEAST_ROUNDS = 3
PROFILED = 0.5  # fraction of the limit below which a row has a profile
KINDS = 8  # of operations in a profile
WARM_STEPS = 3  # of PyTorch before its first answer


def prepared(row: cases.Row, *, limit: float, python: str) -> dict:
    """Returns what a row says before it is timed.

    Args:
        row: The row.
        limit: Floating-point operations of a step above which a row is not timed.
        python: Path of a Python interpreter that has torch, or an empty string.
    """
    game = row.game(1)
    batches = row.batches(game)
    counted = _counted(game.train_step, game, batches)
    total = sum(counted.values())
    about = {
        "batch": row.experiment.data.batch_size,
        "images_per_step": row.experiment.data.batch_size * game.turns,
        "data": row.experiment.data.name if row.real else "random examples of its shape",
        "kind": _kind(counted),
        "flops": counted,
        "steps_per_execution": cases.steps_per_execution(row.experiment, total),
    }
    if total > limit:
        return about | {"left_out": f"more than {limit:.3g} operations a step"}
    try:
        about["check"] = parity.check(row.experiment, game, batches)
    except ValueError as error:  # a step that is not the game's is not timed next to it
        about |= {"check": None, "no_hand_written": "its check failed", "failed_check": str(error)}
    if about["check"] is None:
        about.setdefault("no_hand_written", "nobody has written this step by hand")
    else:
        peer = hand_written.of(row.experiment, game)
        about["flops_by_hand"] = _counted(peer.step, game, batches)
    why = torch_steps.why_not(row.experiment) or ("" if row.real else "random examples")
    if why:
        about["no_torch"] = why
    elif python:
        with torch_workers(row, game, python, ["compiled"]) as (_, about["torch"]):
            pass
    return about


def _counted(step, game, batches) -> dict[str, int]:
    with game._in_phase(0):
        return flops.of_function(step, batches.element_spec)


def _kind(counted: dict[str, int]) -> str:
    return "convolutions" if counted[flops.CONVOLUTION] > counted[flops.MATRIX] else "dense"


@contextlib.contextmanager
def torch_workers(row, game, python: str, modes=("eager", "compiled")):
    """Starts the PyTorch processes of a row, one for each mode, and ends them.

    Yields:
        The processes by name, and the first answer of each mode; a mode that fails has its error
        message as the answer.
    """
    networks = {
        attribute: value
        for attribute, value in vars(game).items()
        for player in game.players().values()
        if any(value is network for network in player.networks)
    }
    weights = {
        f"{name}{i:03}": v.numpy()
        for name, network in networks.items()
        for i, v in enumerate(network.trainable_variables)
    }
    workers, answers = {}, {}
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        np.save(folder / "images.npy", row.images())
        np.savez(folder / "weights.npz", **weights)
        files = folder / "weights.npz", folder / "images.npy"
        for mode in modes:
            try:
                worker = torch_peer.start(
                    python, row.experiment, *files, mode=mode, steps=WARM_STEPS
                )
            except RuntimeError as error:
                answers[mode] = {"failed": str(error)}
                continue
            workers[f"torch_{mode}"], answers[mode] = worker, worker.ready
        try:
            yield workers, answers
        finally:
            for worker in workers.values():
                worker.stop()


def timed(
    name: str,
    row: cases.Row,
    about: dict,
    *,
    rounds: int,
    seconds: float,
    budget: float,
    python: str,
) -> dict:
    """Returns the measurements of a row: every competitor and both rates once in each round.

    Args:
        name: Name of the row.
        row: The row.
        about: What `prepared` returned.
        rounds: The most rounds.
        seconds: Seconds that one competitor trains for in one round, at least one call.
        budget: Seconds of all rounds, which are at least three unless `rounds` is less.
        python: Path of a Python interpreter that has torch, or an empty string.
    """
    inner = about["steps_per_execution"]
    game = row.game(inner)
    batches = row.batches(game)
    competitors = {"fit": hand_written.Fit(game, batches)}
    if about["check"]:
        peer = hand_written.of(row.experiment, game)
        competitors["hand_written"] = hand_written.Loop(peer, batches, inner)
    peers = contextlib.nullcontext(({}, {}))
    if python and "no_torch" not in about:
        peers = torch_workers(row, game, python)
    with peers as (workers, answers):
        competitors |= workers
        for competitor in competitors.values():
            competitor.seconds(inner)  # the first call traces
        one = {key: competitor.seconds(inner) for key, competitor in competitors.items()}
        steps = {key: inner * max(1, round(seconds / took)) for key, took in one.items()}
        speeds = {"matrix": rates.matrix(), "convolution": rates.convolution()}
        # a competitor makes one call more in a round than it is timed for
        round_seconds = sum(one[key] * (steps[key] / inner + 1) for key in one)
        round_seconds += sum(speed.flops / speed() for speed in speeds.values())
        rounds = int(min(rounds, max(LEAST_ROUNDS, budget / round_seconds)))
        took = measure.interleave(
            {k: lambda c=c, k=k: c.seconds(steps[k]) / steps[k] for k, c in competitors.items()}
            | speeds,
            rounds,
        )
    result = {
        "rounds": rounds,
        "steps_a_round": steps,
        "seconds_a_step": {key: measure.quartiles(took[key]) for key in competitors},
        "flops_per_second": {key: measure.quartiles(took[key]) for key in speeds},
        "ratios": ratios(name, about, took),  # that of the limit first
    }
    if answers:
        result["torch"] = answers
    if result["ratios"][0]["median"] < PROFILED:
        step_seconds = result["seconds_a_step"]["fit"]["median"]
        result["profile"] = profile(competitors["fit"], inner, seconds, step_seconds)
    return result


def ratios(name: str, about: dict, took: dict[str, list[float]]) -> list[dict]:
    """Returns the verdicts of a row.

    Args:
        name: Name of the row.
        about: What `prepared` returned.
        took: Seconds a step of each competitor, and operations a second of each rate, by round.
    """
    shortest = [
        sum(about["flops"][kind] / took[kind][turn] for kind in about["flops"])
        for turn in range(len(took["fit"]))
    ]
    rows = [measure.verdict(f"{name}: limit / fit", measure.ratio(shortest, took["fit"]), PROFILED)]
    torch = [key for key in took if key.startswith("torch")]
    better = min(torch, key=lambda key: measure.quartiles(took[key])["median"], default=None)
    for key in took:
        if key in ("fit", *about["flops"]):
            continue
        goal = GOALS["hand_written"] if key == "hand_written" else None
        goal = GOALS[about["kind"]] if key == better else goal
        rows.append(
            measure.verdict(f"{name}: fit / {key}", measure.ratio(took[key], took["fit"]), goal)
        )
    return rows


def profile(fit, inner: int, seconds: float, step_seconds: float) -> dict:
    """Returns the parts of a step of `fit` by kind of operation, and how many threads are busy.

    Args:
        fit: The competitor.
        inner: Steps in a call.
        seconds: Seconds to profile, at least one call.
        step_seconds: Seconds of a step without the profiler.
    """
    calls = max(1, round(seconds / step_seconds / inner))
    times = step_profile.profile(fit, inner * calls)
    total, _ = times.pop("all operations"), times.pop("wall")
    parts = {kind: round(value / total, 3) for kind, value in times.most_common(KINDS)}
    return {"parts": parts, "busy_threads": round(total / (1e3 * step_seconds), 2)}
