"""The page's modules compute what Python computes; run in Node, where it is installed."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from export.runtime import golden_rows
from export.web import pages, routes
from train.inference import walks
from zoo import trained

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
PRIORS = [
    {"name": "normal", "size": 5, "bounds": None},
    {"name": "uniform", "size": 4, "bounds": [-2.0, 1.0]},
    {"name": "sphere", "size": 3, "bounds": [-1.0, 1.0]},
]


def node(module, body, **given):
    """Returns the JSON that a program prints; `m` is the module, `given` the values."""
    program = (
        f'import * as m from "{(pages.STATIC / module).as_uri()}";'
        f"const given = {json.dumps(given)};"
        f"console.log(JSON.stringify((() => {{ {body} }})()));"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", program],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior["name"])
def test_latents_of_a_seed_are_pythons(prior):
    rows = golden_rows.seeds()
    body = "return given.seeds.map((s) => Array.from(m.latent(given.prior, BigInt(s))));"
    ours = node("draws.js", body, seeds=[str(seed) for seed in rows], prior=prior)
    np.testing.assert_allclose(ours, routes.drawn(prior, rows), rtol=0, atol=1e-6)


@pytest.mark.parametrize("z1", [[0.5, -2.0, 1.0], [2.0, 4.0, 6.0], [-1.0, -2.0, -3.0]], ids=str)
def test_walks_are_pythons(z1):
    z0 = [1.0, 2.0, 3.0]
    body = "return m.greatCircle(given.z0, given.z1, 5).map((z) => Array.from(z));"
    ours = node("walks.js", body, z0=z0, z1=z1)
    ends = (np.array([z], np.float32) for z in (z0, z1))
    np.testing.assert_allclose(ours, walks.great_circle(*ends, 5)[0], rtol=0, atol=1e-6)


def test_a_move_is_in_standard_deviations_along_the_directions():
    ways = {"vectors": [[1, 0], [0, -1]], "scales": [2, 0.5]}
    body = "return Array.from(m.moved(given.z, given.ways, [1.5, 2]));"
    assert node("walks.js", body, z=[1, 1], ways=ways) == [4, 0]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("7", trained.row_seeds(7, 1)[0]),  # as `zoo sample --seed=7`
        ("2147483647", trained.row_seeds(2**31 - 1, 1)[0]),
        ("2147483648", 2**31),
        ("9007199254740993", 2**53 + 1),
        (" 9223372036854775804 ", 2**63 - 4),
    ],
)
def test_seeds_of_samples(text, first):
    body = "return Array.from(m.rows(m.parse(given.text), 4), String);"
    assert node("seeds.js", body, text=text) == [str(int(first) + i) for i in range(4)]


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "9223372036854775808", "9" * 20])
def test_what_is_no_seed_is_refused_in_a_sentence(text):
    body = "try { m.parse(given.text); } catch (error) { return error.message; }"
    expected = "A seed is a whole number from 0 to 9223372036854775807."
    assert node("seeds.js", body, text=text) == expected


def test_seeds_do_not_go_beyond_the_last_one():
    body = "try { m.rows(m.LIMIT - 3n, 4); } catch (error) { return error.message; }"
    assert "beyond 9223372036854775807" in node("seeds.js", body)


def test_images_are_turned_and_rounded_as_the_graphs_take_them():
    rows = np.random.default_rng(0).uniform(-20, 280, (2, 3, 4, 2))
    body = """
        const described = { x: { dtype: "uint8", shape: [null, 2, 3, 4] } };
        const { x } = m.given({ x: Float64Array.from(given.x) }, described, "NCHW");
        const back = m.taken({ image: { data: x, dims: [2, 2, 3, 4] } }, "NCHW").image;
        return [Array.from(x), Array.from(back.data), back.dims];
    """
    turned, back, dims = node("layouts.js", body, x=rows.ravel().tolist())
    pixels = np.clip(np.rint(rows), 0, 255)
    np.testing.assert_array_equal(turned, pixels.transpose(0, 3, 1, 2).ravel())
    np.testing.assert_array_equal(back, pixels.ravel())
    assert dims == [2, 3, 4, 2]


@pytest.mark.parametrize("moved", [0, 3, 300], ids=str)
def test_a_difference_of_pixels_is_pythons(moved):
    x = np.random.default_rng(1).integers(0, 250, (16, 300)).astype(np.uint8)
    y = x.copy()
    y.flat[:moved] += 1
    body = "return [m.pixelsOff(given.y, given.x), m.pixelsOff(given.z, given.x)];"
    z = y.copy()
    z.flat[-1] += 3
    ours = node(
        "layouts.js", body, x=x.ravel().tolist(), y=y.ravel().tolist(), z=z.ravel().tolist()
    )
    expected = [golden_rows.difference(y, x), golden_rows.difference(z, x)]
    np.testing.assert_allclose(ours, expected, rtol=1e-12)
