"""The model card: README.md of a bundle."""

import json

from export.runtime import layouts, snippets, tensors

_WEIGHTS = {
    "last": "those of the last step",
    "averaged": "the moving averages over the steps",
    "best": "those of the best checkpoint, averaged where the optimizers average",
}


def write(manifest: dict) -> str:
    """Returns the card of a bundle; what the manifest does not say is left out.

    Args:
        manifest: Manifest of the bundle, with the largest differences that were measured.
    """
    sections = {
        f"# {manifest['name']}, version {manifest['version']}": _summary(manifest),
        "## How it was trained": _training(manifest),
        "## Numbers": _numbers(manifest),
        "## Licences": _licences(manifest),
        "## Use": snippets.lines(manifest),
    }
    return "\n".join(line for title, lines in sections.items() for line in (title, "", *lines, ""))


def _summary(manifest: dict) -> list[str]:
    source, data = manifest["source"], manifest["data"]
    lines = []
    if "name" in data:
        examples = f": examples {list(data['shape'])}" if "shape" in data else ""
        if examples and "value_range" in data:
            bounds = data["value_range"]
            examples += f" in {list(bounds)}" if bounds else ", unbounded"
        lines += [f"A generative model of `{data['name']}`{examples}."]
    game = source.get("game")
    if game:
        after = f" after {source['paper']}" if "paper" in source else ""
        lines += [f"Game `{game['name'] if isinstance(game, dict) else game}`{after}."]
    elif "paper" in source:
        lines += [f"After {source['paper']}."]
    lines += [manifest["provenance"]] if manifest["provenance"] else []
    if not manifest["finished"]:
        lines += ["**The training was not finished when this bundle was made.**"]
    return [
        *(lines + [""] if lines else []),
        "| endpoint | inputs | outputs |",
        "|---|---|---|",
        *(
            f"| {name} | {tensors_text(about['inputs'])} | {tensors_text(about['outputs'])} |"
            for name, about in manifest["endpoints"].items()
        ),
        "",
        "`B` is the number of rows; a row's outputs depend on its own inputs only.",
        *_pixels(manifest["preprocessing"]),
        *_latents(manifest),
    ]


def _pixels(about: dict | None) -> list[str]:
    if about is None:
        return []
    height, width = about["size"]
    pixel = f"A pixel from 0 to 255 becomes {about['offset']:g} + {about['scale']:.7g} * pixel."
    if (about["scale"], about["offset"]) == (1.0, 0.0):
        pixel = "Its values are the pixels, from 0 to 255."
    axes = f"[{height}, {width}, {about['channels']}], rows first and channels last"
    if about["layout"] == layouts.FIRST:
        axes = f"[{about['channels']}, {height}, {width}], channels first, then rows"
    return [f"An image is {axes}. {pixel}"]


def _latents(manifest: dict) -> list[str]:
    prior, sampler = manifest["prior"], manifest["sampler"]
    if prior is None:
        return []
    bounds = f" in {_bounds(prior['bounds'])}" if prior["bounds"] else ""
    return [
        f"A latent has {prior['size']} numbers{bounds}, drawn from the prior "
        f"`{prior['name'] or 'of the model'}`; a seed is a draw of `{sampler['name']}`, version "
        f"{sampler['version']}."
    ]


def _bounds(bounds: list) -> str:
    low, high = (str(bound) if isinstance(bound, int) else f"{bound:g}" for bound in bounds)
    return f"[{low}, {high}]"


def _training(manifest: dict) -> list[str]:
    source, data = manifest["source"], manifest["data"]
    facts = [
        f"`{data['name']}`" if "name" in data else None,
        f"split `{data['split']}`" if "split" in data else None,
        f"{data['count']} examples" if "count" in data else None,
        f"{source['batch_size']} in a move" if "batch_size" in source else None,
    ]
    facts = [fact for fact in facts if fact]
    epochs = f" (the experiment's epochs: {source['epochs']})" if "epochs" in source else ""
    seed = f", seed {source['seed']}" if "seed" in source else ""
    lines = [f"- data: {', '.join(facts)}"] if facts else []
    lines += [f"- steps: {source['step']:,}{epochs}{seed}"]
    stored, form = "", manifest["weights_format"]
    if form != "float32":
        stored = f", kernels stored as {form} and computed with in float32"
    lines += [f"- weights: {_WEIGHTS[manifest['weights']]}{stored}"]
    commit = manifest["commit"]
    if commit:
        changed = ", with changes" if commit["changed"] else ""
        lines += [f"- code: commit {commit['hash']}{changed}"]
    for part in ("game", "optimizers"):
        lines += [f"- {part}: `{json.dumps(source[part])}`"] if part in source else []
    versions = source.get("versions", {})
    if versions:
        lines += ["- with: " + ", ".join(f"{name} {text}" for name, text in versions.items())]
    return lines


def _numbers(manifest: dict) -> list[str]:
    golden = manifest["golden"]
    differences = golden["largest_difference"].items()
    return [
        *(
            [f"    {json.dumps(line)}" for line in manifest["metrics"]]
            or ["No metric of this model is recorded."]
        ),
        "",
        "Largest difference from the trained game, at batch "
        f"{', '.join(map(str, golden['batches']))}: "
        + ", ".join(f"{runtime} {value:.1g}" for runtime, value in differences)
        + f". Accepted: {golden['tolerance']:g}, relative to a row's largest value where that is "
        f"above 1{_levels(manifest)}. `golden.npz` has the inputs and outputs.",
    ]


def _levels(manifest: dict) -> str:
    if not tensors.has_pixels(manifest["endpoints"]):
        return ""
    return "; no pixel may be off by more than one level, and 1e-05 stands for 0.5 % of them"


def _licences(manifest: dict) -> list[str]:
    lines = ["The program that made this bundle is under Apache-2.0."]
    if "name" in manifest["data"]:
        lines += [
            f"The weights were made from `{manifest['data']['name']}`: the terms of that data apply"
            " to what is done with them."
        ]
    if manifest["licence"]:
        return [*lines, f"The licence of the weights: {manifest['licence']}."]
    return [
        *lines,
        "Whoever trained the weights says under which licence they are. "
        "No licence is granted here.",
    ]


def tensors_text(described: dict) -> str:
    """Returns inputs or outputs as text: name, type, shape and range of each."""

    def one(name, about):
        shape = ", ".join(["B", *map(str, about["shape"][1:])])
        return f"`{name}` {about['dtype']} [{shape}]" + (
            f" in {_bounds(about['range'])}" if about["range"] else ""
        )

    return "; ".join(one(name, about) for name, about in described.items())
