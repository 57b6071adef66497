"""The page in headless Chromium: its numbers, its pictures, and what it says when it fails."""

import shutil

import keras
import numpy as np

import zoo
from export.web import pages

PIXELS = """
[...document.querySelectorAll(".cell canvas")].map((canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return Array.from(data.filter((_, i) => i % 4 === 0));
})
"""
STATUS = "document.getElementById('status').textContent"


def test_the_browser_gives_the_golden_values_and_pythons_pixels(
    real_page, bundle, chromium, served
):
    with served(real_page) as url:
        chromium.open(f"{url}#seed=7")
        checked = chromium.run("window.checked")
        pixels = np.array(chromium.run(PIXELS))
        status = chromium.run(STATUS)
        requested = chromium.requested()
    assert [row["endpoint"] for row in checked] == ["sample", "generate"]
    assert all(row["rows"] == 16 and row["largest"] <= 1e-5 for row in checked)
    assert status.startswith("Checked: this browser computes what the trained model computed.")
    x = zoo.load(bundle).sample(36, seed=7)
    levels = 255 * (x.reshape(36, -1).astype(np.float64) + 1) / 2
    assert pixels.shape == levels.shape and pixels.std() > 1
    # to the nearest level; a value near a border may fall on either side
    assert np.max(np.abs(pixels - levels)) <= 0.5 + 255 * 1e-5
    assert chromium.complaints() == []
    assert requested and all(address.startswith(url) for address in requested)


def test_sliders_seeds_and_choices_change_what_is_shown(real_page, chromium, served):
    shown = "document.querySelector('#explore canvas').toDataURL()"
    changed = """
        new Promise((done) => {
          const look = () => (SHOWN === "OLD" ? requestAnimationFrame(look) : done(SHOWN));
          look();
        })
    """.replace("SHOWN", shown)
    with served(real_page) as url:
        chromium.open(url)
        chromium.run("window.checked")
        pictures = [chromium.run(shown)]
        for act in (
            "const s = document.getElementById('direction-0'); s.value = 2; s.oninput()",
            "document.querySelectorAll('.cell')[5].click()",
            "const s = document.getElementById('seed'); s.value = '9007199254740993'; s.onchange()",
        ):
            chromium.run(f"(() => {{ {act} }})()")
            pictures.append(chromium.run(changed.replace("OLD", pictures[-1])))
        message = "document.querySelector('#samples .message').textContent"
        assert chromium.run(message) == ""
        seed = "document.getElementById('seed')"
        chromium.run(f"(() => {{ {seed}.value = 'x'; {seed}.onchange() }})()")
        assert chromium.run(message).startswith("A seed is a whole number from 0 to")
        assert chromium.run("document.documentElement.scrollWidth <= innerWidth")
    assert len(set(pictures)) == 4


def test_a_changed_model_is_noticed(real_page, chromium, served, tmp_path):
    copy = shutil.copytree(real_page, tmp_path / "page")
    content = bytearray((copy / "model/goldens.bin").read_bytes())
    numbers = np.frombuffer(content, np.float32)
    numbers[-1] += 0.01
    (copy / "model/goldens.bin").write_bytes(content)
    with served(copy) as url:
        chromium.open(url)
        chromium.run("window.checked")
        assert "something else than the trained model (generate)" in chromium.run(STATUS)


def test_a_missing_graph_is_a_sentence(real_page, chromium, served, tmp_path):
    copy = shutil.copytree(real_page, tmp_path / "page")
    (copy / "model/page.json").unlink()
    with served(copy) as url:
        chromium.open(url)
        chromium.run("window.checked.catch(() => null)")
        said = chromium.run(STATUS)
    assert said == "The file model/page.json of this page could not be read."


def test_pixels_with_the_channels_first_are_shown_as_they_are(
    real_page, chromium, served, tmp_path
):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    generator = keras.Sequential(
        [keras.Input([3]), layers.Dense(24, activation="tanh"), layers.Reshape([4, 2, 3])]
    )
    critic = keras.Sequential([keras.Input([4, 2, 3]), layers.Flatten(), layers.Dense(1)])
    parts = {"prior": zoo.priors.normal(3), "loss": zoo.losses.non_saturating()}
    game = zoo.games.GAN(generator=generator, critic=critic, **parts)
    bundle = zoo.export(game, tmp_path / "bundle", output="uint8", layout="nchw")
    with served(pages.write(bundle, tmp_path / "page")) as url:
        chromium.open(f"{url}#seed=7")
        checked = chromium.run("window.checked")
        reds = np.array(chromium.run(PIXELS))
    assert {row["endpoint"] for row in checked} == {"sample", "generate"}
    assert all(row["largest"] <= 1e-5 for row in checked)
    expected = zoo.load(bundle).sample(36, seed=7)[:, 0].reshape(36, -1).astype(int)
    assert reds.std() > 1 and np.max(np.abs(reds - expected)) <= 1
