"""Overrides by path: which value of which type lands where, and what is refused."""

import json

import pytest

import configs
from configs import schema
from zoo.build import Spec, build, parameters


def made():
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)
    game = Spec(
        "gan",
        loss=Spec("least_squares", real=0.8),
        penalty=Spec("r1"),
        prior=Spec("normal", size=4),
        generator=Spec("mlp_generator", units=(8, 8)),
        critic=Spec("mlp_critic", units=(8,)),
    )
    return schema.Experiment(
        name="made",
        paper="none",
        data=schema.Data("digits", batch_size=8),
        game=game,
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=2),
    )


def value(experiment, path):
    """Returns what as_dict has at a path."""
    actual = experiment.as_dict()
    for key in path.split("."):
        actual = actual[key]
    return actual


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("seed=3", 3),
        ("name=mine", "mine"),
        ("data.name=folder:/some/where=else", "folder:/some/where=else"),
        ("data.batch_size=16", 16),
        ("data.value_range=0,1", [0.0, 1.0]),
        ("data.value_range=(0, 1)", [0.0, 1.0]),
        ("data.size=48,64", [48, 64]),
        ("data.size=none", None),
        ("data.crop=12", 12),
        ("data.skip_unreadable=true", True),
        ("data.skip_unreadable=False", False),
        ("train.epochs=7", 7),
        ("train.steps_per_epoch=5", 5),
        ("train.steps_per_epoch=None", None),
        ("game.critic_updates=5", 5),
        ("game.schedule=simultaneous", "simultaneous"),
        ("game.loss.real=0.9", 0.9),
        ("game.loss.fake=-1", -1.0),
        ("game.penalty.weight=2", 2.0),
        ("game.prior.size=9", 9),
        ("game.generator.units=5,6,7", [5, 6, 7]),
        ("game.generator.units=5", [5]),
        ("game.generator.activation=tanh", "tanh"),
        ("game.generator.initializer=glorot_uniform", "glorot_uniform"),
        ("game.generator.initializer=normal,0.1", ["normal", 0.1]),
        ("optimizers.critic.learning_rate=1e-3", 1e-3),
        ("optimizers.critic.beta_2=0.9", 0.9),
        ("optimizers.critic.use_ema=true", True),
        ("optimizers.critic.clipnorm=1", 1.0),
    ],
)
def test_a_value_is_cast_by_its_fields_type(assignment, expected):
    path = assignment.partition("=")[0]
    actual = value(made().override([assignment]), path)
    assert actual == expected
    assert type(actual) is type(expected)
    if isinstance(expected, list):
        assert [type(item) for item in actual] == [type(item) for item in expected]


def test_an_override_changes_nothing_else():
    before, after = (
        made().as_dict(),
        made().override(["game.loss.real=0.9", "optimizers.critic.beta_1=0.0"]).as_dict(),
    )
    assert schema.differences(before, after) == [
        "game.loss.real: 0.8 -> 0.9",
        "optimizers.critic.beta_1: 0.5 -> 0.0",
    ]


def test_the_original_stays_as_it_was():
    original = made()
    original.override(["seed=3", "game.loss=hinge", "optimizers.critic=sgd"])
    assert original == made()


def test_assignments_are_applied_in_order():
    actual = made().override(["seed=1", "seed=2"])
    assert actual.seed == 2


def test_a_parts_name_starts_from_that_parts_defaults():
    assert value(made().override(["game.loss=least_squares"]), "game.loss") == {
        "name": "least_squares"
    }
    assert value(made().override(["game.loss=hinge"]), "game.loss") == {"name": "hinge"}


def test_options_of_a_new_part_can_follow_it():
    actual = made().override(["game.loss=minimax", "game.loss.label_smoothing=0.1"])
    assert value(actual, "game.loss") == {"name": "minimax", "label_smoothing": 0.1}


def test_none_removes_a_part_or_an_option():
    actual = made().override(["game.penalty=none", "game.loss.real=none"])
    assert "penalty" not in value(actual, "game")
    assert value(actual, "game.loss") == {"name": "least_squares"}


def test_a_part_that_was_absent_can_be_set():
    actual = made().override(["game.constraint=weight_clip", "game.constraint.limit=0.1"])
    assert value(actual, "game.constraint") == {"name": "weight_clip", "limit": 0.1}


def test_an_optimizer_is_replaced_whole():
    actual = made().override(["optimizers.critic=sgd", "optimizers.critic.learning_rate=0.1"])
    assert value(actual, "optimizers.critic") == {"name": "sgd", "learning_rate": 0.1}
    assert value(actual, "optimizers.generator.name") == "adam"


