"""Classic adversarial and variational models, each objective as its paper has it.

`import zoo` is all that a program needs. It loads no TensorFlow; each part is loaded at its
first use.

    zoo.games           games to train: `zoo.games.GAN`, `zoo.games.VAE` …; each is a Keras model
    zoo.networks        generators, critics and encoders by name; any Keras network will do
    zoo.losses          adversarial losses: `zoo.losses.hinge()` …
    zoo.divergences     f-divergences, for `zoo.losses.f_gan`
    zoo.priors          distributions of latents
    zoo.penalties       penalties on the slope of a critic
    zoo.constraints     constraints on the weights of a critic
    zoo.likelihoods     likelihoods of examples under a decoder
    zoo.contrasts       contrasts of the adversarial variational autoencoder
    zoo.optimizers      optimizers and schedules by name
    zoo.metrics         numbers of a trained model, in numpy
    zoo.build           parts from their names and options, as configs have them
    zoo.export          writes a game as a bundle: `zoo.export(game, "bundle")`
    zoo.Description     what the bundle says of the game: its name, data, metrics, licence
    zoo.load            opens a bundle: `zoo.load("bundle").sample(16, seed=0)`

What `zoo.load` opens runs on numpy and ONNX Runtime; it loads no TensorFlow either. The other
parts need `pip install 'keras-generative-zoo[train]'`, and say so where it is missing.
"""

import importlib

__version__ = "0.1.0"

_MODULES = (
    "build",
    "constraints",
    "contrasts",
    "divergences",
    "games",
    "likelihoods",
    "losses",
    "metrics",
    "networks",
    "optimizers",
    "penalties",
    "priors",
)
# by name, since the library imports none of the programs around it
_FUNCTIONS = {
    "Description": ("export.descriptions", "Description"),
    "export": ("export.bundles", "write"),
    "load": ("export.runtime.bundles", "load"),
}


def __getattr__(name: str):
    module, function = _FUNCTIONS.get(name, (f"zoo.{name}", None))
    if name not in _MODULES and function is None:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    try:
        if function is None:
            return importlib.import_module(module)
        from zoo import siblings

        return getattr(siblings.load(module), function)
    except ModuleNotFoundError as error:
        from zoo import extras

        raise extras.explained(error, f"`zoo.{name}`") from None


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES, *_FUNCTIONS])
