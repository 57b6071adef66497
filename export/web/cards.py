"""What a page says of its model: a sentence, and facts as pairs of a term and a text."""

from collections.abc import Iterator

from export.runtime import layouts


def sentence(manifest: dict) -> str:
    """Returns what the model is, in one sentence.

    Example:
        >>> offered = {"sample": {"outputs": {"image": {"shape": [None, 28, 28, 1]}}}}
        >>> sentence({"endpoints": offered, "data": {"name": "mnist"}})
        'A generative model of mnist: grey pictures of 28 by 28 pixels.'
    """
    data = (manifest.get("data") or {}).get("name")
    return f"A generative model{f' of {data}' if data else ''}: {examples(manifest)}."


def examples(manifest: dict) -> str:
    """Returns what the examples are, in words."""
    outputs = [
        about["shape"]
        for name in ("sample", "generate", "reconstruct", *manifest["endpoints"])
        if name in manifest["endpoints"]
        for about in manifest["endpoints"][name]["outputs"].values()
    ]
    shape = outputs[0][1:]
    if len(shape) == 3:
        if layouts.of(manifest) == layouts.FIRST:
            shape = [*shape[1:], shape[0]]
        kind = "grey" if shape[2] == 1 else "colour"
        return f"{kind} pictures of {shape[0]} by {shape[1]} pixels"
    places = {1: "on the line", 2: "in the plane"}
    return f"points {places.get(shape[0], f'of {shape[0]} numbers')}"


def facts(manifest: dict) -> list[list[str]]:
    """Returns what the manifest says of the model, as [term, text]."""
    return [[term, str(text)] for term, text in _facts(manifest) if text is not None]


def _facts(manifest: dict) -> Iterator[tuple[str, object]]:
    source, data = manifest.get("source") or {}, manifest.get("data") or {}
    yield "Model", f"{manifest['name']}, version {manifest['version']}"
    yield "Method", (source.get("game") or {}).get("name")
    yield "Paper", source.get("paper")
    if data.get("name"):
        count = f", {data['count']:,} examples" if data.get("count") else ""
        split = f", split {data['split']}" if data.get("split") else ""
        yield "Trained on", f"{data['name']}{split}{count}"
    if source.get("step") is not None:
        unfinished = "" if manifest.get("finished", True) else "; the training was not finished"
        yield "Steps", f"{source['step']:,}{unfinished}"
    yield "Weights", manifest.get("weights")
    if manifest.get("prior"):
        yield "Latents", f"{manifest['prior']['size']}, {manifest['prior']['name']}"
    yield "Licence of the weights", manifest.get("licence") or "none is stated"
    if manifest.get("commit"):
        yield "Commit of the program", manifest["commit"]["hash"][:12]
