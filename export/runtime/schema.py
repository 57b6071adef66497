"""What a manifest may say: its keys, their types and bounds, and how they hang together."""

import json
import re
from collections.abc import Callable, Collection, Mapping

from export.runtime import documents, draws, golden_rows, latents, stored_weights, tensors, triton

FORMAT = 2
# the keys of docs/bundles.md; all of them are always there
KEYS = (
    *("format", "name", "version", "endpoints", "classes", "prior", "sampler", "preprocessing"),
    *("weights", "weights_format", "finished", "licence", "commit", "provenance", "data"),
    *("source", "metrics", "versions", "limits", "golden", "sizes", "signed", "files"),
)
RUNTIMES = ("saved_model", "session", "onnx")
LIMITS = {"tested_rows": golden_rows.ROWS, "triton_max_batch_size": triton.MAX_BATCH}
_WORDS = {"weights": ("averaged", "best", "last"), "weights_format": stored_weights.FORMATS}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
# letters of SPDX expressions
_LICENCE = re.compile(r"[A-Za-z0-9.+() -]{1,200}")
# a data set by its path, on the disk of whoever measures the bundle
_PLACE = re.compile(r":.*[/\\]|\.\.|^[/\\]")
_MOST_BYTES = 2**31  # of all variables, since protobuf holds no more
_MOST_CLASSES = _MOST_LATENT = 10**6


def check(manifest: dict) -> None:
    """Checks a manifest as docs/bundles.md describes it, and of `files` that it is there.

    Args:
        manifest: Object of JSON.

    Raises:
        ValueError: If a key is missing or unknown, or a value is none of those that are accepted;
            names the first one.
    """
    _check_format(manifest)
    _keys("The manifest", manifest, KEYS)
    _must("`name`", manifest["name"], _is_name, "1 to 100 letters, digits and _.-")
    _must("`version`", manifest["version"], lambda v: _is_int(v, 1, 2**31 - 1), "in [1, 2**31)")
    tensors.check_endpoints(manifest["endpoints"])
    _check_classes(manifest["classes"], manifest["endpoints"])
    _check_prior(manifest["prior"], manifest["endpoints"])
    preprocessing = tensors.preprocessing_of(manifest)
    _equal("`sampler`", manifest["sampler"], draws.SAMPLER)
    _equal("`preprocessing`", manifest["preprocessing"], preprocessing)
    _equal("`limits`", manifest["limits"], LIMITS)
    for key, words in _WORDS.items():
        _must(f"`{key}`", manifest[key], words.__contains__, f"one of {words}")
    for key in ("finished", "signed"):
        _must(f"`{key}`", manifest[key], lambda v: type(v) is bool, "true or false")
    _must("`licence`", manifest["licence"], _is_licence, "an SPDX expression or null")
    _check_commit(manifest["commit"])
    _check_golden(manifest["golden"])
    _check_sizes(manifest["sizes"])
    _check_facts(manifest)


def check_files(listed: object, expected: Collection[str]) -> None:
    """Checks the manifest's `files`: a hash and a size for each path that is expected.

    Raises:
        ValueError: If a path is missing or extra, or an entry is of another form.
    """
    _must("`files`", listed, lambda v: isinstance(v, dict), "an object")
    wrong = [f"missing {path}" for path in sorted(set(expected) - set(listed))]
    wrong += [f"extra {documents.shown(path)[1:-1]}" for path in sorted(set(listed) - {*expected})]
    if wrong:
        raise ValueError(
            "A bundle holds the files that follow from its manifest, and no others. "
            f"Received: {', '.join(wrong[:8])}"
        )
    for path, about in listed.items():
        _must(f"The entry of {path}", about, lambda v: isinstance(v, dict), "an object")
        _keys(f"The entry of {path}", about, ("sha256", "bytes"))
        _must(f"`sha256` of {path}", about["sha256"], _is_hash, "64 hexadecimal digits")
        _must(f"`bytes` of {path}", about["bytes"], lambda v: _is_int(v, 0, 2**40), "an integer")


def _check_format(manifest: dict) -> None:
    if manifest.get("format") != FORMAT or type(manifest["format"]) is not int:
        older = manifest.get("format") == 1
        raise ValueError(
            f"A bundle's manifest.json must say format {FORMAT}. Received: "
            + (
                "format 1, of an earlier state of this program; export the model again"
                if older
                else documents.shown(manifest.get("format"))
            )
        )


def _check_classes(classes: object, endpoints: dict) -> None:
    _must(
        "`classes`",
        classes,
        lambda v: v is None or _is_int(v, 1, _MOST_CLASSES),
        "null or a positive integer",
    )
    labels = [e["inputs"]["label"]["range"] for e in endpoints.values() if "label" in e["inputs"]]
    expected = [] if classes is None else [[0, classes - 1]]
    if [bounds for bounds in labels if bounds not in expected] or (expected and not labels):
        raise ValueError(
            "`label` must be in [0, classes - 1] in every endpoint that takes it, and `classes` "
            f"null if none does. Received: classes {classes}, ranges {labels}"
        )