def test_a_rate_can_become_a_schedule():
    assignments = [
        "optimizers.critic.learning_rate=exponential_decay",
        "optimizers.critic.learning_rate.initial_learning_rate=0.1",
    ]
    assignments += [
        "optimizers.critic.learning_rate.decay_steps=10",
        "optimizers.critic.learning_rate.decay_rate=0.5",
    ]
    spec = made().override(assignments).optimizers["critic"]
    assert spec.as_dict()["learning_rate"]["name"] == "exponential_decay"
    assert abs(float(build(spec, role="optimizer")._learning_rate(10)) - 0.05) < 1e-7


def test_what_was_overridden_can_be_built():
    actual = made().override(
        [
            "game.generator.units=5,6",
            "game.generator.initializer=normal,0.1",
            "game.critic.units=7",
            "game.penalty=none",
        ]
    )
    game = build(actual.game, shape=(8, 8, 1), value_range=(-1.0, 1.0), seed=0)
    assert [layer.units for layer in game.generator.layers if hasattr(layer, "units")] == [5, 6, 64]
    assert [layer.units for layer in game.critic.layers if hasattr(layer, "units")] == [7, 1]


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("sed=1", "Unknown field in 'sed': 'sed'.*Did you mean 'seed'"),
        ("dta.crop=1", "Unknown field .*'dta'.*Did you mean 'data'"),
        ("data.batchsize=1", "Unknown field .*'batchsize'.*Did you mean 'batch_size'"),
        ("train.epoch=1", "Unknown field .*'epoch'.*Did you mean 'epochs'"),
        ("game.los=hinge", "Unknown option .*'los'.*Did you mean 'loss'"),
        ("game.loss=hing", "Unknown loss 'hing'.*Did you mean 'hinge'"),
        ("game.loss.rael=1", "Unknown option .*'rael'.*Did you mean 'real'"),
        ("game=gam", "Unknown game 'gam'.*Did you mean 'gan'"),
        ("optimizers.critc.beta_1=0", "Unknown entry .*'critc'.*Did you mean 'critic'"),
        ("optimizers.critic.beta1=0", "Unknown option .*'beta1'.*Did you mean 'beta_1'"),
        ("optimizers.critic=adma", "Unknown optimizer 'adma'.*Did you mean 'adam'"),
        (
            "optimizers.critic.learning_rate=cosine",
            "Unknown learning_rate 'cosine'.*Did you mean 'cosine_decay'",
        ),
        ("seed", "must be path.to.field=value. Received: 'seed'"),
        ("seed=one", "'seed' takes a number of type int. Received: 'one'"),
        ("seed=1.5", "'seed' takes a number of type int. Received: '1.5'"),
        ("data.value_range=1", "takes 2 comma-separated values. Received: '1'"),
        ("data.skip_unreadable=1", "takes true or false"),
        ("game.generator.units=5,x", "takes a number of type int. Received: 'x'"),
        ("seed.low=1", "'seed' in 'seed.low' has no fields"),
        ("data=digits", "'data' holds several fields"),
        ("game.constraint.limit=1", "'constraint' in .* is not set to a named part"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_nearest(assignment, message):
    with pytest.raises(ValueError, match=message):
        made().override([assignment])


@pytest.mark.parametrize("config", configs.available())
def test_every_config_takes_overrides(config):
    experiment = configs.load(config)
    player = min(experiment.optimizers)
    inside = {
        "prior": "game.prior.size",
        "classifier": "game.classifier.classes",
        "a_to_b": "game.a_to_b.width",
    }
    inner = next(path for part, path in inside.items() if part in experiment.game.options)
    actual = experiment.override(
        [
            "data.batch_size=4",
            "seed=9",
            f"{inner}=3",
            f"optimizers.{player}.learning_rate=0.5",
            "train.epochs=1",
        ]
    )
    changed = {
        line.partition(":")[0]
        for line in schema.differences(experiment.as_dict(), actual.as_dict())
    }
    assert all(
        path.startswith(
            ("data.batch_size", "seed", inner, f"optimizers.{player}.learning_rate", "train.epochs")
        )
        for path in changed
    )
    assert (actual.data.batch_size, actual.seed, value(actual, inner)) == (4, 9, 3)
    assert schema.Experiment.from_dict(json.loads(json.dumps(actual.as_dict()))) == actual


ADVERSARIES = [
    name for name in configs.available() if "adversary" in configs.load(name).game.options
]


@pytest.mark.parametrize("config", ADVERSARIES)
def test_an_adversary_adds_at_least_half_the_square_of_the_latent(config):
    """Without that term the posterior of adaptive contrast grows tails that the adversary misses.

    results/encoders/ has the measurement, and test_contrasts the reason.
    """
    adversary = configs.load(config).game.options["adversary"]
    given = parameters("critic", adversary.name)["square"].default
    assert adversary.options.get("square", given) >= 0.5


def test_differences_name_what_was_added_and_removed():
    old, new = {"a": 1, "b": {"c": 2}, "d": 3}, {"a": 1, "b": {"c": 4}, "e": 5}
    assert schema.differences(old, new) == ["b.c: 2 -> 4", "d: 3 -> None", "e: None -> 5"]
    assert schema.differences(old, old) == []


def test_a_config_can_be_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import configs\n\n\ndef experiment():\n"
        '    return configs.load("dcgan_digits").override(["name=mine"])\n'
    )
    assert configs.load(str(path)).name == "mine"
    with pytest.raises(ValueError, match="which does not exist"):
        configs.load(str(tmp_path / "other.py"))


