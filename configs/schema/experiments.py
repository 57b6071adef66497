"""What an experiment is: frozen values, overridden by path."""

import dataclasses
import typing
from collections.abc import Mapping

from configs.schema import overrides
from zoo import build

HELD_OUT = 0.1
SEEDS = 2**31
PRECISIONS = ("float32", "bfloat16", "float16")
JIT = ("auto", "true", "false")
# The values of `Train` that change the result of a training step.
STEP = ("precision", "jit", "determinism", "tf32", "accumulate")
# What experiments stand for that were written before a field existed.
EARLIER = {"held_out": 0.0}


@dataclasses.dataclass(frozen=True)
class Data:
    """Which examples a game is trained on, and how they reach its networks.

    Attributes:
        name: Name of the data set: `digits`, `ring`, `grid`, `swiss_roll`, `mixture`, `one_hot`,
            `idx:DIR`, `folder:DIR`, `npz:FILE`, the name of a TFDS data set, `inverted:NAME` or
            `rotated:NAME` of another, or `NAME,NAME` for two domains.
        batch_size: Number of examples in one move of one player, over all replicas.
        split: Part of the data set, as TFDS spells it: `train`, `test`, `train[:50000]`.
        value_range: What the pixel values 0 and 255 become: (-1, 1) for a generator that ends in
            tanh, (0, 1) for one that ends in a sigmoid. Points have no pixels and ignore it.
        size: (height, width) in pixels that images are resized to; None keeps their size.
        crop: Side in pixels of the square that is cut out of the middle before resizing; None
            keeps everything.
        skip_unreadable: Whether image files that cannot be read are named and left out; otherwise
            they are an error.
        held_out: Fraction of the examples of `split` that training never sees, in [0, 1), of a data
            set without a test split: folders, digits, npz and idx files without test images, TFDS
            without `test`. Metrics compare with these examples, and the grids of a run show them.
            Which examples they are depends on their number alone, not on `seed`. 0 trains on every
            example. Data with a test split and points ignore it.
        background: Colour that is put behind the transparent pixels of image files: a name that web
            pages use, such as `white`, or #RRGGBB.
        bits: Number of bits, from 8 to 16, that the values of 16-bit image files use; None for as
            many as the largest value in the folder needs, which a run then keeps as its number.
        flip: Whether training mirrors each image left to right with probability 1/2, drawn anew
            whenever the image is seen. Pictures of rooms, faces and animals bear it, letters do
            not.
        memory_limit: Bytes of pixels that are held in memory; a larger folder or TFDS data set is
            streamed, which gives a TFDS data set another order.
    """

    name: str
    batch_size: int
    split: str = "train"
    value_range: tuple[float, float] = (-1.0, 1.0)
    size: tuple[int, int] | None = None
    crop: int | None = None
    skip_unreadable: bool = False
    held_out: float = HELD_OUT
    background: str = "white"
    bits: int | None = None
    flip: bool = False
    memory_limit: int = 4 * 2**30

    def __post_init__(self):
        _check_least("data", self, batch_size=1, crop=1, held_out=0.0, memory_limit=0)


