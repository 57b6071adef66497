"""What an experiment is: frozen values, overridden by path."""

import dataclasses
import typing
from collections.abc import Mapping

from configs.schema import overrides
from zoo import build


@dataclasses.dataclass(frozen=True)
class Data:
    """Which examples, and how they reach the networks.

    Attributes:
        name: `digits`, `ring`, `grid`, `swiss_roll`, `mixture`, `one_hot`, `idx:DIR`, `folder:DIR`, `npz:FILE`, or a TFDS name.
        batch_size: Examples in one move of one player, over all replicas.
        split: As in TFDS: `train`, `test`, `train[:50000]`.
        value_range: What pixels 0 and 255 become; (-1, 1) for tanh, (0, 1) for sigmoid. Not used for 2-D points.
        size: (height, width) to resize to; None keeps the size.
        crop: Side of the centred square cut out before resizing; None keeps everything.
        skip_unreadable: Whether pictures that cannot be read are named and passed over; otherwise they are an error.
    """

    name: str
    batch_size: int
    split: str = "train"
    value_range: tuple[float, float] = (-1.0, 1.0)
    size: tuple[int, int] | None = None
    crop: int | None = None
    skip_unreadable: bool = False


@dataclasses.dataclass(frozen=True)
class Train:
    """How long, and how often what is written; none of it changes a step's result.

    Attributes:
        epochs: Epochs in all.
        steps_per_epoch: Steps of an epoch; None is once over the data.
        steps_per_execution: Steps in one call of the graph, at most; must divide steps_per_epoch to be used whole.
        checkpoint_every: Epochs between checkpoints.
        sample_every: Epochs between sample grids.
        samples: Samples in a grid.
        evaluate_every: Epochs between measurements, whose best one's checkpoint is kept; 0 for none.
        metric: What is measured, as in `zoo evaluate`; samples are compared with the examples that are trained on.
        evaluate_num: How many samples; the metric's own number if None.
    """

    epochs: int
    steps_per_epoch: int | None = None
    steps_per_execution: int = 10
    checkpoint_every: int = 1
    sample_every: int = 1
    samples: int = 100
    evaluate_every: int = 0
    metric: str | None = None
    evaluate_num: int | None = None


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One run: which game on which data, trained how, after which paper.

    Attributes:
        name: Of the config.
        paper: Authors, year, and the table or section that it follows.
        data: Examples.
        game: Spec of the game with its networks, loss and prior.
        optimizers: Spec of each player's optimizer, by player.
        train: Duration and cadence.
        seed: Of initial weights, data order and every draw.
    """

    name: str
    paper: str
    data: Data
    game: build.Spec
    optimizers: Mapping[str, build.Spec]
    train: Train
    seed: int = 0

    def as_dict(self) -> dict:
        """Returns the experiment as values of JSON."""
        return _plain(self)

    @classmethod
    def from_dict(cls, values: Mapping) -> "Experiment":
        """Returns the experiment that `as_dict` wrote."""
        return cls(
            name=values["name"],
            paper=values["paper"],
            data=Data(**{key: _tuple(value) for key, value in values["data"].items()}),
            game=build.Spec.from_dict(values["game"]),
            optimizers={
                player: build.Spec.from_dict(spec) for player, spec in values["optimizers"].items()
            },
            train=Train(**values["train"]),
            seed=values["seed"],
        )

    def override(self, assignments: typing.Iterable[str]) -> "Experiment":
        """Returns the experiment with `path.to.field=value` applied in order, each cast by the field's type.

        A Spec's name is set at its own path (`game.loss=hinge` starts from that loss's defaults, `game.penalty=none`
        removes it), its options below (`game.loss.real=0.9`); sequences are comma-separated.

        Raises:
            ValueError: If a path does not exist, with the nearest one, or a value does not fit the type.
        """
        experiment = self
        for assignment in assignments:
            path, equals, text = assignment.partition("=")
            if not equals:
                raise ValueError(
                    f"An override must be path.to.field=value. Received: {assignment!r}"
                )
            experiment = overrides.assign(experiment, path.split("."), text, path)
        return experiment


def differences(old, new, path: str = "") -> list[str]:
    """Returns a line `path: old -> new` for each value in which two experiments' dicts differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = list(old) + [key for key in new if key not in old]
        inner = (
            differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
            for key in keys
        )
        return [line for lines in inner for line in lines]
    return [] if old == new else [f"{path}: {old!r} -> {new!r}"]


def _plain(value):
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, build.Spec):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _tuple(value):
    return tuple(value) if isinstance(value, list) else value
