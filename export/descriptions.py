"""What its maker says of a trained game, for the manifest and the card of its bundle."""

import dataclasses
import json
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Description:
    """What its maker says of a trained game; every part is optional.

    The manifest and the card leave out the parts that are not given.

    Attributes:
        name: Name of the model; the class of the game if None.
        paper: Citation of the paper that it follows.
        data: Facts about the training data by name. The card knows `name`, `split`, `count`,
            `shape` (of an example), `value_range` and `preprocessing` (a formula from pixels to
            examples).
        prior: Distribution of the latents by name and options.
        training: Facts about the training by name. The card knows `game`, `optimizers`, `epochs`,
            `batch_size`, `seed` and `versions`.
        metrics: Measured numbers, one mapping for each.
        licence: Licence of the weights.
        provenance: A sentence on who made the model, and from what.

    Raises:
        TypeError: If a value is not a value of JSON.

    Example:
        >>> Description(name="digits", data={"name": "digits", "count": 1797}).name
        'digits'
    """

    name: str | None = None
    paper: str | None = None
    data: Mapping = dataclasses.field(default_factory=dict)
    prior: Mapping | None = None
    training: Mapping = dataclasses.field(default_factory=dict)
    metrics: Sequence[Mapping] = ()
    licence: str | None = None
    provenance: str | None = None

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            try:
                json.dumps(value)
            except (TypeError, ValueError) as error:
                raise TypeError(
                    f"`{field.name}` of a description must hold values of JSON: numbers, texts, "
                    f"lists, dicts. Received: {value!r} ({error})"
                ) from error
