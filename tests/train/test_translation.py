"""Two domains from the command to the bundle: grids of both directions, and both exported."""

import configs
import zoo
from train import bundles, loop, runs
from train.data import sources

SMALL = ["train.epochs=1", "train.steps_per_epoch=2", "train.samples=4"]


def test_a_translation_trains_shows_and_exports_both_directions(tmp_path):
    run = runs.Run(tmp_path / "run")
    experiment = configs.load("cycle_gan_digits").override(SMALL)
    assert loop.train(experiment, run, verbose=False) == 0
    assert sorted(path.name for path in run.samples.iterdir()) == [
        "step_00000002_a_to_b.png",
        "step_00000002_b_to_a.png",
    ]
    bundle = zoo.load(bundles.write(run, tmp_path / "bundle"))
    x = sources.examples(sources.load("digits"), 3)["x"]
    assert bundle.offered() == {"a_to_b": ("a",), "b_to_a": ("b",)}
    assert bundle.run("b_to_a", {"b": -x})["image"].shape == x.shape
