"""The project's networks in PyTorch, with the weights of Keras; `torch_peer.py` trains them."""

import math


def _sizes(size: int, levels: int | None) -> list[int]:
    """Returns the size of an image and of each of its halvings, down to 4 pixels if not given."""
    sizes = [size]
    while len(sizes) <= levels if levels else sizes[-1] > 4:
        sizes.append(-(-sizes[-1] // 2))
    return sizes


def _dense(sizes: list[int], activation: str) -> list:
    from torch import nn

    kinds = {"elu": nn.ELU, "relu": nn.ReLU, "tanh": nn.Tanh}
    return [
        layer for a, b in zip(sizes, sizes[1:]) for layer in (nn.Linear(a, b), kinds[activation]())
    ]


def _squash(value_range) -> list:
    from torch import nn

    if value_range is None:
        return []
    return [nn.Sigmoid() if value_range[0] == 0 else nn.Tanh()]


def decoder(options: dict, latent: int, shape: list[int], value_range):
    """Returns a fully connected generator, to images [C, H, W] or to points."""
    from torch import nn

    sizes = [latent, *options["units"]]
    hidden = _dense(sizes, options.get("activation", "relu"))
    shaped = [nn.Unflatten(1, (shape[2], *shape[:2]))] if len(shape) == 3 else []
    return nn.Sequential(
        *hidden, nn.Linear(sizes[-1], math.prod(shape)), *shaped, *_squash(value_range)
    )


def encoder(options: dict, outputs: int, shape: list[int], activation: str):
    """Returns a fully connected critic or encoder."""
    from torch import nn

    sizes = [math.prod(shape), *options["units"]]
    hidden = _dense(sizes, options.get("activation", activation))
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(sizes[-1], outputs))


def networks(game: dict, shape: list[int]):
    """Returns (generator, critic) as torch modules with the layers of the project's networks."""
    from torch import nn

    latent, width = game["prior"]["size"], game["generator"].get("width", 64)
    value_range = game["value_range"]
    if game["generator"]["name"] == "mlp_generator":
        return (
            decoder(game["generator"], latent, shape, value_range),
            encoder(game["critic"], 1, shape, "elu"),
        )
    size, _, channels = shape
    (squash,) = _squash(value_range)
    batch_norm = game["generator"].get("normalization", "batch") == "batch"
    sizes = _sizes(size, game["generator"].get("levels"))
    depth = len(sizes) - 1
    wide = width * 2 ** (depth - 1)
    layers = [nn.Linear(latent, sizes[-1] ** 2 * wide, bias=not batch_norm)]
    layers += [nn.BatchNorm1d(sizes[-1] ** 2 * wide)] * batch_norm + [
        nn.ReLU(),
        nn.Unflatten(1, (wide, sizes[-1], sizes[-1])),
    ]
    for level in reversed(range(depth)):
        out = width * 2 ** (level - 1) if level else channels
        more = sizes[level] - (2 * sizes[level + 1] - 1)  # 1 doubles the size, 0 leaves out one row
        plain = level and batch_norm
        layers.append(nn.ConvTranspose2d(wide, out, 5, 2, 2, output_padding=more, bias=not plain))
        layers += ([nn.BatchNorm2d(out)] * batch_norm + [nn.ReLU()]) if level else [squash]
        wide = out
    features, wide = [], channels
    for level in range(depth):
        out = width * 2**level
        plain = level and batch_norm
        features.append(nn.Conv2d(wide, out, 5, 2, 2, bias=not plain))
        features += [nn.BatchNorm2d(out)] * bool(plain) + [nn.LeakyReLU(0.2)]
        wide = out
    return nn.Sequential(*layers), nn.Sequential(
        *features, nn.Flatten(), nn.Linear(wide * sizes[-1] ** 2, 1)
    )


def load_weights(module, values) -> None:
    """Copies trainable weights of Keras, in order, into a torch module.

    Padding differs by one pixel between the two libraries, so that the outputs differ; the work
    does not.
    """
    import numpy as np
    import torch

    parameters = list(module.parameters())
    if len(parameters) != len(values):
        raise ValueError(
            "The networks must have the same weights. "
            f"Received: {len(parameters)} in torch, {len(values)} in Keras"
        )
    for parameter, value in zip(parameters, values):
        value = np.ascontiguousarray(value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T)
        if tuple(parameter.shape) != value.shape:
            raise ValueError(
                "The networks must have the same shapes. "
                f"Received: {tuple(parameter.shape)} in torch, {value.shape} in Keras"
            )
        parameter.data.copy_(torch.from_numpy(value))
