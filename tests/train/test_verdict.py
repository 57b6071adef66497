"""The word for rows made by hand, at every threshold and next to it."""

import math

import pytest

from train import verdict

PLAYERS = ("critic", "generator")
CALM = {
    "critic_loss": 1.0,
    "generator_loss": 2.0,
    "critic_gradient_norm": 1.0,
    "generator_gradient_norm": 0.5,
    "critic_accuracy": 0.7,
    "diversity": 0.9,
}


def epochs(*changes, steps=100):
    """Returns rows that differ from a calm one as given, each `steps` after the one before."""
    return [CALM | {"step": steps * (i + 1)} | change for i, change in enumerate(changes)]


def word(*changes, players=PLAYERS, steps=100):
    """Returns the verdict on rows that differ from a calm one as given."""
    return verdict.verdict(epochs(*changes, steps=steps), players)


SURE = {"critic_accuracy": 0.86, "logit_gap": 3.0}


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        ({}, "healthy"),
        ({"critic_loss": math.nan}, "diverging"),
        ({"anything_else": math.inf}, "diverging"),
        ({"critic_loss": 101.0}, "diverging"),
        ({"critic_loss": -101.0}, "diverging"),
        ({"critic_loss": 99.0}, "healthy"),
        ({"generator_loss": 199.0}, "healthy"),  # 100 times its own first value of 2
        ({"generator_loss": 201.0}, "diverging"),
        ({"logit_gap": -10_001.0}, "diverging"),
        ({"a_logit_gap": 10_001.0}, "diverging"),
        ({"logit_gap": 9_999.0}, "healthy"),
        ({"diversity": 3.1}, "diverging"),
        ({"diversity": 2.9}, "healthy"),
        ({"diversity": 0.24}, "generator collapsed"),
        ({"diversity": 0.49}, "generator collapsed"),
        ({"diversity": 0.51}, "healthy"),
        ({"critic_accuracy": 0.99}, "healthy"),  # a sure critic that still teaches
        ({"critic_accuracy": 0.99, "critic_gradient_norm": 51.0}, "critic saturated"),
        (
            {"critic_accuracy": 0.99, "critic_gradient_norm": 0.0051},
            "critic saturated",
        ),  # below a hundredth of the first epoch's share
        ({"critic_accuracy": 0.99, "critic_gradient_norm": 49.0}, "healthy"),
        ({"critic_accuracy": 0.97, "critic_gradient_norm": 51.0}, "healthy"),
        (
            {
                "critic_accuracy": 0.99,
                "critic_gradient_norm": 0.0049,
                "generator_gradient_norm": 0.0049,
            },
            "critic saturated",
        ),
        (
            {
                "critic_accuracy": 0.97,
                "critic_gradient_norm": 0.0049,
                "generator_gradient_norm": 0.0049,
            },
            "stalled",
        ),
        ({"critic_accuracy": 0.41}, "healthy"),
        ({"critic_accuracy": 0.39}, "critic loses"),
        (
            {"diversity": 0.1, "critic_accuracy": 1.0, "critic_gradient_norm": 500.0},
            "critic saturated",
        ),
        ({"diversity": 0.1, "critic_loss": math.nan}, "diverging"),
    ],
)
def test_the_first_that_holds_is_said(newest, expected):
    assert word({}, {}, {}, newest) == expected


@pytest.mark.parametrize(
    ("count", "steps", "expected"),
    [
        (1, 1000, "too early"),
        (3, 1000, "too early"),
        (4, 1000, "healthy"),
        (4, 99, "too early"),  # 297 steps after the first
        (4, 100, "healthy"),
        (11, 30, "healthy"),
        (10, 30, "too early"),
    ],
)
def test_a_verdict_looks_back_by_three_epochs_and_by_300_steps(count, steps, expected):
    assert word(*[{}] * count, steps=steps) == expected


@pytest.mark.parametrize("fault", [{"diversity": 0.1}, {"critic_accuracy": 0.0}, {}])
def test_the_first_epoch_is_too_early_for_all_but_divergence(fault):
    assert word(fault) == "too early"
    assert word(fault | {"critic_loss": math.inf}) == "diverging"
    assert word(fault | {"diversity": 4.0}) == "diverging"


def test_a_loss_is_measured_by_the_first_three_epochs():
    assert (
        word({"critic_loss": 0.5}, {}, {"critic_loss": -5.0}, {"critic_loss": 400.0}) == "healthy"
    )
    assert (
        word({"critic_loss": 0.5}, {}, {}, {"critic_loss": 5.0}, {"critic_loss": 400.0})
        == "diverging"
    )


def test_losses_near_zero_are_measured_by_one():
    small = {"critic_loss": 0.01}
    assert word(small, small, small, {"critic_loss": 90.0}) == "healthy"


def test_narrow_samples_whose_spread_grows_have_only_begun():
    assert word(*[{"diversity": value} for value in (0.05, 0.04, 0.05, 0.056)]) == "too early"
    assert word(*[{"diversity": value} for value in (0.4, 0.4, 0.4, 0.45)]) == "too early"
    assert word(*[{"diversity": 0.05}] * 3, {"diversity": 0.054}) == "generator collapsed"
    # 300 steps back is 0.2
    spreads = (0.05, 0.2, 0.2, 0.2, 0.21)
    assert word(*[{"diversity": value} for value in spreads]) == "generator collapsed"


def test_samples_that_become_narrower_have_collapsed():
    wide, narrow = {"diversity": 1.0}, {"diversity": 0.59}
    assert word(wide, *[narrow] * 3) == "generator collapsed"
    assert word(wide, wide, *[narrow] * 2) == "healthy"  # for three epochs
    assert word(wide, *[{"diversity": 0.61}] * 3) == "healthy"
    # a start that was wider than the data is no measure
    assert word({"diversity": 2.0}, *[{"diversity": 0.61}] * 3) == "healthy"


