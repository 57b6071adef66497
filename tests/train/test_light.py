"""What the base install alone does: verbs over bundles, and sentences that name a missing extra.

The programs run in an environment that has links to the distributions of the base install, and
to nothing else.
"""

import configparser
import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
from packaging import requirements
from PIL import Image
from sklearn import datasets

import configs
from train import bundles
from zoo import __main__, extras

ROOT = pathlib.Path(__file__).parents[2]
HEAVY = ("tensorflow", "keras", "tensorflow_datasets", "scipy", "sklearn", "jinja2", "onnx")
# calls the command on each list of words; says what each returned, printed and imported
PROGRAM = """
import contextlib, io, json, sys
from zoo import __main__
for words in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = __main__.main(words)
    heavy = sorted(set(json.loads(sys.argv[2])) & set(sys.modules))
    print(json.dumps([code, out.getvalue(), err.getvalue(), heavy]))
"""


def base():
    """The names of the distributions that the base install brings, with what they need."""
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg")
    lines = parsed["options"]["install_requires"].splitlines()
    waiting, known = [line for line in lines if line and not line.startswith("#")], set()
    while waiting:
        name = re.match(r"[\w.-]+", waiting.pop())[0]
        if name not in known:
            known.add(name)
            needed = importlib.metadata.requires(name) or []
            asked = [requirements.Requirement(line) for line in needed]
            # what another system or an extra needs is not installed
            here = [
                one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})
            ]
            waiting += [one.name for one in here]
    return known


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """A function that runs a Python program in an environment of the base install alone."""
    site = tmp_path_factory.mktemp("site")
    for name in base():
        for file in importlib.metadata.files(name):
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (site / top).exists():
                (site / top).symlink_to(
                    file.locate().parents[len(file.parts) - 2] if file.parts[1:] else file.locate()
                )
    start = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(site)!r}]\n"

    def run(program, *words):
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", start + program, *words],
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def called(run, *commands):
    """What the command returned, printed and imported in one process, for each list of words."""
    words = [list(map(str, command)) for command in commands]
    done = run(PROGRAM, json.dumps(words), json.dumps(HEAVY))
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def whole(program, *words):
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def places(untrained, tmp_path_factory):
    """An untrained run of a small autoencoder on 8x8 images, its bundle, and a file of digits."""
    folder = tmp_path_factory.mktemp("places")
    experiment = configs.load("vae_digits").override(
        ["game.encoder.units=[16]", "game.decoder.units=[16]"]
    )
    run = untrained(folder / "run", experiment, shape=[8, 8, 1], value_range=[0.0, 1.0])
    bundles.write(run, folder / "bundle")
    digits = np.rint(datasets.load_digits().images[:40] * (255 / 16)).astype(np.uint8)
    np.savez(folder / "digits.npz", train=digits[:30], test=digits[30:])
    (folder / "pictures").mkdir()
    for row, image in enumerate(digits[:6]):
        Image.fromarray(image.repeat(2, axis=0)).save(folder / "pictures" / f"{row}.png")
    return folder


COMMANDS = {
    "sample": ["--num=5", "--seed=3"],
    "encode": ["--input=DIGITS", "--num=5"],
    "reconstruct": ["--input=DIGITS", "--num=5"],
    "interpolate": ["--input=PICTURES", "--num=2", "--steps=3"],
    "score": ["--input=PICTURES", "--num=5", "--seed=1"],
}


def words(verb, folder, place, out):
    given = {"DIGITS": f"npz:{folder / 'digits.npz'}", "PICTURES": str(folder / "pictures")}
    options = [re.sub("DIGITS|PICTURES", lambda m: given[m[0]], word) for word in COMMANDS[verb]]
    return [verb, folder / place, *options, f"--out={out}"]


