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


def word(*changes, players=PLAYERS):
    """Returns the verdict on rows that differ from a calm one as given."""
    return verdict.verdict([CALM | change for change in changes], players)


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
        ({"diversity": 3.1}, "diverging"),
        ({"diversity": 2.9}, "healthy"),
        ({"diversity": 0.24}, "generator collapsed"),
        ({"diversity": 0.26}, "healthy"),
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
        (
            {"diversity": 0.1, "critic_accuracy": 1.0, "critic_gradient_norm": 500.0},
            "generator collapsed",
        ),
        ({"diversity": 0.1, "critic_loss": math.nan}, "diverging"),
    ],
)
def test_the_worst_that_holds_is_said(newest, expected):
    assert word({}, {}, {}, newest) == expected


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


def test_the_first_epoch_has_a_verdict():
    assert word({}) == "healthy"
    assert word({"diversity": 0.1}) == "healthy"


def test_a_spread_that_grows_is_no_collapse():
    assert word({"diversity": 0.05}, {"diversity": 0.06}) == "healthy"
    assert word({"diversity": 0.05}, {"diversity": 0.054}) == "generator collapsed"
    assert (
        word({"diversity": 0.05}, {"diversity": 0.2}, {"diversity": 0.1}) == "generator collapsed"
    )


def test_points_without_diversity_or_accuracy_have_a_verdict():
    row = {key: value for key, value in CALM.items() if key not in ("diversity", "critic_accuracy")}
    assert verdict.verdict([row, row | {"critic_gradient_norm": 1e6}], PLAYERS) == "healthy"


def test_a_lone_player_has_a_verdict_and_no_ratio():
    row = {"autoencoder_loss": 100.0, "autoencoder_gradient_norm": 1.0}
    assert verdict.verdict([row], ["autoencoder"]) == "healthy"
    assert verdict.gradient_ratio(row, ["autoencoder"]) is None


@pytest.mark.parametrize(("norms", "expected"), [((1.0, 0.5), 2.0), ((1.0, 0.0), None)])
def test_gradient_ratio_is_the_firsts_over_the_seconds(norms, expected):
    row = dict(zip(("critic_gradient_norm", "generator_gradient_norm"), norms))
    assert verdict.gradient_ratio(row, PLAYERS) == expected


def test_the_line_says_what_the_row_holds():
    row = CALM | {"epoch": 3, "images_per_second": 1234.4}
    expected = (
        "epoch 3/9  critic loss 1  generator loss 2  gradients critic/generator 2  "
        "critic accuracy 0.700  diversity 0.900  1234 images/s  healthy"
    )
    assert verdict.line(row, PLAYERS, 9, "healthy") == expected


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
    assert verdict.verdict([lensed, alone], players) == "healthy"
    assert "lens loss 0.5" in verdict.line(lensed, players, 2, "healthy")
    assert verdict.line(alone, players, 2, "healthy") == verdict.line(alone, PLAYERS, 2, "healthy")
    assert verdict.verdict([lensed] * 3 + [lensed | {"lens_loss": 200.0}], players) == "diverging"


@pytest.mark.parametrize(
    ("critic", "generator", "expected"),
    [(0.9, 0.9, "stalled"), (0.9, 1.1, "healthy"), (1.1, 0.9, "healthy")],
)
def test_two_faded_gradients_are_a_stall(critic, generator, expected):
    first = CALM | {"critic_gradient_norm": 100.0, "generator_gradient_norm": 100.0}
    assert (
        verdict.verdict(
            [first, first | {"critic_gradient_norm": critic, "generator_gradient_norm": generator}],
            PLAYERS,
        )
        == expected
    )
