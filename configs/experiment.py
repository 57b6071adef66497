"""What an experiment is: frozen values, overridden by path."""

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence

from zoo import build, names


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
            optimizers={player: build.Spec.from_dict(spec) for player, spec in values["optimizers"].items()},
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
                raise ValueError(f"An override must be path.to.field=value. Received: {assignment!r}")
            experiment = _set(experiment, path.split("."), text, path)
        return experiment


def differences(old, new, path: str = "") -> list[str]:
    """Returns a line `path: old -> new` for each value in which two experiments' dicts differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = list(old) + [key for key in new if key not in old]
        inner = (differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key)) for key in keys)
        return [line for lines in inner for line in lines]
    return [] if old == new else [f"{path}: {old!r} -> {new!r}"]


def _plain(value):
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, build.Spec):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _tuple(value):
    return tuple(value) if isinstance(value, list) else value


def _set(target, path: list[str], text: str, whole: str):
    key, rest = path[0], path[1:]
    if isinstance(target, build.Spec):
        return _set_option(target, "game", path, text, whole)
    if isinstance(target, Mapping):  # the optimizers
        if key not in target:
            raise ValueError(names.unknown(f"entry in {whole!r}:", key, target))
        if rest:
            return {**target, key: _set_option(target[key], "optimizer", rest, text, whole)}
        build.factory("optimizer", text)
        return {**target, key: build.Spec(text)}
    fields = {field.name: field for field in dataclasses.fields(target)}
    if key not in fields:
        raise ValueError(names.unknown(f"field in {whole!r}:", key, fields))
    value = getattr(target, key)
    if rest:
        if not (isinstance(value, (build.Spec, Mapping)) or dataclasses.is_dataclass(value)):
            raise ValueError(f"{key!r} in {whole!r} has no fields. Received: {'.'.join(rest)!r} below it")
        return dataclasses.replace(target, **{key: _set(value, rest, text, whole)})
    if isinstance(value, build.Spec):
        build.factory(key, text)
        return dataclasses.replace(target, **{key: build.Spec(text)})
    if isinstance(value, Mapping) or dataclasses.is_dataclass(value):
        raise ValueError(f"{whole!r} holds several fields; set one of them. Received: {text!r}")
    annotation = typing.get_type_hints(type(target))[key]
    return dataclasses.replace(target, **{key: cast(text, annotation, whole)})


def _set_option(spec: build.Spec, role: str, path: list[str], text: str, whole: str) -> build.Spec:
    key, rest = path[0], path[1:]
    accepted = build.parameters(role, spec.name)
    if key not in accepted:
        raise ValueError(names.unknown(f"option in {whole!r}:", key, accepted))
    value = spec.options.get(key)
    if rest:
        if not isinstance(value, build.Spec):
            raise ValueError(f"{key!r} in {whole!r} is not set to a named part, so nothing lies below it. Received: {value!r}")
        return spec.replace(**{key: _set_option(value, key, rest, text, whole)})
    if text.lower() == "none":
        return spec.replace(**{key: None})
    if key in build.ROLES and not _number(text) and typing.get_origin(accepted[key].annotation) is not typing.Literal:
        build.factory(key, text)  # an unknown name is an error here, not after the data is loaded
        return spec.replace(**{key: build.Spec(text)})
    annotation = accepted[key].annotation
    if annotation is accepted[key].empty:
        annotation = type(accepted[key].default) if accepted[key].default not in (accepted[key].empty, None) else float
    return spec.replace(**{key: cast(text, annotation, whole)})


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def cast(text: str, annotation, path: str):
    """Returns a command line's text as a value of the annotated type.

    Raises:
        ValueError: If the text does not fit.
    """
    options = typing.get_args(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        if text.lower() == "none" and type(None) in options:
            return None
        failures = []
        # text fits every string, so that one is tried last
        for option in sorted((option for option in options if option is not type(None)), key=lambda option: option is str):
            try:
                return cast(text, option, path)
            except ValueError as failure:
                failures.append(failure)
        raise failures[0]
    if typing.get_origin(annotation) in (tuple, Sequence):
        parts = text.strip("()[]").split(",")
        kinds = [options[0]] * len(parts) if len(options) == 1 or options[-1] is Ellipsis else options
        if len(kinds) != len(parts):
            raise ValueError(f"{path!r} takes {len(kinds)} comma-separated values. Received: {text!r}")
        return tuple(cast(part.strip(), kind, path) for part, kind in zip(parts, kinds))
    if annotation is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{path!r} takes true or false. Received: {text!r}")
        return text.lower() == "true"
    if annotation in (int, float):
        try:
            return annotation(text)
        except ValueError:
            raise ValueError(f"{path!r} takes a number of type {annotation.__name__}. Received: {text!r}") from None
    if annotation is tuple:
        return tuple(float(part) if _number(part) else part for part in text.strip("()[]").split(","))
    return text
