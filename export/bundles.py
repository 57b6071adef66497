"""A bundle: a game's endpoints in every form, checked, and moved into place whole or not at all."""

import dataclasses
import os
import pathlib
from collections.abc import Sequence

import keras
import tensorflow as tf

from export import (
    descriptions,
    forms,
    functions,
    onnx_graphs,
    options,
    saved_models,
    weight_formats,
)
from export.runtime import (
    backends,
    cards,
    checks,
    draws,
    folders,
    golden_rows,
    manifests,
    onnx_texts,
    partials,
    schema,
    signatures,
    tensors,
)
from zoo import games, names, priors


def write(
    game: games.Game,
    out: str | os.PathLike,
    *,
    description: descriptions.Description | None = None,
    version: int = 1,
    endpoints: Sequence[str] | None = None,
    output: str = "float32",
    layout: str = "nhwc",
    weights: str = "fp32",
    sign: str | os.PathLike | None = None,
) -> pathlib.Path:
    """Writes a bundle of a game, with averaged weights where its optimizers average them.

    Args:
        game: A game whose networks are built; trained or not, compiled or not.
        out: Directory of the bundle; must not exist.
        description: What the manifest and the card say of the game, next to what it computes.
        version: Positive; names the directories that servers look for.
        endpoints: Names of the endpoints that the bundle has; None for all of the game's. Each has
            an ONNX graph with its own copy of the weights.
        output: `float32` for images in the model's own range; `uint8` for pixels from 0 to 255,
            of the images that endpoints take as well as of those that they give.
        layout: `nhwc` for images [rows, height, width, channels], as in the game; `nchw` for images
            [rows, channels, height, width]. Of those that endpoints take as well.
        weights: `fp32`; or `int16` or `fp16` for kernels that are stored in 16 bits, as integers
            with scales or in half precision, and computed with in float32.
        sign: PEM file of a private key, whose holder then signs the bundle; None for no signature.

    Returns:
        The bundle's directory.

    Raises:
        FileExistsError: If `out` exists.
        FileNotFoundError: If there is no such key.
        OSError: If the disk is full.
        ValueError: If `version` is not positive, the name of the model is no word, the game has no
            such endpoint or no images whose form can be chosen, a weight does not fit into
            the format, the key cannot sign, or a check failed; `out` is then not made.

    A program calls it as `zoo.export(game, "bundle", description=zoo.Description(name="digits"))`.
    """
    if version < 1:
        raise ValueError(f"`version` must be at least 1. Received: {version}")
    out = pathlib.Path(out)
    manifests.refuse_existing(out)
    if sign is not None:
        signatures.check_private_key(sign)
    form = forms.Form(output, layout)
    form.check()
    if weights not in options.WEIGHTS:
        raise ValueError(names.unknown("`weights` of a bundle", weights, options.WEIGHTS))
    description = description or descriptions.Description()
    if description.name is None:
        name = type(game).__name__.strip("_")
        description = dataclasses.replace(description, name=name)
    offered = forms.applied(_offered(game, endpoints), form)
    with partials.directory(out) as partial:
        with game.averaged_weights() as averaged:
            kernels = [] if weights == "fp32" else _kernels(game, offered)
            stored = weight_formats.stored(kernels, weights)
            with weight_formats.assigned(kernels, stored):
                pairs = list(zip(kernels, stored))
                manifest = _programs(game, offered, description, partial, version, form, pairs)
        manifest["weights"] = "best" if description.best else "averaged" if averaged else "last"
        manifest["weights_format"] = options.WEIGHTS[weights]
        gate = checks.Gate()
        checks.examine(partial, manifest, gate, isolated=False)
        if gate.failures:
            raise ValueError(
                f"A bundle is made when every check passes; {out} is not. Failed:\n  "
                + "\n  ".join(gate.failures)
            )
        manifest["golden"]["largest_difference"] = gate.differences
        (partial / manifests.CARD).write_text(cards.write(manifest))
        manifests.seal(partial, manifest | {"signed": sign is not None})
        if sign is not None:
            signatures.sign(partial, sign)
        manifests.verify(partial)
    print(f"Bundle: {out}  ({folders.size(out):,} bytes)", flush=True)
    return out


