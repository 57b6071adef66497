"""The calls that a trained model offers, as a game in memory or as a bundle on disk."""

import numpy as np

from zoo import names

SEEDS = 2**31  # seeds of commands are below, so that seed and row fit into one int64


def row_seeds(seed: int, num: int, *, first: int = 0) -> np.ndarray:
    """Returns the seed of each row [num]: `seed` in the upper 32 bits, the row in the lower.

    Args:
        seed: In [0, 2**31).
        num: Number of rows, in [1, 2**32).
        first: Number of the first row.

    Raises:
        ValueError: If `seed` or `num` is out of range.

    Example:
        >>> row_seeds(1, 3) - 2**32
        array([0, 1, 2])
    """
    if not 0 <= seed < SEEDS or not 1 <= num < 2**32:
        raise ValueError(
            "`seed` must be in [0, 2**31) and `num` in [1, 2**32). "
            f"Received: seed={seed}, num={num}"
        )
    return (np.int64(seed) << 32) + np.arange(first, first + num, dtype=np.int64)


class Trained:
    """The calls of a trained model. All arrays are numpy's; the first axis is the rows.

    A subclass says which endpoints it has (`offered`), the range of their outputs (`output_range`)
    and computes one (`run`). An endpoint that a
    model does not have raises a ValueError that names those it has.
    """

    def offered(self) -> dict[str, tuple[str, ...]]:
        """Returns the names of the inputs of each endpoint, by the endpoint's name."""
        raise NotImplementedError

    def output_range(self, endpoint: str) -> tuple[float, float] | None:
        """Returns the range (low, high) of an endpoint's first output; None if it is not bounded.

        For images it is what black and white are; points have None.

        Raises:
            ValueError: If the model has no such endpoint.
        """
        raise NotImplementedError

    def run(self, endpoint: str, inputs: dict, *, seed: int = 0) -> dict[str, np.ndarray]:
        """Returns all outputs [N, ...] of an endpoint, by name.

        Args:
            endpoint: Name of the endpoint.
            inputs: Arrays [N, ...] by the names that `offered` lists.
            seed: Seed of inputs that are not given, such as an encoder's noise; in [0, 2**31).

        Raises:
            ValueError: If the model has no such endpoint, or an input does not fit it.
        """
        raise NotImplementedError

    def latents(self, seeds: np.ndarray) -> np.ndarray:
        """Returns the latents [N, Z] from which `sample` makes the rows of these seeds.

        Args:
            seeds: Seed of each row [N], int64; see `row_seeds`.

        Raises:
            ValueError: If the model has no endpoint `generate`, or the prior is not known.
        """
        raise NotImplementedError

    def sample(self, num: int = 1, *, seed: int = 0, label=None) -> np.ndarray:
        """Draws examples. Row i of a seed is the same whatever `num` is.

        Args:
            num: Number of examples.
            seed: Seed of the draw, in [0, 2**31).
            label: Class of a conditional model: one for all rows, or one for each [num]. Without
                it row i has the class i modulo the number of classes.

        Returns:
            Examples [num, ...] in the model's value range.
        """
        rows = {"seed": row_seeds(seed, num)}
        return self._first("sample", rows | self._labels("sample", num, label))

    def generate(self, z: np.ndarray, *, label=None) -> np.ndarray:
        """Returns the examples [N, ...] of the latents `z` [N, Z]; `label` as in `sample`."""
        return self._first("generate", {"z": z} | self._labels("generate", len(z), label))

    def encode(self, x: np.ndarray, *, label=None, seed: int = 0) -> np.ndarray:
        """Returns the codes [N, Z] of examples; `run` has all that an encoder gives."""
        return self._of_examples("encode", x, label, seed)

    def reconstruct(self, x: np.ndarray, *, label=None, seed: int = 0) -> np.ndarray:
        """Returns what the model makes [N, ...] of the codes of examples [N, ...]."""
        return self._of_examples("reconstruct", x, label, seed)

    def score(self, x: np.ndarray, *, label=None, seed: int = 0) -> np.ndarray:
        """Returns a number for each example [N]: higher for what is less like the training data."""
        return self._of_examples("score", x, label, seed)

    def features(self, x: np.ndarray, *, label=None, seed: int = 0) -> np.ndarray:
        """Returns the last hidden layer [N, F] of the network that sees examples."""
        return self._of_examples("features", x, label, seed)

    def interpolate(
        self, x0: np.ndarray, x1: np.ndarray, weight: np.ndarray, *, label=None, seed: int = 0
    ) -> np.ndarray:
        """Returns the examples [N, ...] on the lines between the codes of `x0` and of `x1`.

        Args:
            x0: Examples [N, ...] at weight 0.
            x1: Examples [N, ...] at weight 1.
            weight: Positions on the lines [N], in [0, 1].
            label: As in `sample`.
            seed: Seed of an encoder that draws.
        """
        ends = {"x0": x0, "x1": x1, "weight": weight}
        return self._first("interpolate", ends | self._labels("interpolate", len(x0), label), seed)

    def classes(self) -> int | None:
        """Returns how many classes a conditional model has, None for a model without labels."""
        raise NotImplementedError

    def check_offers(self, endpoint: str) -> None:
        """Raises ValueError, with the nearest name, if the model has no such endpoint."""
        if endpoint not in self.offered():
            raise ValueError(names.unknown("endpoint of this model", endpoint, self.offered()))

    def _of_examples(self, endpoint: str, x: np.ndarray, label, seed: int) -> np.ndarray:
        return self._first(endpoint, {"x": x} | self._labels(endpoint, len(x), label), seed)

    def _first(self, endpoint: str, inputs: dict, seed: int = 0) -> np.ndarray:
        return next(iter(self.run(endpoint, inputs, seed=seed).values()))

    def _labels(self, endpoint: str, num: int, label) -> dict[str, np.ndarray]:
        self.check_offers(endpoint)
        if "label" not in self.offered()[endpoint]:
            if label is not None:
                raise ValueError(f"{endpoint!r} of this model takes no label. Received: {label!r}")
            return {}
        count = self.classes()
        label = np.arange(num) % count if label is None else label
        label = np.broadcast_to(np.asarray(label), [num]).astype(np.int64)
        if label.size and not (0 <= label.min() and label.max() < count):
            raise ValueError(
                f"`label` must be in [0, {count}). Received: {label.min()} to {label.max()}"
            )
        return {"label": label}
