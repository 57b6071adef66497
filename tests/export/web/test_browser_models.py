"""Pages of a model with labels and an encoder, and of points, in headless Chromium."""

import numpy as np
import pytest

import zoo
from zoo import networks

SIDE, CLASSES = 6, 3
FRAME = "new Promise((go) => requestAnimationFrame(go))"
# what a canvas shows: the red of its pixels, or how opaque they are
SHOWN = """
[...document.querySelectorAll("SELECTOR")].map((canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return Array.from(data.filter((_, i) => i % 4 === CHANNEL));
})
"""


def shown(chromium, selector, channel=0):
    script = SHOWN.replace("SELECTOR", selector).replace("CHANNEL", str(channel))
    return np.array(chromium.run(script), np.float64)


def complaints(chromium):
    """Returns what the console complains of, but for the many times that a test reads a canvas."""
    return [text for text in chromium.complaints() if "willReadFrequently" not in text]


def until(chromium, condition):
    """Waits until a condition holds in the page, which shows what it computes when it can."""
    chromium.run(
        f"new Promise((go) => {{ const look = () => (({condition}) ? go() : "
        "requestAnimationFrame(look)); look(); })"
    )


def assert_is_picture(levels, x):
    """Levels from 0 to 255 are the nearest to values in [0, 1]; at a border it may be either."""
    assert levels.shape == x.shape and levels.std() > 1
    assert np.max(np.abs(levels - 255 * x.astype(np.float64))) <= 0.5 + 255 * 1e-5


@pytest.fixture(scope="module")
def labelled(tmp_path_factory, written):
    """A variational autoencoder of pictures of 6 x 6 pixels and 3 classes, and its page."""
    shape = SIDE, SIDE, 1
    weights = {"units": (16,), "initializer": ("normal", 0.5), "classes": CLASSES}
    game = zoo.games.VAE(
        encoder=networks.mlp.encoder(latent=4, shape=shape, **weights),
        decoder=networks.mlp.generator(
            latent=4, shape=shape, value_range=None, output_bias="zeros", **weights
        ),
        prior=zoo.priors.normal(4),
        likelihood=zoo.likelihoods.bernoulli(),
        classes=CLASSES,
    )
    out = tmp_path_factory.mktemp("labelled") / "bundle"
    description = zoo.Description(name="labelled")
    bundle = zoo.export(
        game,
        out,
        description=description,
        endpoints=["generate", "sample", "encode", "reconstruct"],
    )
    return zoo.load(bundle), written(bundle)


@pytest.fixture(scope="module")
def points(tmp_path_factory, written):
    """A GAN of points in the plane, and its page."""
    weights = {"units": (16,), "initializer": ("normal", 1.0)}
    game = zoo.games.GAN(
        generator=networks.mlp.generator(latent=3, shape=(2,), value_range=None, **weights),
        critic=networks.mlp.critic(shape=(2,), **weights),
        prior=zoo.priors.normal(3),
        loss=zoo.losses.hinge(),
        value_range=None,
    )
    out = tmp_path_factory.mktemp("points") / "bundle"
    bundle = zoo.export(game, out, endpoints=["sample", "generate"])
    return zoo.load(bundle), written(bundle)


def checked(chromium, *endpoints):
    """Waits for the page's own check, of these endpoints at least."""
    rows = chromium.run("window.checked")
    assert {row["endpoint"] for row in rows} >= set(endpoints)
    assert all(row["rows"] == 16 and row["largest"] <= 1e-5 for row in rows)
    assert chromium.run("document.getElementById('status').dataset.kind") == "good"


def test_samples_of_all_classes_and_of_one_are_pythons(labelled, chromium, served):
    bundle, page = labelled
    with served(page) as url:
        chromium.open(f"{url}#seed=7")
        checked(chromium, "sample", "generate")
        everything = shown(chromium, ".cell canvas")
        names = chromium.run("[...document.querySelectorAll('.cell')].map((c) => c.title)")
        chromium.run("document.querySelector('[name=label][value=\"2\"]').click()")
        until(chromium, "document.querySelector('.cell').title.endsWith('class 2')")
        one = shown(chromium, ".cell canvas")
        address = chromium.run("location.hash")
    labels = np.arange(36) % CLASSES
    assert [int(name.split("class ")[1]) for name in names] == labels.tolist()
    assert_is_picture(everything, bundle.sample(36, seed=7, label=labels).reshape(36, -1))
    assert_is_picture(one, bundle.sample(36, seed=7, label=2).reshape(36, -1))
    assert address == "#seed=7&label=2" and complaints(chromium) == []


