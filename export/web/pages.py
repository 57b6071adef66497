"""Writes the page of a bundle: one folder of static files, which needs nothing from elsewhere."""

import json
import os
import pathlib
import shutil

from export.runtime import backends, bundles, golden_rows, layouts, manifests, partials
from export.web import cards, directions, goldens, onnxruntime_web, routes

STATIC = pathlib.Path(__file__).parent / "static"
PAGE, GOLDENS = "page.json", "goldens.bin"


def write(
    bundle: str | os.PathLike,
    out: str | os.PathLike,
    *,
    onnxruntime_package: str | os.PathLike | None = None,
) -> pathlib.Path:
    """Writes the page of a bundle.

    Args:
        bundle: Directory of the bundle.
        out: Directory of the page; must not exist.
        onnxruntime_package: Folder of an installed npm package onnxruntime-web; None for the
            user's cache, which the npm registry fills.

    Returns:
        The page's directory.

    Raises:
        FileExistsError: If `out` exists.
        OSError: If there is no such bundle, or the npm registry is needed and cannot be reached.
        ValueError: If the bundle is damaged or has nothing that a page shows, or the package is
            not the pinned release.
    """
    out = pathlib.Path(out)
    manifests.refuse_existing(out)
    opened = bundles.load(bundle)
    known = golden_rows.read(opened.path / golden_rows.FILE)
    plan = routes.plan(opened, known, goldens.ROWS)
    runtime = onnxruntime_web.find(onnxruntime_package)
    with partials.directory(out) as partial:
        shutil.copytree(STATIC, partial, dirs_exist_ok=True)
        for name, path in runtime.items():
            _copy(path, partial / "onnxruntime-web" / name)
        packed, places = goldens.pack({name: known[name] for name in plan})
        page = describe(opened, plan) | {"goldens": places}
        for endpoint, graph in page["graphs"].items():
            source = backends.onnx_path(opened.path, opened.manifest, endpoint)
            _copy(source, partial / graph["path"])
        (partial / "model" / GOLDENS).write_bytes(packed)
        (partial / "model" / PAGE).write_text(json.dumps(page, indent=1) + "\n")
    return out


def describe(bundle: bundles.Bundle, plan: dict[str, list[str]]) -> dict:
    """Returns what page.json says, but for the places of the golden rows.

    Args:
        bundle: An open bundle.
        plan: Its routes.
    """
    manifest = bundle.manifest
    endpoints = sorted({name for way in plan.values() for name in way if name != routes.PRIOR})
    paths = {name: backends.onnx_path(bundle.path, manifest, name) for name in endpoints}
    return {
        "name": manifest["name"],
        "sentence": cards.sentence(manifest),
        "examples": cards.examples(manifest),
        "facts": cards.facts(manifest),
        "classes": bundle.classes(),
        "prior": manifest.get("prior"),
        "routes": plan,
        "endpoints": {name: manifest["endpoints"][name] for name in {*endpoints, *plan}},
        "graphs": {
            name: {"path": f"model/{name}.onnx", "bytes": path.stat().st_size}
            for name, path in paths.items()
        },
        "layout": layouts.of(manifest),
        "directions": directions.find(bundle) if routes.PRIOR in plan.get("sample", ()) else None,
        "tolerance": manifest["golden"]["tolerance"],
        "onnxruntime_web": onnxruntime_web.VERSION,
    }


def _copy(source: pathlib.Path, target: pathlib.Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
