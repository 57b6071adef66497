"""Images of a bundle with the channels last, whatever the layout of its graphs."""

import numpy as np

from export.runtime import bundles, layouts
from zoo import trained


def view(bundle: bundles.Bundle) -> trained.Trained:
    """Returns the calls of a bundle with images [N, H, W, C]: the bundle itself, if it has them.

    `zoo.load` gives what the graphs give; programs that make pictures want one layout.
    """
    return ChannelsLast(bundle) if layouts.of(bundle.manifest) == layouts.FIRST else bundle


class ChannelsLast(trained.Trained):
    """The calls of a bundle whose images are [N, C, H, W], with images [N, H, W, C]."""

    def __init__(self, bundle: bundles.Bundle):
        self._bundle = bundle

    def offered(self) -> dict[str, tuple[str, ...]]:
        return self._bundle.offered()

    def output_range(self, endpoint: str) -> tuple[float, float] | None:
        return self._bundle.output_range(endpoint)

    def classes(self) -> int | None:
        return self._bundle.classes()

    def latents(self, seeds: np.ndarray) -> np.ndarray:
        return self._bundle.latents(seeds)

    def run(self, endpoint: str, inputs: dict, *, seed: int = 0) -> dict[str, np.ndarray]:
        inputs = {name: layouts.to_first(np.asarray(value)) for name, value in inputs.items()}
        outputs = self._bundle.run(endpoint, inputs, seed=seed)
        return {name: layouts.to_last(value) for name, value in outputs.items()}