def test_verbs_give_of_a_bundle_what_they_give_of_its_run(light, places, tmp_path):
    commands = [words(verb, places, "bundle", tmp_path / f"{verb}.npz") for verb in COMMANDS]
    for name, run in (("light", light), ("whole", whole)):
        for verb, (code, out, err, heavy) in zip(COMMANDS, called(run, *commands)):
            assert (code, err, heavy) == (0, "", []), (name, verb)
            assert out.splitlines()[-1] == str(tmp_path / f"{verb}.npz")
    for verb in COMMANDS:
        assert __main__.main([*map(str, words(verb, places, "run", tmp_path / "run.npz"))]) == 0
        with np.load(tmp_path / "run.npz") as run, np.load(tmp_path / f"{verb}.npz") as bundle:
            assert sorted(run) == sorted(bundle)
            for name in run:
                assert run[name].dtype == bundle[name].dtype
                # a level of uint8 may round to its neighbour, and a score is a sum over pixels
                tolerance = {"images": 1.0 if verb == "sample" else 1e-5, "scores": 1e-4}
                np.testing.assert_allclose(
                    run[name].astype(float),
                    bundle[name].astype(float),
                    rtol=0,
                    atol=tolerance.get(name, 1e-5),
                )


def test_pictures_have_the_same_size_as_those_of_the_run(light, places, tmp_path):
    pictures = ("sample", "reconstruct", "interpolate")
    called(light, *[words(verb, places, "bundle", tmp_path / f"{verb}.png") for verb in pictures])
    for verb in pictures:
        assert __main__.main([*map(str, words(verb, places, "run", tmp_path / "run.png"))]) == 0
        sizes = [Image.open(tmp_path / f"{name}.png").size for name in (verb, "run")]
        assert sizes[0] == sizes[1]


def test_a_bundle_is_measured_next_to_a_file(light, places, tmp_path):
    options = [f"--data=npz:{places / 'digits.npz'}", "--num=5", "--noprogress"]
    command = ["evaluate", places / "bundle", *options]
    metrics = ("sliced_wasserstein", "parzen")
    measured = called(
        light,
        *[[*command, f"--metrics={name}", f"--out={tmp_path / name}.json"] for name in metrics],
    )
    assert [(code, err, heavy) for code, _, err, heavy in measured] == [(0, "", [])] * 2
    for name in metrics:
        record = json.loads((tmp_path / f"{name}.json").read_text())
        assert record["metric"] == name and np.isfinite(record["value"])


MISSING = [
    ["train", "--config=dcgan_digits"],
    ["demo"],
    ["verify"],
    ["export", "RUN", "--out=out"],
    ["report", "RUN"],
    ["compare", "RUN"],
    ["sample", "RUN"],
    ["evaluate", "RUN", "--metrics=modes"],
    ["evaluate", "BUNDLE", "--metrics=fd_mnist_features"],
    ["encode", "BUNDLE", "--input=mnist"],
    ["encode", "BUNDLE", "--input=digits"],
    ["serve", "BUNDLE"],
]


def test_what_needs_an_extra_says_which(light, places, tmp_path):
    given = {"RUN": places / "run", "BUNDLE": places / "bundle"}
    commands = [[given.get(word, word) for word in command] for command in MISSING]
    for command, (code, out, err, _) in zip(MISSING, called(light, *commands)):
        assert (code, out) == (2, ""), command
        assert err.count("\n") == 1 and err.startswith(f"zoo {command[0]}: "), command
        extra = "serve" if command[0] == "serve" else "train"
        assert f"`pip install 'keras-generative-zoo[{extra}]'`" in err, command


@pytest.mark.parametrize("part", ["zoo.games.GAN", "zoo.losses.hinge", "zoo.metrics.copies"])
def test_a_part_of_the_library_says_which_extra_it_needs(light, part):
    done = light(f"import zoo\ntry:\n    {part}\nexcept ModuleNotFoundError as error: print(error)")
    assert (
        f"`{part.rpartition('.')[0] if part != 'zoo.metrics.copies' else part}` needs"
        in done.stdout
    )
    assert "pip install 'keras-generative-zoo[train]'" in done.stdout


def test_the_table_of_extras_is_that_of_the_install():
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg")
    owners = importlib.metadata.packages_distributions()
    for extra, (_, modules) in extras.EXTRAS.items():
        lines = parsed["options.extras_require"][extra].splitlines()
        declared = {re.match(r"[\w-]+", line)[0].lower() for line in lines if line[:1].isalpha()}
        assert {owners[module][0].lower() for module in modules} <= declared, extra
