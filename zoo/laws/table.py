"""Known answers of every objective, of `ais` and of random draws: the table of `zoo verify`."""

import functools
import math

from zoo import divergences
from zoo.divergences import conditions
from zoo.laws import (
    adversarial,
    age,
    annealed,
    augmented,
    avb,
    bigan,
    conditional,
    cycle_gan,
    draws,
    slopes,
    supervised,
    tan,
    vae,
)

# a divergence with an option stands for its branches
ROWS = {
    **{
        name: row
        for name, row in divergences.DIVERGENCES.items()
        if name not in ("alpha", "jensen_shannon_weighted")
    },
    **{
        f"alpha({value:g})": functools.partial(divergences.alpha, value)
        for value in (-1.0, -0.5, 0.5, 1.5, 2.0, 3.0)
    },
    **{
        f"jensen_shannon_weighted({pi:g})": functools.partial(
            divergences.jensen_shannon_weighted, pi
        )
        for pi in (0.1, 0.5, 0.9)
    },
}
F_1 = {"gan": -math.log(4.0)}  # f(1), of a divergence that is not 0 between equal distributions

# name -> a function that yields laws; a new loss, penalty or game adds a line
LAWS = {
    "minimax": adversarial.minimax,
    "non_saturating": adversarial.non_saturating,
    "least_squares": adversarial.least_squares,
    "hinge": adversarial.hinge,
    "wasserstein": adversarial.wasserstein,
    **{
        f"f_gan.{name}": lambda name=name, row=row: conditions.laws(row(), F_1.get(name, 0.0))
        for name, row in sorted(ROWS.items())
    },
    "gradient_penalty": slopes.gradient_penalty,
    "dragan": slopes.dragan,
    "r1": slopes.r1,
    "diff_augment": augmented.diff_augment,
    "noise": draws.laws,
    "age": age.laws,
    "ais": annealed.laws,
    "avb": avb.laws,
    "bigan": bigan.laws,
    "cycle_gan": cycle_gan.laws,
    "supervised": supervised.laws,
    "tan": tan.laws,
    "vae": vae.laws,
    "gan(conditional)": conditional.gan,
    "gan(projection)": conditional.projection,
    "vae(conditional)": conditional.vae,
}
