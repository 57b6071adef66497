"""Specs and what is built from them."""

import json

import numpy as np
import pytest
import tensorflow as tf

from zoo import build, optimizers
from zoo.build import Spec

GAME = Spec(
    "gan",
    loss=Spec("least_squares", real=0.9),
    prior=Spec("uniform", size=5),
    generator=Spec("mlp_generator", units=(3, 4)),
    critic=Spec("mlp_critic", units=(3,)),
)
CONTEXT = {"shape": (4, 4, 1), "value_range": (0.0, 1.0), "seed": 7, "mean_image": None}


def test_a_spec_survives_json():
    again = Spec.from_dict(json.loads(json.dumps(GAME.as_dict())))
    assert again == GAME
    assert again.options["generator"].options["units"] == (3, 4)


def test_as_dict_is_the_name_and_the_options():
    assert Spec("a", x=(1, "b"), part=Spec("c", y=None)).as_dict() == {
        "name": "a",
        "x": [1, "b"],
        "part": {"name": "c", "y": None},
    }


@pytest.mark.parametrize(
    "other",
    [Spec("b", x=1), Spec("a", x=2), Spec("a"), Spec("a", x=1, y=1), {"name": "a", "x": 1}],
    ids=repr,
)
def test_specs_that_differ_are_unequal(other):
    assert Spec("a", x=1) != other


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Spec("a", x=1, y=2), Spec("a", y=2, x=1)),
        (Spec("a", x=(1, 2)), Spec("a", x=[1, 2])),
        (Spec("a", x=1), Spec("a", x=1.0)),
    ],
    ids=["order", "sequence", "number"],
)
def test_equal_specs_have_equal_hashes(one, two):
    assert one == two
    assert hash(one) == hash(two)


def test_replace_sets_removes_and_leaves_the_original():
    spec = Spec("a", x=1, y=2)
    assert spec.replace(x=None, z=3) == Spec("a", y=2, z=3)
    assert spec == Spec("a", x=1, y=2)
    assert (
        "y" in Spec("a", x=1, y=None).replace(x=3).options
    )  # a None that says something, such as an unbounded range


def test_build_makes_the_parts_inside():
    game = build.build(GAME, **CONTEXT)
    assert game.generator.input_shape == (None, 5)  # the prior's size
    assert game.generator.output_shape == (None, 4, 4, 1)
    assert [layer.units for layer in game.critic.layers if hasattr(layer, "units")] == [3, 1]
    assert (game.seed, game.value_range) == (7, (0.0, 1.0))
    np.testing.assert_allclose(
        float(game.loss.critic_real(tf.constant(0.0))), 0.5 * 0.9**2, rtol=1e-6
    )


def test_an_option_goes_before_the_context():
    assert build.build(Spec("gan", **GAME.options, seed=3), **CONTEXT).seed == 3


def test_context_that_a_part_does_not_take_is_left_out():
    assert build.build(Spec("normal", size=3), role="prior", shape=(2,), seed=1).size == 3


@pytest.mark.parametrize("place", ["first", "last"])
def test_the_prior_gives_its_size_wherever_it_stands(place):
    options = (
        {"prior": GAME.options["prior"], **GAME.options} if place == "first" else {**GAME.options}
    )
    if place == "last":
        options["prior"] = options.pop("prior")
    assert build.build(Spec("gan", **options), **CONTEXT).generator.input_shape == (None, 5)


def test_a_schedule_is_built_inside_an_optimizer():
    schedule = Spec("exponential_decay", initial_learning_rate=0.5, decay_steps=2, decay_rate=0.25)
    optimizer = build.build(Spec("sgd", learning_rate=schedule, momentum=0.5), role="optimizer")
    assert isinstance(optimizer, optimizers.SGD)
    np.testing.assert_allclose(float(optimizer._learning_rate(4)), 0.5 * 0.25**2, rtol=1e-6)


@pytest.mark.parametrize(
    ("spec", "role", "message"),
    [
        (Spec("gann"), "game", "Unknown game 'gann'. Available: .*Did you mean 'gan'"),
        (Spec("gan", los=1), "game", "Unknown option of game 'gan' 'los'.*Did you mean 'loss'"),
        (Spec("gan", loss=Spec("hing")), "game", "Unknown loss 'hing'.*Did you mean 'hinge'"),
        (
            Spec("least_squares", rael=1.0),
            "loss",
            "Unknown option of loss 'least_squares' 'rael'.*Did you mean 'real'",
        ),
        (Spec("normal"), "prior", r"prior 'normal' needs the options \['size'\]. Received: \[\]"),
        (Spec("x"), "los", "Unknown role 'los'.*Did you mean 'loss'"),
    ],
    ids=["name", "option", "inner_name", "inner_option", "missing", "role"],
)
def test_what_does_not_exist_is_refused_with_the_nearest(spec, role, message):
    with pytest.raises(ValueError, match=message):
        build.build(spec, role=role)


def test_parameters_are_the_options_without_the_catch_all():
    assert list(build.parameters("loss", "least_squares")) == ["fake", "real", "target"]
    assert "kwargs" not in build.parameters("optimizer", "adam")


LABELLED = CONTEXT | {"classes": 3}


def test_a_conditional_game_and_its_networks_take_the_datas_classes():
    game = build.build(GAME.replace(conditional=True), **LABELLED)
    assert game.inputs == ("x", "label") and game.classes() == 3
    assert [len(network.inputs) for network in (game.generator, game.critic)] == [2, 2]


@pytest.mark.parametrize("spec", [GAME, GAME.replace(conditional=False)], ids=["unset", "false"])
def test_labels_of_the_data_change_no_game_that_is_not_conditional(spec):
    game = build.build(spec, **LABELLED)
    assert game.inputs == ("x",) and game.classes() is None
    assert [len(network.inputs) for network in (game.generator, game.critic)] == [1, 1]


def test_a_classifier_takes_the_datas_classes():
    spec = Spec("supervised", classifier=Spec("convolutional_classifier", widths=((4,),)))
    assert build.build(spec, **LABELLED).classifier.output_shape == (None, 3)


def test_a_conditional_game_needs_data_with_labels():
    with pytest.raises(ValueError, match="'gan' with conditional=True needs data with labels"):
        build.build(GAME.replace(conditional=True), **CONTEXT)


def test_a_game_without_classes_cannot_be_conditional():
    with pytest.raises(ValueError, match="Unknown option of game 'age' 'conditional'"):
        build.build(Spec("age", conditional=True), **LABELLED)


def test_the_builder_makes_parts_in_the_order_of_the_spec():
    # initial weights are drawn in this order, and a set has another one in every process
    made = []
    spec = GAME.replace(conditional=True)
    original = build.factory

    def recording(role, name):
        made.append(role)
        return original(role, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "factory", recording)
        build.build(spec, **LABELLED)
    order = [role for role in dict.fromkeys(made) if role != "game"]
    assert order == ["prior", "loss", "generator", "critic"]


def test_a_function_in_the_context_is_called_where_a_part_takes_its_value():
    called = []

    def mean_image():
        called.append(1)
        return np.full((2, 2, 1), 0.5, np.float32)

    context = {"shape": (2, 2, 1), "value_range": (0.0, 1.0), "latent": 3}
    build.build(
        build.Spec("mlp_critic", units=(2,)), role="critic", **context, mean_image=mean_image
    )
    assert called == []
    build.build(
        build.Spec("mlp_generator", units=(2,)), role="generator", **context, mean_image=mean_image
    )
    assert called == [1]
