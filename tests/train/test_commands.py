"""What the verbs hand to the functions that do the work."""

import pytest

from export.runtime import files
from train import bundles, checkpoints, loop
from train.commands import evaluate
from train.inference import codes, samples
from zoo.command import parsers, verbs


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Calls of the functions below the verbs: (arguments, options), none of which is made.

    There is a run `a`.
    """
    monkeypatch.chdir(tmp_path)
    files.write_json(tmp_path / "a" / "experiment.json", {})
    made = []
    for module, name in [
        (samples, "write"),
        (codes, "encode"),
        (codes, "reconstruct"),
        (codes, "interpolate"),
        (codes, "score"),
        (bundles, "write"),
        (loop, "train"),
    ]:
        monkeypatch.setattr(module, name, lambda *values, **options: made.append((values, options)))
    monkeypatch.setattr(checkpoints, "load_game", lambda run: (run.directory.name, run.best))
    return made


@pytest.mark.parametrize(
    ("words", "values", "options"),
    [
        ("sample a", (("a", False), "samples.png"), {"count": 64, "seed": 0, "label": None}),
        (
            "sample --best --label=7 a --num=3 --seed=2 --out=b.npz",
            (("a", True), "b.npz"),
            {"count": 3, "seed": 2, "label": 7},
        ),
        ("sample a --label=0", (("a", False), "samples.png"), {"count": 64, "seed": 0, "label": 0}),
    ],
)
def test_sample_passes_its_options(words, values, options, calls):
    assert verbs.run(words.split()) == 0
    assert calls == [(values, options)]


@pytest.mark.parametrize(
    ("words", "path", "options"),
    [
        ("encode a --input=digits", "codes.npz", {"count": 64, "seed": 0, "by": "encoder"}),
        (
            "encode a --input=digits --by=inversion --num=2",
            "codes.npz",
            {"count": 2, "seed": 0, "by": "inversion"},
        ),
        ("reconstruct a --input=digits", "reconstructions.png", {"count": 64, "seed": 0}),
        (
            "reconstruct a --input=digits --crop=6",
            "reconstructions.png",
            {"count": 64, "seed": 0, "crop": 6},
        ),
        (
            "interpolate --input=digits a --steps=3",
            "interpolations.png",
            {"count": 8, "seed": 0, "steps": 3},
        ),
        ("score a --input=digits --label=1", "scores.npz", {"count": 64, "seed": 0, "label": 1}),
    ],
)
def test_inference_verbs_pass_run_source_and_file(words, path, options, calls, capsys):
    assert verbs.run(words.split()) == 0
    ((run, *rest), passed) = calls[0]
    assert (run.directory.name, rest) == ("a", ["digits", path])
    assert passed == {"label": None, "crop": None} | options
    assert capsys.readouterr().out == f"{path}\n"


def test_train_names_the_run_for_its_config(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["train", "--config=dcgan_digits", "--set=train.epochs=2", "--set=seed=3"]
    verbs.run([*words, "--noprogress"])
    ((experiment, run), options) = calls[0]
    assert (experiment.name, experiment.train.epochs, experiment.seed) == ("dcgan_digits", 2, 3)
    assert run.directory.as_posix() == "runs/dcgan_digits"
    assert options == {"asked": "all", "cluster": None, "verbose": False}


def test_a_published_command_measures_the_same_again():
    parser = parsers.Parser("evaluate", "")
    evaluate.add_arguments(parser)
    words = "evaluate there/run --metrics=modes,parzen --num=50 --seed=1 --best --data=ring"
    values = parser.parse(words.split()[1:])
    expected = "zoo evaluate run --metrics=modes --data=ring --num=50 --seed=1 --best"
    assert evaluate._command(values, "run", "modes") == expected