@dataclasses.dataclass(frozen=True)
class Train:
    """How long a game is trained, how often what is written, and how a step is computed.

    The settings in `STEP` change the result of a training step, most of them by rounding; a run
    keeps them. None of the others changes it.

    Attributes:
        epochs: Number of epochs in all.
        steps_per_epoch: Number of training steps in an epoch; None for one pass over the data.
        steps_per_execution: Largest number of training steps in one call of the graph; fewer where
            it does not divide the steps of an epoch.
        checkpoint_every: Number of epochs between checkpoints.
        sample_every: Number of epochs between sample grids.
        samples: Number of samples in a grid.
        evaluate_every: Number of epochs between measurements; the checkpoint with the best one is
            kept. 0 for no measurements.
        metric: Name of the metric that is measured, as in `zoo evaluate`.
        evaluate_split: Part of the data set that is measured on, spelled as `split` of the data;
            None for the part that the game is trained on. It must not be the test split, since
            what chooses a checkpoint must not be what it is judged by.
        evaluate_num: Number of samples in a measurement; None for the metric's own number.
        gather_statistics: Number of batches over which means and variances of batch normalization
            are taken anew when the training is done, for all that the newest checkpoint is used
            for after it; 0 keeps their moving averages. A run continues without them.
        precision: What the hidden layers compute in during training: `float32`, `bfloat16` or
            `float16`. Weights, last layers, losses and penalties are of float32 in any case.
        jit: Whether XLA compiles the gradients: `true`, `false`, or `auto`, which is true on one
            GPU without determinism.
        determinism: Whether a GPU gives the same bits in every run; a CPU does so in any case.
        tf32: Whether a GPU rounds the factors of float32 products to 10 bits of mantissa.
        accumulate: Number of micro-batches into which the examples of a move are divided, one after
            the other, for batches that do not fit into memory.
        check_bytes: Whether a run reads every byte of the data set's files when it starts, and is
            refused if they changed since. Otherwise names and sizes of the files are compared.
    """

    epochs: int
    steps_per_epoch: int | None = None
    steps_per_execution: int = 10
    checkpoint_every: int = 1
    sample_every: int = 1
    samples: int = 100
    evaluate_every: int = 0
    metric: str | None = None
    evaluate_split: str | None = None
    evaluate_num: int | None = None
    gather_statistics: int = 0
    check_bytes: bool = False
    precision: str = "float32"
    jit: str = "auto"
    determinism: bool = True
    tf32: bool = False
    accumulate: int = 1

    def __post_init__(self):
        once = ("epochs", "steps_per_epoch", "steps_per_execution", "checkpoint_every")
        once += ("sample_every", "samples", "evaluate_num", "accumulate")
        _check_least("train", self, **dict.fromkeys(once, 1), evaluate_every=0, gather_statistics=0)
        for name, accepted in (("precision", PRECISIONS), ("jit", JIT)):
            if getattr(self, name) not in accepted:
                raise ValueError(
                    f"`train.{name}` must be one of {', '.join(accepted)}. "
                    f"Received: {getattr(self, name)!r}"
                )


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One run: which game is trained on which data, how, and after which paper.

    Attributes:
        name: Name of the config.
        paper: Authors and year of the paper, and the table or section that the config follows.
        data: The examples that the game is trained on.
        game: Spec of the game with its networks, loss and prior.
        optimizers: Spec of each player's optimizer, by the player's name.
        train: How long the game is trained, and how often what is written.
        seed: Seed of every random draw in training: initial weights, order of the data, noise.
    """

    name: str
    paper: str
    data: Data
    game: build.Spec
    optimizers: Mapping[str, build.Spec]
    train: Train
    seed: int = 0

    def __post_init__(self):
        if not 0 <= self.seed < SEEDS:
            raise ValueError(f"`seed` must be in [0, 2**31). Received: {self.seed}")
        if self.data.batch_size % self.train.accumulate:
            raise ValueError(
                "`data.batch_size` must be a multiple of `train.accumulate`. "
                f"Received: {self.data.batch_size} and {self.train.accumulate}"
            )

    def as_dict(self) -> dict:
        """Returns the experiment as values of JSON."""
        return _plain(self)

    @classmethod
    def from_dict(cls, values: Mapping) -> "Experiment":
        """Returns the experiment that `as_dict` wrote, also before a field existed."""
        return cls(
            name=values["name"],
            paper=values["paper"],
            data=Data(**EARLIER | {key: _tuple(value) for key, value in values["data"].items()}),
            game=build.Spec.from_dict(values["game"]),
            optimizers={
                player: build.Spec.from_dict(spec) for player, spec in values["optimizers"].items()
            },
            train=Train(**values["train"]),
            seed=values["seed"],
        )

    def override(self, assignments: typing.Iterable[str]) -> "Experiment":
        """Returns the experiment with `path.to.field=value` applied in order.

        Each value is cast to the type of its field. The name of a Spec is set at the Spec's own
        path: `game.loss=hinge` starts from that loss's defaults, and `game.penalty=none` removes
        the penalty. A Spec's options lie below it: `game.loss.real=0.9`. Sequences are separated
        by commas.

        Raises:
            ValueError: If a path does not exist, with the nearest one that does, or a value does
                not fit the type.
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


def of_step(experiment: Mapping) -> dict:
    """Returns what an experiment as values of JSON says of how a training step is computed."""
    return {name: experiment["train"][name] for name in STEP}


def _check_least(part: str, values, **least: float) -> None:
    """Raises ValueError for a number below the least that its field may have; None is no number."""
    for name, number in least.items():
        value = getattr(values, name)
        if value is not None and not value >= number:
            raise ValueError(f"`{part}.{name}` must be at least {number:g}. Received: {value}")


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
