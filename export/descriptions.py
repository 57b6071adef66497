"""What its maker says of a trained game, for the manifest and the card of its bundle."""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence

from packaging import licenses

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclasses.dataclass(frozen=True)
class Description:
    """What its maker says of a trained game; every part is optional.

    The card leaves out the parts that are not given.

    Attributes:
        name: Name of the model: letters, digits, `_`, `.` and `-`, a letter or a digit first. The
            class of the game if None.
        paper: Citation of the paper that it follows.
        data: Facts about the training data by name. The card knows `name`, `split`, `count`,
            `shape` (of an example) and `value_range`.
        training: Facts about the training by name. The card knows `game`, `optimizers`, `epochs`,
            `batch_size`, `seed` and `versions`.
        metrics: Measured numbers, one mapping for each.
        licence: Licence of the weights as an SPDX expression, such as "CC-BY-4.0"; a licence of
            your own is "LicenseRef-NAME".
        provenance: A sentence on who made the model, and from what.
        best: Whether the weights are those of the best checkpoint, by some metric, and not those of
            the last step.
        finished: Whether the training was done when the weights were taken.
        commit: Commit of the code that trained the model: `hash`, `date` (ISO 8601) and `changed`
            (whether files differed from the commit).

    Raises:
        TypeError: If a value is not a value of JSON.
        ValueError: If the name is no such word, or the licence no SPDX expression.

    Example:
        >>> Description(name="digits", data={"name": "digits", "count": 1797}).name
        'digits'
    """

    name: str | None = None
    paper: str | None = None
    data: Mapping = dataclasses.field(default_factory=dict)
    training: Mapping = dataclasses.field(default_factory=dict)
    metrics: Sequence[Mapping] = ()
    licence: str | None = None
    provenance: str | None = None
    best: bool = False
    finished: bool = True
    commit: Mapping | None = None

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
        if self.name is not None and not _NAME.fullmatch(self.name):
            raise ValueError(
                "`name` of a description must be at most 100 letters, digits, _, . and -, the "
                f"first one a letter or a digit. Received: {self.name!r}"
            )
        if self.licence is not None:
            object.__setattr__(self, "licence", _spdx(self.licence))


def _spdx(licence: str) -> str:
    try:
        return licenses.canonicalize_license_expression(licence)
    except ValueError as error:
        raise ValueError(
            "`licence` of a description must be an SPDX expression, such as Apache-2.0, CC-BY-4.0 "
            f"or LicenseRef-NAME. Received: {licence!r}"
        ) from error
