"""f-divergences D_f(P || Q) = E_Q[f(p / q)] as values, in forms that stay finite.

The variational bound is F = E_P[g(V)] - E_Q[f*(g(V))] <= D_f(P || Q) for every function V: g is the
activation, f* the conjugate. It is tight where g(V) = f'(p / q).

Reference: Nowozin et al., 2016, tables 1 and 2. arXiv:1606.00709. Its table 6 prints decreasing
activations for reverse KL, Neyman and squared Hellinger, exchanges the integrals of Pearson and
Neyman, and gives Jensen-Shannon's a factor of 1/2 that f does not have; f, f*, T* and table 2's
increasing activations agree with each other and are what stands here.
"""

from zoo.divergences.alpha import alpha
from zoo.divergences.divergence import Divergence
from zoo.divergences.from_function import from_function
from zoo.divergences.gan import gan
from zoo.divergences.jeffrey import jeffrey
from zoo.divergences.jensen_shannon import jensen_shannon
from zoo.divergences.jensen_shannon_weighted import jensen_shannon_weighted
from zoo.divergences.kl import kl
from zoo.divergences.neyman import neyman
from zoo.divergences.pearson import pearson
from zoo.divergences.reverse_kl import reverse_kl
from zoo.divergences.squared_hellinger import squared_hellinger
from zoo.divergences.total_variation import total_variation

DIVERGENCES = {
    "alpha": alpha,
    "gan": gan,
    "jeffrey": jeffrey,
    "jensen_shannon": jensen_shannon,
    "jensen_shannon_weighted": jensen_shannon_weighted,
    "kl": kl,
    "neyman": neyman,
    "pearson": pearson,
    "reverse_kl": reverse_kl,
    "squared_hellinger": squared_hellinger,
    "total_variation": total_variation,
}

__all__ = [
    "DIVERGENCES",
    "Divergence",
    "alpha",
    "from_function",
    "gan",
    "jeffrey",
    "jensen_shannon",
    "jensen_shannon_weighted",
    "kl",
    "neyman",
    "pearson",
    "reverse_kl",
    "squared_hellinger",
    "total_variation",
]