def _check_prior(prior: object, endpoints: dict) -> None:
    if prior is None:
        return
    _must("`prior`", prior, lambda v: isinstance(v, dict), "an object or null")
    _keys("`prior`", prior, ("name", "size", "bounds"))
    name, size, bounds = prior["name"], prior["size"], prior["bounds"]
    _must("`prior.name`", name, lambda v: v is None or _is_name(v), "a word or null")
    _must("`prior.size`", size, lambda v: _is_int(v, 1, _MOST_LATENT), "a positive integer")
    _must(
        "`prior.bounds`",
        bounds,
        lambda v: v is None or tensors.are_bounds(v, float),
        "null or two finite numbers, the lower one first",
    )
    if name in latents.PRIORS and not latents.PRIORS[name].fits(size, bounds):
        raise ValueError(
            f"`prior` must have the size and the bounds of its name. Received: {prior}"
        )
    z = endpoints.get("generate", {"inputs": {}})["inputs"].get("z")
    if z and z["shape"] != [None, size]:
        raise ValueError(
            f"`z` of 'generate' must have the prior's size, {size}. Received: {z['shape']}"
        )


def _check_commit(commit: object) -> None:
    if commit is None:
        return
    _must("`commit`", commit, lambda v: isinstance(v, dict), "an object or null")
    _keys("`commit`", commit, ("hash", "date", "changed"))
    _must("`commit.hash`", commit["hash"], _is_text, "a text")
    _must("`commit.date`", commit["date"], _is_text, "a text")
    _must("`commit.changed`", commit["changed"], lambda v: type(v) is bool, "true or false")


def _check_golden(golden: object) -> None:
    _must("`golden`", golden, lambda v: isinstance(v, dict), "an object")
    fixed = {
        "file": golden_rows.FILE,
        "rows": golden_rows.ROWS,
        "batches": list(golden_rows.BATCHES),
        "tolerance": golden_rows.TOLERANCE,
    }
    _keys("`golden`", golden, (*fixed, "largest_difference"))
    _equal("`golden`", {key: golden[key] for key in fixed}, fixed)
    differences = golden["largest_difference"]
    _must("`golden.largest_difference`", differences, lambda v: isinstance(v, dict), "an object")
    _keys("`golden.largest_difference`", differences, RUNTIMES)
    for runtime, value in differences.items():
        _must(
            f"The difference of {runtime}",
            value,
            lambda v: type(v) is float and 0.0 <= v <= golden_rows.TOLERANCE,
            f"a number in [0, {golden_rows.TOLERANCE:g}]",
        )


def _check_sizes(sizes: object) -> None:
    _must("`sizes`", sizes, lambda v: isinstance(v, dict), "an object")
    _keys("`sizes`", sizes, ("variables", "saved_model"))
    for key, value in sizes.items():
        _must(f"`sizes.{key}`", value, lambda v: _is_int(v, 0, _MOST_BYTES), "in [0, 2**31]")


def _check_facts(manifest: dict) -> None:
    """Checks what the maker says: objects whose keys are free, and the few that are read."""
    _must("`provenance`", manifest["provenance"], lambda v: v is None or _is_text(v), "a text")
    for key in ("data", "source", "versions"):
        _must(f"`{key}`", manifest[key], lambda v: isinstance(v, dict), "an object")
    for name, version in manifest["versions"].items():
        _must(f"The version of {name!a}", version, _is_text, "a text")
    _must("`metrics`", manifest["metrics"], _are_objects, "an array of at most 1000 objects")
    data, step = manifest["data"], manifest["source"].get("step")
    _must("`source.step`", step, lambda v: _is_int(v, 0, 2**63 - 1), "a number of steps")
    accepted = {
        "name": (lambda v: _is_text(v) and not _PLACE.search(v), "a name without folders"),
        "split": (_is_text, "a text"),
        "count": (lambda v: _is_int(v, 0, 2**63 - 1), "a number of examples"),
        "shape": (lambda v: _is_shape(v), "an array of positive integers"),
        "value_range": (
            lambda v: v is None or tensors.are_bounds(v, int, float),
            "two numbers or null",
        ),
    }
    for key, (holds, rule) in accepted.items():
        if key in data:
            _must(f"`data.{key}`", data[key], holds, rule)


def _must(what: str, value: object, holds: Callable[[object], bool], rule: str) -> None:
    if not holds(value):
        raise ValueError(f"{what} must be {rule}. Received: {documents.shown(value)}")


def _equal(what: str, value: object, expected: object) -> None:
    # `==` takes true and 1.0 for 1
    if json.dumps(value, sort_keys=True) != json.dumps(expected, sort_keys=True):
        raise ValueError(f"{what} must be {expected}. Received: {documents.shown(value)}")


def _keys(what: str, value: Mapping, needed: Collection[str], more: Collection[str] = ()) -> None:
    missing = sorted(set(needed) - set(value))
    unknown = sorted(set(value) - set(needed) - set(more))
    if missing or unknown:
        wrong = [f"no {key!r}" for key in missing] + [f"an unknown {key!a}" for key in unknown]
        raise ValueError(
            f"{what} must have the keys {sorted(needed)}. Received: {', '.join(wrong)[:400]}"
        )


def _is_int(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 4000


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_licence(value: object) -> bool:
    return value is None or isinstance(value, str) and _LICENCE.fullmatch(value) is not None


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _is_shape(value: object) -> bool:
    return isinstance(value, list) and all(_is_int(size, 1, 2**31) for size in value)


def _are_objects(value: object) -> bool:
    return (
        isinstance(value, list) and len(value) <= 1000 and all(isinstance(v, dict) for v in value)
    )