def test_what_is_drawn_is_encoded_and_reconstructed_as_in_python(labelled, chromium, served):
    bundle, page = labelled
    with served(page) as url:
        chromium.open(url)
        checked(chromium, "encode", "reconstruct")
        choose = "(s => { s.value = '1'; s.dispatchEvent(new Event('change')) })"
        chromium.run(f"{choose}(document.getElementById('class'))")
        chromium.run("document.querySelector('.drawing').scrollIntoView({ block: 'center' })")
        chromium.run(FRAME)
        draw(chromium, [(0.2, 0.3), (0.7, 0.5), (0.4, 0.9)])
        until(chromium, "document.querySelector('.paper').dataset.empty === 'false'")
        for _ in range(1000):  # the page computes what was drawn last when it is ready
            chromium.run(FRAME)
            seen, made = shown(chromium, "#transform .pair canvas")
            codes = chromium.run("[...document.querySelectorAll('.code span')].map((s) => s.title)")
            x = (seen / 255).astype(np.float32).reshape(1, SIDE, SIDE, 1)
            expected = bundle.encode(x, label=1)[0]
            if np.allclose(np.array(codes, float), expected, rtol=0, atol=6e-4):
                break
        assert chromium.run("document.querySelector('#transform .message').textContent") == ""
        assert complaints(chromium) == []
    assert 0 < np.count_nonzero(seen) < seen.size  # white on black
    np.testing.assert_allclose(np.array(codes, float), expected, rtol=0, atol=6e-4)  # 3 digits
    assert_is_picture(made, bundle.reconstruct(x, label=1).reshape(-1))


def draw(chromium, places):
    """Draws a line with the mouse; places are from 0 to 1 of the paper."""
    left, top, width, height = chromium.run(
        "(({ x, y, width, height }) => [x, y, width, height])"
        "(document.querySelector('.drawing').getBoundingClientRect())"
    )
    at = [(left + across * width, top + down * height) for across, down in places]
    button = {"button": "left", "clickCount": 1}
    for kind, (x, y) in [("Pressed", at[0]), *(("Moved", place) for place in at[1:])]:
        chromium.call(
            "Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, buttons=1, **button
        )
    x, y = at[-1]
    chromium.call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, **button)


def test_points_are_plotted_where_python_has_them(points, chromium, served):
    bundle, page = points
    with served(page) as url:
        chromium.open(f"{url}#seed=7")
        checked(chromium, "sample", "generate")
        (ink,) = shown(chromium, ".scatter canvas", channel=3)
        marked = chromium.run(
            "[...document.querySelectorAll('.scatter input')].map((i) => i.value)"
        )
        assert complaints(chromium) == []
    side, x = 640, bundle.sample(1024, seed=7).astype(np.float64)
    limit = 1.12 * np.abs(x).max()
    places = (x * [1, -1] + limit) / (2 * limit) * side  # right, down
    ink = ink.reshape(side, side) > 0
    right, down = np.clip(places.astype(int), 0, side - 1).T
    assert ink[down, right].all()
    rows, columns = np.nonzero(ink)
    near = (np.abs(columns + 0.5 - side / 2) < 3) | (np.abs(rows + 0.5 - side / 2) < 3)  # the axes
    for number, (across, below) in enumerate(places, 1):
        reach = 22 if str(number) in marked else 5  # the mark of a point that is chosen, or a dot
        near |= np.hypot(columns + 0.5 - across, rows + 0.5 - below) <= reach
    assert near.all()
    farthest = 1 + np.argmax(np.hypot(*(x - x[0]).T))
    assert marked == ["1", str(farthest)]


def test_nothing_is_wider_than_the_window(labelled, chromium, served):
    with served(labelled[1]) as url:
        chromium.open(url)
        chromium.run("window.checked")
        wider = []
        for width in (320, 390, 672, 800, 960, 1000, 1100, 1280, 1440):
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
            chromium.call("Emulation.setDeviceMetricsOverride", **size)
            chromium.run(FRAME)
            wider += chromium.run(
                "[...document.querySelectorAll('.panel *')].filter((e) => e.offsetWidth &&"
                " e.getBoundingClientRect().right > e.closest('.panel').getBoundingClientRect()"
                f".right + 0.5).map((e) => `${{e.tagName}}.${{e.className}} at {width}`)"
            )
            if not chromium.run("document.documentElement.scrollWidth <= innerWidth"):
                wider.append(f"the page at {width}")
    assert wider == []
