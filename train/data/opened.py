"""A data set that was opened: what it holds, and where its examples lie."""

import dataclasses

import numpy as np

from train.data import readers

DOMAINS = ("a", "b")


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """A data set ready for training: one domain, or two.

    Of two domains, `images` and `mean_image` return the first one's.

    Attributes:
        name: As it was asked for.
        count: Number of examples, of the larger domain where there are two.
        shape: Of one example: [H, W, C] with C of 1 or 3, or [D] of points.
        value_range: What pixels of 0 and 255 become in batches; None for points, which have no
            pixels and stay as they are.
        reader: Where the examples lie, uint8 pixels or float32 points; the first domain's.
        classes: Number of classes of the data set, whatever the split; None without labels.
        class_names: Name of each class, where it is known.
        domains: The sources of the inputs `a` and `b`; empty where there is one domain.
        held_out: Number of examples of the split that are held out of training, of the larger
            domain where there are two.
    """

    name: str
    count: int
    shape: tuple[int, ...]
    value_range: tuple[float, float] | None
    reader: readers.Reader
    classes: int | None = None
    class_names: tuple[str, ...] | None = None
    domains: tuple["Source", ...] = ()
    held_out: int = 0

    @property
    def has_images(self) -> bool:
        """Whether the examples are images; otherwise they are points."""
        return self.value_range is not None

    @property
    def labels(self) -> np.ndarray | None:
        """Label of each example in the order of `images`, int64 [N]; None where there are none."""
        return None if self.classes is None else self.reader.labels

    @property
    def inputs(self) -> tuple[str, ...]:
        """What a batch may hold: `a` and `b` of two domains, or `x` and, with labels, `label`."""
        if self.domains:
            return DOMAINS
        return ("x",) if self.classes is None else ("x", "label")