def _offered(game: games.Game, chosen: Sequence[str] | None) -> dict:
    """Returns the chosen endpoints of a game, in the game's order."""
    offered = game.endpoints()
    if chosen is None:
        return offered
    for name in chosen:
        if name not in offered:
            raise ValueError(names.unknown("endpoint of this model", name, offered))
    if not chosen:
        raise ValueError(
            f"A bundle needs at least one endpoint of {', '.join(offered)}. Received: none"
        )
    return {name: endpoint for name, endpoint in offered.items() if name in chosen}


def _kernels(game: games.Game, offered: dict) -> list[keras.Variable]:
    """Returns the kernels that endpoints use."""
    used = {
        id(variable)
        for endpoint in offered.values()
        for variable in functions.function(endpoint).get_concrete_function().variables
    }
    return [
        weight
        for weight in game.variables
        if id(weight.value) in used and weight_formats.is_kernel(weight)
    ]


def _programs(
    game: games.Game,
    offered: dict,
    description: descriptions.Description,
    directory: pathlib.Path,
    version: int,
    form: forms.Form,
    kernels: Sequence[tuple[keras.Variable, weight_formats.Stored]],
) -> dict:
    """Writes the SavedModel, the ONNX graphs and the golden values; returns the manifest so far."""
    step = int(game.step.numpy())
    print(f"Exporting {description.name} at step {step}: {', '.join(offered)}", flush=True)
    goldens = functions.golden(offered)
    golden_rows.write(directory / golden_rows.FILE, goldens)
    described = functions.describe(offered, goldens)
    preprocessing = tensors.preprocessing(described, form.layout.upper())
    about = {"name": description.name, "version": version}
    path = backends.saved_model_path(directory, about)
    variables = saved_models.write(path, offered, goldens, kernels)
    print(f"  SavedModel of all endpoints: {folders.size(path):,} bytes", flush=True)
    properties = onnx_texts.properties(description.name, step, version)
    for endpoint in offered:
        graph = backends.onnx_path(directory, about, endpoint)
        onnx_graphs.write(
            graph,
            endpoint,
            offered[endpoint],
            described[endpoint],
            properties,
            game.variables,
            layout=form.layout.upper(),
            kernels=kernels,
        )
    return {
        "format": schema.FORMAT,
        **about,
        "endpoints": described,
        "classes": _classes(described),
        "prior": _prior(game.prior),
        "sampler": draws.SAMPLER,
        "preprocessing": preprocessing,
        **_from_description(description, step),
        "versions": manifests.versions(),
        "limits": schema.LIMITS,
        "golden": {
            "file": golden_rows.FILE,
            "rows": golden_rows.ROWS,
            "batches": list(golden_rows.BATCHES),
            "tolerance": golden_rows.TOLERANCE,
        },
        "sizes": {
            "variables": sum(
                variable.shape.num_elements() * tf.as_dtype(variable.dtype).size
                for variable in variables
            ),
            "saved_model": folders.size(path),
        },
    }


def _classes(described: dict) -> int | None:
    for about in described.values():
        if "label" in about["inputs"]:
            return about["inputs"]["label"]["range"][1] + 1
    return None


def _from_description(description: descriptions.Description, step: int) -> dict:
    """Returns the parts of a manifest that come from the description."""
    paper = {"paper": description.paper} if description.paper else {}
    return {
        "finished": description.finished,
        "licence": description.licence,
        "commit": description.commit,
        "provenance": description.provenance,
        "data": dict(description.data),
        "source": {**paper, "step": step, **description.training},
        "metrics": list(description.metrics),
    }


def _prior(prior: priors.Prior | None) -> dict | None:
    if prior is None:
        return None
    bounds = None if prior.bounds is None else [float(bound) for bound in prior.bounds]
    return {"name": prior.name, "size": prior.size, "bounds": bounds}
