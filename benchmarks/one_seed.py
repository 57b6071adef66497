"""Compares what one seed gives in six runtimes, for every prior and with labels.

    python benchmarks/one_seed.py --out=results/deployment/one_seed.json

Small untrained GANs are exported, one for each prior with and without labels. Keras, the
SavedModel, the v1 session, ONNX Runtime, Node and headless Chromium compute `sample` for the same
64 seeds, the edges of 64 bits among them. In Chromium this is done twice: by the graph of `sample`,
and by the page of `zoo web`, which draws the latents in JavaScript of its own.

Node needs `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node` in a folder, named by
`--npm`; without it the script does that in a temporary folder.
"""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import browser
import measure
import numpy as np

import zoo
from export.runtime import backends, golden_rows, manifests
from export.web import onnxruntime_web, pages
from zoo.networks import mlp

PROGRAM = pathlib.Path(__file__).with_name("one_seed.mjs")
TOLERANCE = 1e-5
CLASSES = 3
PRIORS = {
    "normal": lambda: zoo.priors.normal(7),
    "uniform": lambda: zoo.priors.uniform(7, -2.0, 1.0),
    "sphere": lambda: zoo.priors.sphere(7),
}
HARNESS = """<!doctype html><script type="module">
import * as ort from "./onnxruntime-web/ort.js";
import { outputs } from "./one_seed.mjs";
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = { wasm: new URL("onnxruntime-web/ort.wasm", location.href).href };
const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
window.computed = (async () => {
  const inputs = await (await fetch("inputs.json")).json();
  return outputs(ort, await bytes("sample.onnx"), inputs);
})();
</script>"""


def game(prior: str, classes: int | None):
    """Returns a GAN of pictures of 6 x 5 pixels, with weights such that samples differ."""
    drawn, shape, value_range = PRIORS[prior](), (6, 5, 1), (-1.0, 1.0)
    return zoo.games.GAN(
        generator=mlp.generator(
            latent=drawn.size,
            shape=shape,
            value_range=value_range,
            units=(32,),
            initializer=("normal", 0.5),
            output_bias="zeros",
            classes=classes,
        ),
        critic=mlp.critic(shape=shape, units=(4,), classes=classes),
        prior=drawn,
        loss=zoo.losses.hinge(),
        value_range=value_range,
        classes=classes,
    )


def _json(inputs: dict[str, np.ndarray]) -> str:
    return json.dumps({name: [str(value) for value in array] for name, array in inputs.items()})


def _floats(text: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)


def in_node(npm: pathlib.Path, graph: pathlib.Path, inputs: dict, shape) -> np.ndarray:
    """Returns what onnxruntime-node makes of the inputs of a graph."""
    program = npm / PROGRAM.name  # next to node_modules, where Node looks for packages
    program.write_text(PROGRAM.read_text())
    done = subprocess.run(
        ["node", str(program), str(graph)],
        input=_json(inputs),
        capture_output=True,
        text=True,
        check=True,
    )
    return _floats(done.stdout, shape)


def in_chromium(folder: pathlib.Path, page, graph: pathlib.Path, inputs: dict, shape):
    """Returns what onnxruntime-web makes of the inputs of a graph in the browser."""
    (folder / "onnxruntime-web").mkdir(parents=True)
    for name, path in onnxruntime_web.find().items():
        (folder / "onnxruntime-web" / name).write_bytes(path.read_bytes())
    (folder / "one_seed.mjs").write_text(PROGRAM.read_text())
    (folder / "index.html").write_text(HARNESS)
    (folder / "inputs.json").write_text(_json(inputs))
    (folder / "sample.onnx").write_bytes(graph.read_bytes())
    with browser.served(folder) as url:
        page.open(url)
        return _floats(page.run("window.computed"), shape)


def on_the_page(folder: pathlib.Path, page, bundle: pathlib.Path) -> float:
    """Returns the largest difference that the page of the bundle says for `sample`."""
    with browser.served(pages.write(bundle, folder)) as url:
        page.open(url)
        rows = page.run("window.checked")
    return next(row["largest"] for row in rows if row["endpoint"] == "sample")


def compare(folder: pathlib.Path, prior: str, classes: int | None, npm, page) -> dict:
    """Returns the largest difference from Keras in each runtime, of one case."""
    model = game(prior, classes)
    bundle = zoo.export(model, folder / "bundle")
    manifest = manifests.read(bundle)
    inputs = {"seed": golden_rows.seeds()}
    if classes:
        inputs["label"] = np.arange(len(inputs["seed"])) % classes
    (expected,) = model.run("sample", inputs).values()
    (name,) = manifest["endpoints"]["sample"]["outputs"]
    computed = {}
    for runtime, opened in backends.RUNTIMES.items():
        with opened(bundle, manifest) as run:
            computed[runtime] = run("sample", inputs)[name]
    graph = backends.onnx_path(bundle, manifest, "sample")
    computed["node"] = in_node(npm, graph, inputs, expected.shape)
    computed["chromium"] = in_chromium(folder / "site", page, graph, inputs, expected.shape)
    largest = {
        runtime: golden_rows.difference(value, expected) for runtime, value in computed.items()
    }
    largest["page"] = on_the_page(folder / "page", page, bundle)
    spread = float(expected.std(axis=0).mean())
    return {"prior": prior, "classes": classes, "largest": largest, "spread": spread}


def installed(folder: pathlib.Path) -> pathlib.Path:
    """Installs onnxruntime-node in a folder, without the GPU libraries that it would download."""
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "onnxruntime-node"],
        cwd=folder,
        env=os.environ | {"ONNXRUNTIME_NODE_INSTALL": "skip"},
        check=True,
    )
    return folder


def _version(npm: pathlib.Path) -> str:
    package = npm / "node_modules" / "onnxruntime-node" / "package.json"
    return json.loads(package.read_text())["version"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="", help="File to write the record to.")
    parser.add_argument("--npm", type=pathlib.Path, help="Folder with onnxruntime-node.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, browser.opened() as page:
        scratch = pathlib.Path(temporary)
        npm = options.npm or installed(scratch)
        cases = [
            compare(scratch / f"{prior}_{classes}", prior, classes, npm, page)
            for prior in PRIORS
            for classes in (None, CLASSES)
        ]
        program = page.call("Browser.getVersion")["product"]
        node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
        others = {"node": node, "onnxruntime-node": _version(npm), "browser": program}
    runtimes = list(cases[0]["largest"])
    print(f"| prior | {' | '.join(runtimes)} |\n|---|{'---|' * len(runtimes)}")
    for case in cases:
        with_labels = f"{case['prior']}{', labels' if case['classes'] else ''}"
        print(f"| {with_labels} | {' | '.join(f'{v:.1e}' for v in case['largest'].values())} |")
    holds = all(value <= TOLERANCE for case in cases for value in case["largest"].values())
    measure.write(
        options.out,
        [],
        tolerance=TOLERANCE,
        holds=holds,
        first_seeds=[str(seed) for seed in golden_rows.seeds()[:8]],
        seeds_compared=golden_rows.ROWS,
        others=others | {"onnxruntime-web": onnxruntime_web.VERSION},
        cases=cases,
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
