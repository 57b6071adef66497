"""Adversarial losses: values made of four pointwise functions of a logit."""

from zoo.losses.adversarial import AdversarialLoss, swapped, zero_sum
from zoo.losses.f_gan import f_gan
from zoo.losses.hinge import hinge
from zoo.losses.least_squares import least_squares
from zoo.losses.minimax import minimax
from zoo.losses.non_saturating import non_saturating
from zoo.losses.undecided import undecided
from zoo.losses.wasserstein import wasserstein

LOSSES = {
    "f_gan": f_gan,
    "hinge": hinge,
    "least_squares": least_squares,
    "minimax": minimax,
    "non_saturating": non_saturating,
    "wasserstein": wasserstein,
}

__all__ = [
    "LOSSES",
    "AdversarialLoss",
    "f_gan",
    "hinge",
    "least_squares",
    "minimax",
    "non_saturating",
    "swapped",
    "undecided",
    "wasserstein",
    "zero_sum",
]
