"""The page of a bundle: what it holds, and what of it a stranger could have written."""

import html
import json
import re
import shutil

import numpy as np
import pytest

import configs
import zoo
from export.runtime import files
from train import bundles, loop, runs
from train.inference import walks
from train.report import bundle_page
from zoo import __main__, trained

TINY = [
    "train.epochs=1",
    "train.steps_per_epoch=2",
    "game.generator=mlp_generator",
    "game.generator.units=4",
    "game.critic=mlp_critic",
    "game.critic.units=4",
    "game.prior.size=5",
]
MEASURED = {
    "metric": "fd_mnist_features",
    "value": 1.625,
    "standard_error": 0.037,
    "step": 2,
    "protocol": {"samples": 10},
    "beside": {"<b>": 1},
    "seconds": 1.0,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(run, bundle) of a game without labels."""
    place = tmp_path_factory.mktemp("report")
    run = runs.Run(place / "digits")
    loop.train(configs.load("dcgan_digits").override(TINY), run, asked="cpu", verbose=False)
    run.metrics.write_text(json.dumps(MEASURED) + "\n")
    return run, bundles.write(run, place / "bundle")


def text(path):
    page = re.sub("<style>.*?</style>|<[^>]*>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(html.unescape(page).split())


def test_it_shows_samples_a_walk_the_endpoints_numbers_and_settings(made, tmp_path):
    _, bundle = made
    path = bundle_page.write(bundle, tmp_path / "page.html")
    shown = text(path)
    assert "dcgan_digits" in shown and "step 2" in shown and "version 1" in shown
    assert "generate z float32 [B, 5] image float32 [B, 8, 8, 1] in [-1, 1]" in shown
    assert "fd_mnist_features 1.625 ± 0.037" in shown.replace("_ ", "_")
    page = path.read_text()
    assert page.count('src="data:image/png;base64,') == 2
    assert "<script" not in page and "<b>" not in page


def test_the_walk_of_a_bundle_is_that_of_its_game(made):
    from train import checkpoints

    run, bundle = made
    game, opened = checkpoints.load_game(run), zoo.load(bundle)
    rows = trained.row_seeds(3, 7)
    for model in (game, opened):
        np.testing.assert_allclose(
            model.generate(model.latents(rows)), model.sample(7, seed=3), rtol=0, atol=1e-6
        )
    of_game, of_bundle = (
        walks.between_samples(model, seed=3, count=2, steps=4) for model in (game, opened)
    )
    np.testing.assert_allclose(of_bundle, of_game, rtol=0, atol=1e-5)


def test_zoo_report_writes_next_to_the_bundle_and_leaves_it_whole(made, capsys):
    _, bundle = made
    assert __main__.main(["report", str(bundle)]) == 0
    page = bundle.with_name("bundle.html")
    assert capsys.readouterr().out == f"{page}\n"
    assert page.is_file()
    zoo.load(bundle)  # refuses a file too many


def test_a_damaged_bundle_is_refused_and_no_page_is_written(made, tmp_path, capsys):
    _, bundle = made
    damaged = shutil.copytree(bundle, tmp_path / "damaged")
    files.write_text(damaged / "extra.txt", "x")
    assert __main__.main(["report", str(damaged)]) == 2
    assert "extra.txt" in capsys.readouterr().err
    assert not (tmp_path / "damaged.html").exists()


def test_a_bundle_that_does_not_sample_has_a_page_that_says_so(made, tmp_path):
    run, _ = made
    bundle = bundles.write(run, tmp_path / "critic", endpoints=["features"])
    shown = text(bundle_page.write(bundle))
    assert "This bundle does not sample" in shown and "features" in shown


def test_rows_of_a_conditional_bundle_are_classes(tmp_path):
    run = runs.Run(tmp_path / "run")
    tiny = ["train.epochs=1", "train.steps_per_epoch=1"]
    experiment = configs.load("conditional_vae_digits").override(tiny)
    loop.train(experiment, run, asked="cpu", verbose=False)
    page = text(bundle_page.write(bundles.write(run, tmp_path / "bundle")))
    assert "each row is a class" in page
