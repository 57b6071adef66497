"""Routes for people: samples as a picture, the index page, model cards and web pages."""

import asyncio
import io
import pathlib

import numpy as np
import orjson
from PIL import Image
from starlette import requests, responses

from export.runtime import backends, grids, layouts
from export.server import answers, faults, served, tensors, tf_serving
from zoo import trained

FORMATS = ("png", "npz", "json")
_KEYS = ("seed", "num", "format", "label")
# the page holds its style sheet; its pictures are samples of this server
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'"


async def sample(request: requests.Request) -> responses.Response:
    """GET /v1/models/NAME[/versions/V]:sample?seed=7&num=16&format=png|npz|json[&label=3]"""
    with tf_serving.model_of(request) as model:
        if "sample" not in model.endpoints:
            raise faults.Fault(404, f"{model.name!r} draws no samples: it has no such endpoint")
        inputs, kind = _asked(request, model)
        outputs = await answers.outputs(request, model, "sample", inputs, text=kind == "json")
        if kind == "json":
            return answers.Answer(await answers.encoded(outputs, lambda: _json(inputs, outputs)))
        if kind == "npz":
            content = await asyncio.to_thread(_npz, {**inputs, **outputs})
            headers = {"Content-Disposition": f'attachment; filename="{model.name}.npz"'}
            return answers.Answer(content, headers=headers, media_type="application/octet-stream")
        content = await asyncio.to_thread(_png, model, outputs)
        return answers.Answer(content, media_type="image/png")


def _asked(request: requests.Request, model: served.Served) -> tuple[backends.Arrays, str]:
    """Returns the inputs that a query asks for and the format of the answer."""
    query = request.query_params
    for key in query:
        if key not in _KEYS:
            raise faults.Fault(
                400, f"A query may have the keys {', '.join(_KEYS)}. Received: {key[:60]!r}"
            )
    kind = query.get("format", "png")
    if kind not in FORMATS:
        raise faults.Fault(
            400, f"`format` must be one of {', '.join(FORMATS)}. Received: {kind[:60]!r}"
        )
    num = _integer(query, "num", 16, 1, request.app.state.limits.rows)
    seed = _integer(query, "seed", 0, 0, trained.SEEDS - 1)
    inputs = {"seed": trained.row_seeds(seed, num)}
    accepted = model.endpoints["sample"].inputs
    if "label" in accepted:
        if "label" in query:
            label = np.full(num, _integer(query, "label", 0, 0, model.classes - 1))
        else:
            label = np.arange(num) % model.classes  # as `zoo sample` has it
        inputs["label"] = label.astype(accepted["label"].dtype)
    elif "label" in query:
        raise faults.Fault(400, f"{model.name!r} takes no label. Received: `label` in the query")
    return tensors.together("sample", accepted, inputs, len(inputs["seed"])), kind


def _integer(query, key: str, default: int, low: int, high: int) -> int:
    text = query.get(key, str(default))
    if not text.isascii() or not text.isdecimal() or len(text) > 18 or not low <= int(text) <= high:
        raise faults.Fault(
            400, f"`{key}` must be an integer in [{low}, {high}]. Received: {text[:40]!r}"
        )
    return int(text)


def _json(inputs: backends.Arrays, outputs: backends.Arrays) -> bytes:
    values = {name: answers.numbers(value) for name, value in outputs.items()}
    seeds = [str(seed) for seed in inputs["seed"]]  # beyond 2**53, so as decimal strings
    labels = {"label": inputs["label"].tolist()} if "label" in inputs else {}
    return orjson.dumps({"seed": seeds, **labels, **values})


def _npz(arrays: backends.Arrays) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def _png(model: served.Served, outputs: backends.Arrays) -> bytes:
    name, x = next(iter(outputs.items()))
    value_range = model.manifest["endpoints"]["sample"]["outputs"][name]["range"]
    if layouts.of(model.manifest) == layouts.FIRST:
        x = layouts.to_last(x)
    content = io.BytesIO()
    # the fastest compression: a picture of noise gains little from a better one
    Image.fromarray(grids.picture(x, value_range)).save(content, "PNG", compress_level=1)
    return content.getvalue()


async def index(request: requests.Request) -> responses.Response:
    """GET /"""
    state = request.app.state
    page = state.page.render(
        models=[
            (name, list(versions.values()), _first_rows(next(iter(versions.values()))))
            for name, versions in state.repository.models.items()
        ],
        failures={path.name: why for path, why in state.repository.failures.items()},
        web=state.web,
    )
    return responses.HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def _first_rows(model: served.Served) -> int:
    """Returns how many samples the index page shows."""
    if "sample" not in model.endpoints:
        return 0
    shapes = [tensor.shape for tensor in model.endpoints["sample"].outputs.values()]
    return 25 if len(shapes[0]) == 3 else model.rows


async def card(request: requests.Request) -> responses.Response:
    """GET /v1/models/NAME[/versions/V]/card"""
    return responses.PlainTextResponse(tf_serving.model_of(request).card)


def web_pages(directory: pathlib.Path, models: list[str]) -> dict[str, pathlib.Path]:
    """Returns the folder of each model's web page, of those that `zoo web` wrote.

    Args:
        directory: DIR with DIR/NAME/index.html for each model, or with DIR/index.html for one
            model.
        models: Names of the models.

    Raises:
        FileNotFoundError: If there is no page in the directory.
    """
    pages = {
        name: directory / name for name in models if (directory / name / "index.html").is_file()
    }
    if not pages and len(models) == 1 and (directory / "index.html").is_file():
        pages = {models[0]: directory}
    if not pages:
        raise FileNotFoundError(
            "`web` must be a folder of pages by `zoo web`: DIR/NAME/index.html for each of the "
            f"models {', '.join(models)}, or DIR/index.html for one. Received: {directory}"
        )
    return pages