def test_a_choice_of_words_is_no_part_even_where_its_name_is_a_role():
    # f_gan's option `generator` says which objective; elsewhere a generator is a network
    experiment = configs.load("f_gan_univariate").override(
        [
            "game.loss.divergence=alpha",
            "game.loss.divergence.alpha=0.5",
            "game.loss.generator=alternative",
        ]
    )
    loss = experiment.game.options["loss"]
    assert loss.as_dict() == {
        "name": "f_gan",
        "divergence": {"name": "alpha", "alpha": 0.5},
        "generator": "alternative",
    }


COUNTS = {"mnist": 60_000, "cifar10": 50_000, "celeb_a": 162_770, "digits": 1617}


@pytest.mark.parametrize("name", [name for name in configs.available() if name.startswith("tan_")])
def test_every_lens_lets_go_within_its_run(name):
    one = configs.load(name)
    batch = one.data.batch_size * one.game.options.get("critic_updates", 1)
    steps = one.train.steps_per_epoch or COUNTS[one.data.name] // batch
    assert one.game.options["horizon"] <= 0.6 * one.train.epochs * steps


def test_pieces_of_a_schedule_are_set_by_overrides():
    path = "optimizers.autoencoder.learning_rate"
    built = experiments_of_pieces([f"{path}.boundaries=10,20", f"{path}.values=1,0.5,0.25"])
    assert [float(built(step)) for step in (10, 11, 20, 21)] == [1.0, 0.5, 0.5, 0.25]
    one = [f"{path}=piecewise_constant", f"{path}.boundaries=10", f"{path}.values=1,0.5"]
    assert [float(experiments_of_pieces(one)(step)) for step in (10, 11)] == [1.0, 0.5]


def experiments_of_pieces(assignments):
    experiment = configs.load("vae_binarized_mnist").override(assignments)
    return build(
        experiment.optimizers["autoencoder"].options["learning_rate"], role="learning_rate"
    )


def test_an_experiment_from_before_examples_were_held_out_trains_on_all():
    values = configs.load("dcgan_digits").as_dict()
    assert values["data"].pop("held_out") == 0.1
    assert schema.Experiment.from_dict(values).data.held_out == 0.0


@pytest.mark.parametrize(
    ("assignment", "rule"),
    [
        ("train.epochs=0", "`train.epochs` must be at least 1. Received: 0"),
        ("train.epochs=-2", "`train.epochs` must be at least 1"),
        ("train.steps_per_epoch=0", "`train.steps_per_epoch` must be at least 1"),
        ("train.samples=-1", "`train.samples` must be at least 1"),
        ("train.checkpoint_every=0", "`train.checkpoint_every` must be at least 1"),
        ("train.evaluate_every=-1", "`train.evaluate_every` must be at least 0"),
        ("data.batch_size=0", "`data.batch_size` must be at least 1"),
        ("data.batch_size=-4", "`data.batch_size` must be at least 1"),
        ("data.crop=0", "`data.crop` must be at least 1"),
        ("seed=-1", r"`seed` must be in \[0, 2\*\*31\). Received: -1"),
        ("train.steps=10", "Did you mean 'steps_per_epoch'?"),
    ],
)
def test_numbers_that_make_no_training_are_refused(assignment, rule):
    with pytest.raises(ValueError, match=rule):
        made().override([assignment])