def test_a_lone_player_may_have_narrower_samples():
    row = {"autoencoder_loss": 100.0, "autoencoder_gradient_norm": 1.0}

    def lone(*spreads):
        rows = [row | {"step": 100 * i, "diversity": value} for i, value in enumerate(spreads)]
        return verdict.verdict(rows, ["autoencoder"])

    assert lone(0.9, 0.5, 0.5, 0.4) == "healthy"
    assert lone(0.9, 0.5, 0.5, 0.24) == "generator collapsed"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([SURE] * 4, "critic wins"),  # the same spread ever since
        ([SURE, SURE, SURE, SURE | {"critic_accuracy": 0.84}], "healthy"),
        ([SURE, SURE, SURE | {"critic_accuracy": 0.84}, SURE], "healthy"),
        ([SURE | {"critic_accuracy": 0.5}, SURE, SURE, SURE], "critic wins"),  # before the last
        ([SURE | {"logit_gap": 3.3}, SURE, SURE, SURE], "critic wins"),
        ([SURE | {"logit_gap": 3.4}, SURE, SURE, SURE], "healthy"),  # the generator gains
        ([SURE, SURE, SURE, SURE | {"diversity": 1.1}], "critic wins"),
        ([SURE, SURE, SURE, SURE | {"diversity": 1.2}], "healthy"),  # the generator moves
        ([SURE | {"diversity": 0.1}, SURE, SURE, SURE], "critic wins"),  # a first epoch may differ
        (
            [SURE | {"critic_accuracy": 0.9995, "diversity": value} for value in (1, 1, 0.6, 0.9)],
            "critic wins",
        ),
        (
            [SURE | {"critic_accuracy": 0.9985, "diversity": value} for value in (1, 1, 0.6, 0.9)],
            "healthy",
        ),
    ],
)  # fmt: skip
def test_a_critic_wins_where_the_generator_does_not_gain_on_it(changes, expected):
    assert word(*changes) == expected


def test_points_without_diversity_or_accuracy_have_a_verdict():
    row = {key: value for key, value in CALM.items() if key not in ("diversity", "critic_accuracy")}
    rows = [row | {"step": 300 * i} for i in range(4)]
    assert verdict.verdict(rows, PLAYERS) == "healthy"
    rows[-1]["critic_gradient_norm"] = 1e6
    assert verdict.verdict(rows, PLAYERS) == "healthy"


def test_a_lone_player_has_a_verdict_and_no_ratio():
    row = {"autoencoder_loss": 100.0, "autoencoder_gradient_norm": 1.0}
    rows = [row | {"step": 100 * i} for i in range(4)]
    assert verdict.verdict(rows, ["autoencoder"]) == "healthy"
    assert verdict.gradient_ratio(row, ["autoencoder"]) is None


@pytest.mark.parametrize(("norms", "expected"), [((1.0, 0.5), 2.0), ((1.0, 0.0), None)])
def test_gradient_ratio_is_the_firsts_over_the_seconds(norms, expected):
    row = dict(zip(("critic_gradient_norm", "generator_gradient_norm"), norms))
    assert verdict.gradient_ratio(row, PLAYERS) == expected


def test_the_line_says_what_the_row_holds():
    row = CALM | {"epoch": 3, "images_per_second": 1234.4}
    expected = (
        "epoch 3/9  critic loss 1  generator loss 2  diversity 0.900  critic accuracy 0.700  "
        "gradients critic/generator 2  1234 images/s  healthy"
    )
    assert verdict.line(row, PLAYERS, 9, "healthy") == expected


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            200,
            "diversity 0.900  critic accuracy 0.700  gradients critic/generator 2  1234 images/s",
        ),
        (115, "diversity 0.900  critic accuracy 0.700  1234 images/s"),
        (80, "diversity 0.900"),
    ],
)
def test_a_narrow_line_leaves_out_what_matters_least(width, expected):
    row = CALM | {"epoch": 3, "images_per_second": 1234.4}
    line = verdict.line(row, PLAYERS, 1000, "healthy", width=width)
    assert line == f"epoch 3/1000  critic loss 1  generator loss 2  {expected}  healthy"
    assert len(line) <= width


def test_a_third_player_may_stop():
    lensed = CALM | {
        "lens_loss": 0.5,
        "lens_gradient_norm": 9.0,
        "epoch": 1,
        "images_per_second": 10.0,
    }
    alone = {key: value for key, value in lensed.items() if not key.startswith("lens")}
    players = [*PLAYERS, "lens"]
    assert verdict.gradient_ratio(lensed, players) == verdict.gradient_ratio(CALM, PLAYERS)
    rows = [row | {"step": 100 * i} for i, row in enumerate([lensed] * 3 + [alone])]
    assert verdict.verdict(rows, players) == "healthy"
    assert "lens loss 0.5" in verdict.line(lensed, players, 2, "healthy")
    assert verdict.line(alone, players, 2, "healthy") == verdict.line(alone, PLAYERS, 2, "healthy")
    rows[-1] = rows[-1] | {"lens_loss": 200.0}
    assert verdict.verdict(rows, players) == "diverging"


@pytest.mark.parametrize(
    ("critic", "generator", "expected"),
    [(0.9, 0.9, "stalled"), (0.9, 1.1, "healthy"), (1.1, 0.9, "healthy")],
)
def test_two_faded_gradients_are_a_stall(critic, generator, expected):
    first = {"critic_gradient_norm": 100.0, "generator_gradient_norm": 100.0}
    newest = {"critic_gradient_norm": critic, "generator_gradient_norm": generator}
    assert word(first, {}, {}, newest) == expected
