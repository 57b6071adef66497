"""Latents, routes and directions of models that are linear, so that the answers are known."""

import numpy as np
import pytest

from export.runtime import golden_rows
from export.web import cards, directions, routes
from zoo import priors, trained

PRIORS = {
    "normal": {"name": "normal", "size": 3, "bounds": None},
    "uniform": {"name": "uniform", "size": 3, "bounds": [-2.0, 1.0]},
    "sphere": {"name": "sphere", "size": 3, "bounds": [-1.0, 1.0]},
}
MATRIX = np.array([[1.0, 2.0, 0.0, 0.5], [0.0, 3.0, 1.0, 0.0], [0.2, 0.0, 0.1, 0.0]], np.float32)


class Linear(trained.Trained):
    """generate(z) = z MATRIX, and encode its pseudo-inverse times `factor`."""

    def __init__(self, prior, *, encoder=False, factor=1.0):
        self.factor = factor
        shapes = (4,), (3,), ()
        x, z, seed = ({"dtype": "float32", "shape": [None, *shape]} for shape in shapes)
        image = {"image": x}
        endpoints = {
            "sample": {"inputs": {"seed": seed}, "outputs": image},
            "generate": {"inputs": {"z": z}, "outputs": image},
        }
        if encoder:
            endpoints["encode"] = {"inputs": {"x": x}, "outputs": {"code": z}}
            endpoints["reconstruct"] = {"inputs": {"x": x}, "outputs": image}
        self.manifest = {"prior": prior, "endpoints": endpoints}

    def offered(self):
        return {name: tuple(e["inputs"]) for name, e in self.manifest["endpoints"].items()}

    def classes(self):
        return None

    def run(self, endpoint, inputs, *, seed=0):
        value = next(iter(inputs.values()))
        if endpoint == "sample":
            value = routes.drawn(self.manifest["prior"], value)
        if endpoint == "encode":
            return {"code": (self.factor * value @ np.linalg.pinv(MATRIX)).astype(np.float32)}
        return {"image": value if endpoint == "reconstruct" else value @ MATRIX}

    def goldens(self):
        rows = golden_rows.seeds()
        x = self.run("sample", {"seed": rows})["image"]
        z = routes.drawn(self.manifest["prior"], rows)
        given = {"sample": {"seed": rows}, "generate": {"z": z}, "encode": {"x": x}}
        given["reconstruct"] = {"x": x}
        return {
            name: golden_rows.Golden(given[name], self.run(name, given[name]))
            for name in self.manifest["endpoints"]
        }


class Pixels(Linear):
    """The same with uint8 outputs, 4 levels of which are a number."""

    def __init__(self, prior):
        super().__init__(prior)
        for about in self.manifest["endpoints"].values():
            about["outputs"] = {"image": {"dtype": "uint8", "shape": [None, 4]}}

    def run(self, endpoint, inputs, *, seed=0):
        (value,) = super().run(endpoint, inputs, seed=seed).values()
        return {"image": np.clip(np.rint(4 * value + 128), 0, 255).astype(np.uint8)}


@pytest.mark.parametrize("name", sorted(priors.PRIORS))
def test_the_deviation_is_that_of_many_draws(name):
    drawn = routes.drawn(PRIORS[name], trained.row_seeds(0, 20_000))
    assert drawn.std() == pytest.approx(directions.deviation(PRIORS[name]), rel=0.02, abs=0)


@pytest.mark.parametrize("name", sorted(PRIORS))
def test_without_an_encoder_directions_are_the_generators_singular_vectors(name):
    result = directions.find(Linear(PRIORS[name]))
    left, singular, _ = np.linalg.svd(MATRIX.astype(np.float64))
    products = np.abs(np.array(result["vectors"]) @ left)
    np.testing.assert_allclose(products, np.eye(3), rtol=0, atol=2e-3)
    fractions = singular**2 / np.sum(singular**2)
    np.testing.assert_allclose(result["fractions"], fractions, rtol=0, atol=1e-3)
    assert result["how"].startswith("the directions in which a step changes the output most")


def test_directions_of_pixels_are_seen_through_the_rounding():
    model = Pixels(PRIORS["normal"])
    result = directions.find(model)
    left, _, _ = np.linalg.svd(MATRIX.astype(np.float64))
    products = np.abs(np.array(result["vectors"]) @ left)
    np.testing.assert_allclose(products, np.eye(3), rtol=0, atol=0.1)


def test_with_an_encoder_directions_are_the_principal_components_of_codes():
    prior = PRIORS["normal"]
    model = Linear(prior, encoder=True)
    codes = model.encode(model.sample(512)).astype(np.float64)
    _, singular, right = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    result = directions.find(model)
    products = np.abs(np.array(result["vectors"]) @ right.T)
    np.testing.assert_allclose(products, np.eye(3), rtol=0, atol=1e-4)
    np.testing.assert_allclose(result["scales"], singular / 511**0.5, rtol=1e-4, atol=0)
    assert result["how"] == "the principal components of the codes of samples"


def test_routes_reuse_graphs_where_that_gives_the_golden_values():
    model = Linear(PRIORS["normal"], encoder=True)
    assert routes.plan(model, model.goldens(), 16) == {
        "sample": ["prior", "generate"],
        "generate": ["generate"],
        "encode": ["encode"],
        "reconstruct": ["encode", "generate"],
    }


def test_routes_take_the_endpoint_itself_where_reuse_gives_something_else():
    model = Linear(PRIORS["normal"], encoder=True, factor=2.0)
    plan = routes.plan(model, model.goldens(), 16)
    assert plan["reconstruct"] == ["reconstruct"]
    known = model.goldens()
    model.manifest["prior"] = None
    assert routes.plan(model, known, 16)["sample"] == ["sample"]


def test_a_model_without_anything_to_show_is_refused():
    model = Linear(PRIORS["normal"], encoder=True)
    known = model.goldens()
    for name in ("sample", "generate", "reconstruct"):
        del model.manifest["endpoints"][name]
    with pytest.raises(ValueError, match="needs the endpoint `sample`.*Received: encode"):
        routes.plan(model, known, 16)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ([64, 48, 3], "colour pictures of 64 by 48 pixels"),
        ([2], "points in the plane"),
        ([1], "points on the line"),
        ([4], "points of 4 numbers"),
    ],
    ids=str,
)
def test_a_card_says_what_the_examples_are(shape, text):
    outputs = {"outputs": {"image": {"shape": [None, *shape]}}}
    assert cards.examples({"endpoints": {"sample": outputs}}) == text
