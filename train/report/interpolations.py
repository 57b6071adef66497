"""The picture of walks between the latents of samples, for the page of a run or of a bundle."""

from collections.abc import Sequence

from export.runtime import grids
from train.inference import walks
from train.report import pictures
from zoo import trained

_WALKS, _STEPS = 8, 10  # interpolations and images in each
_POINT_WALKS, _POINT_STEPS = 24, 128  # of points, enough that interpolations look like lines


def of_images(shape, value_range) -> bool:
    """Returns whether an example of a shape and range, as files hold them, is a picture."""
    return bool(value_range) and isinstance(shape, list) and len(shape) == 3 and shape[-1] in (1, 3)


def picture(
    model: trained.Trained,
    shape,
    value_range: Sequence[float] | None,
    *,
    seed: int,
    step: int | None,
) -> pictures.Picture | None:
    """Returns a picture of interpolations, or None if the model generates nothing to be seen.

    Args:
        model: A trained game, or a bundle.
        shape: Shape of an example, as a file holds it.
        value_range: What black and white are; None for points.
        seed: Seed of the samples, in [0, 2**31).
        step: Number of training steps behind the model; None if not known.
    """
    points = shape == [2]
    if "generate" not in model.offered() or not (points or of_images(shape, value_range)):
        return None
    count, steps = (_POINT_WALKS, _POINT_STEPS) if points else (_WALKS, _STEPS)
    x = walks.between_samples(model, seed=seed, count=count, steps=steps)
    pixels = grids.picture(
        x.reshape(-1, *x.shape[2:]),
        None if points else value_range,
        columns=None if points else steps,
    )
    caption = (
        f"Each {'line' if points else 'row'} goes along the great circle between the latents of "
        f"two samples of seed {seed}: the first two samples, the next two, and so on."
    )
    caption += f" Step {step:,}." if step is not None else ""
    return pictures.drawn(pixels, caption, fill=pictures.LARGE)
