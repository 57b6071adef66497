"""From names to parts: the only place that turns a `Spec` into a game, a network, a loss …"""

import importlib
import inspect
from collections.abc import Callable, Mapping

from zoo import names

# role -> module:table; a module is imported when one of its parts is built, so that a Spec needs
# no TensorFlow
_NETWORKS = "zoo.networks:NETWORKS"
_SCHEDULES = "zoo.optimizers:SCHEDULES"
ROLES = {
    "game": "zoo.games:GAMES",
    "loss": "zoo.losses:LOSSES",
    "divergence": "zoo.divergences:DIVERGENCES",
    "prior": "zoo.priors:PRIORS",
    "penalty": "zoo.penalties:PENALTIES",
    "constraint": "zoo.constraints:CONSTRAINTS",
    "augmentation": "zoo.augmentations:AUGMENTATIONS",
    "generator": _NETWORKS,
    "classifier": _NETWORKS,
    "critic": _NETWORKS,
    "critic_a": _NETWORKS,
    "critic_b": _NETWORKS,
    "a_to_b": _NETWORKS,
    "b_to_a": _NETWORKS,
    "adversary": _NETWORKS,
    "encoder": _NETWORKS,
    "decoder": _NETWORKS,
    "lens": _NETWORKS,
    "contrast": "zoo.contrasts:CONTRASTS",
    "likelihood": "zoo.likelihoods:LIKELIHOODS",
    "optimizer": "zoo.optimizers:OPTIMIZERS",
    "learning_rate": _SCHEDULES,
    "momentum": _SCHEDULES,
}

# whether a game and its networks take the label; a game made in Python takes `classes` instead
CONDITIONAL = inspect.Parameter(
    "conditional", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=bool
)


class Spec:
    """The name of a part and its options, which may be Specs; immutable, and equal by value.

    Example:
        >>> Spec("gan", loss=Spec("least_squares", real=1.0)).as_dict()
        {'name': 'gan', 'loss': {'name': 'least_squares', 'real': 1.0}}
    """

    def __init__(self, name: str, /, **options):
        self.name = name
        self.options = options

    def replace(self, **options) -> "Spec":
        """Returns a Spec with these options set.

        None removes an option; a None that was there before stays.
        """
        merged = self.options | options
        return Spec(
            self.name,
            **{
                key: value
                for key, value in merged.items()
                if value is not None or key not in options
            },
        )

    def as_dict(self) -> dict:
        """Returns the name and options as values of JSON; `from_dict` reads them."""
        plain = {key: _plain(value) for key, value in self.options.items()}
        return {"name": self.name, **plain}

    @classmethod
    def from_dict(cls, values: Mapping) -> "Spec":
        """Returns the Spec that `as_dict` wrote.

        A mapping with a name is a Spec, a list is a tuple.
        """
        options = {key: _parsed(value) for key, value in values.items() if key != "name"}
        return cls(values["name"], **options)

    def __eq__(self, other) -> bool:
        return isinstance(other, Spec) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        # equal Specs may differ in the order of options and in tuple or list
        return hash(self.name)

    def __repr__(self) -> str:
        options = (f"{key}={value!r}" for key, value in self.options.items())
        return f"Spec({', '.join([repr(self.name), *options])})"


def factory(role: str, name: str) -> Callable:
    """Returns the entry `name` of the role's table.

    Raises:
        ValueError: If the role or the name does not exist; says which do.
    """
    if role not in ROLES:
        raise ValueError(names.unknown("role", role, ROLES))
    module, table = ROLES[role].split(":")
    entries = getattr(importlib.import_module(module), table)
    if name not in entries:
        raise ValueError(names.unknown(role, name, entries))
    return entries[name]


def parameters(role: str, name: str) -> dict[str, inspect.Parameter]:
    """Returns the options that the entry takes, by name; `conditional` too, where a game can be."""
    every = inspect.signature(factory(role, name)).parameters
    accepted = {
        key: value
        for key, value in every.items()
        if value.kind is not inspect.Parameter.VAR_KEYWORD
    }
    can_be_conditional = role == "game" and "classes" in accepted
    return accepted | ({"conditional": CONDITIONAL} if can_be_conditional else {})


def build(spec: Spec, *, role: str = "game", **context):
    """Makes the part that a Spec names, and the parts inside it.

    Args:
        spec: Names and options.
        role: Role that says which table the name is looked up in; an option that holds a Spec is
            looked up by the option's name.
        **context: Values that a part gets if it has a parameter of that name: `shape` (of an
            example), `value_range`, `seed`, `mean_image`, `classes`. `latent`, the prior's size, is
            added for the parts of a game. `classes`, the number of the data's classes, reaches a
            game and its parts only if batches of the game hold labels: with the option
            `conditional=True`, or for a classifier. Of a function without arguments a part gets
            what it returns; it is called only then.

    Returns:
        The part.

    Raises:
        ValueError: If a name or an option does not exist, or an option is missing, or the game is
            conditional and the data have no classes.

    Example:
        >>> loss = build(Spec("least_squares", real=1.0), role="loss")
        >>> float(loss.critic_fake(tf.constant(1.0)))
        0.5
    """
    accepted = parameters(role, spec.name)
    for key in spec.options:
        if key not in accepted:
            raise ValueError(names.unknown(f"option of {role} {spec.name!r}", key, accepted))
    if role == "game" and not _holds_labels(spec, accepted, context):
        context = {key: value for key, value in context.items() if key != "classes"}
    options = {}
    # the prior first: networks take its size
    given = [key for key in spec.options if key != CONDITIONAL.name]
    for key in sorted(given, key=lambda key: key != "prior"):
        value = spec.options[key]
        options[key] = build(value, role=key, **context) if isinstance(value, Spec) else value
        if key == "prior":
            context = context | {"latent": options[key].size}
    wanted = [key for key in context if key in accepted and key not in options]
    options |= {key: v() if callable(v := context[key]) else v for key in wanted}
    missing = [
        key
        for key, p in accepted.items()
        if p.default is inspect.Parameter.empty and key not in options
    ]
    if missing:
        raise ValueError(
            f"{role} {spec.name!r} needs the options {sorted(missing)}. "
            f"Received: {sorted(spec.options)}"
        )
    return factory(role, spec.name)(**options)


def _holds_labels(spec: Spec, accepted: Mapping, context: Mapping) -> bool:
    """Says whether batches of the game hold labels."""
    if "conditional" not in accepted:
        return "label" in factory("game", spec.name).inputs
    conditional = spec.options.get("conditional", False)
    if conditional and context.get("classes") is None:
        raise ValueError(
            f"Game {spec.name!r} with conditional=True needs data with labels. "
            "Received: classes=None"
        )
    return conditional


def _plain(value):
    if isinstance(value, Spec):
        return value.as_dict()
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _parsed(value):
    if isinstance(value, Mapping):
        return Spec.from_dict(value)
    return tuple(_parsed(item) for item in value) if isinstance(value, (tuple, list)) else value
