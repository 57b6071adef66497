"""Draws are functions of their keys, and of the global batch."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import noise, replicas

KEYS = {"seed": 1, "step": 2, "player": 3, "move": 4}


def made(batch=8, **keys):
    keys = KEYS | keys
    return noise.Noise(**keys | {"step": tf.constant(keys["step"], tf.int64)}, batch=batch)


def draws(source, kind, shape=(3,)):
    return getattr(source, kind)(shape).numpy()


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_equal_keys_give_equal_draws(kind):
    np.testing.assert_array_equal(draws(made(), kind), draws(made(), kind))


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_another_key_gives_other_draws(key, kind):
    assert not np.isin(draws(made(**{key: KEYS[key] + 1}), kind), draws(made(), kind)).any()


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_each_draw_of_a_move_is_another(kind):
    source = made()
    assert not np.isin(draws(source, kind), draws(source, kind)).any()


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_a_section_does_not_depend_on_what_is_drawn_elsewhere(kind):
    one, other = made(), made()
    with one.section(3):
        expected = [draws(one, kind), draws(one, kind)]
    outside = draws(one, kind)
    np.testing.assert_array_equal(draws(other, kind), outside)
    with other.section(2):
        assert not np.isin(draws(other, kind), expected).any()
    for value in expected:  # and goes on where it was left
        with other.section(3):
            np.testing.assert_array_equal(draws(other, kind), value)
    assert not np.isin(expected[0], expected[1]).any() and not np.isin(outside, expected).any()


def test_a_section_ends_after_an_error():
    source = made()
    with pytest.raises(KeyError), source.section(1):
        raise KeyError
    np.testing.assert_array_equal(draws(source, "normal"), draws(made(), "normal"))


@pytest.mark.parametrize("number", [0, 16])
def test_sections_outside_their_range_are_refused(number):
    with pytest.raises(ValueError, match=rf"in \[1, 16\). Received: {number}"):
        with made().section(number):
            pass


def test_a_section_that_is_full_is_refused_and_the_next_is_another():
    source = made(batch=1)
    source._counts[1] = 2**12 - 1
    with source.section(1):
        last = float(source.uniform()[0])
        with pytest.raises(ValueError, match="at most 4096 times. Received: draw 4097"):
            source.uniform()
    with source.section(2):
        assert float(source.uniform()[0]) != last


def test_keys_do_not_mix():
    """No two of many neighbouring places share a draw, as sums or products of the keys would."""
    places = [
        (seed, step, player, move)
        for seed in range(3)
        for step in range(4)
        for player in range(3)
        for move in range(4)
    ]
    firsts = []
    for seed, step, player, move in places:
        source = made(batch=1, seed=seed, step=step, player=player, move=move)
        firsts += [float(source.uniform()[0]) for _ in range(2)]
    assert len(set(firsts)) == 2 * len(places)


def test_the_last_place_that_is_allowed_draws():
    source = made(seed=2**31 - 1, step=2**40, player=127, move=255)
    assert np.isfinite(draws(source, "normal")).all()


@pytest.mark.parametrize(
    ("key", "value"), [("seed", 2**31), ("seed", -1), ("player", 128), ("move", 256)]
)
def test_keys_outside_their_range_are_refused(key, value):
    with pytest.raises(ValueError, match=rf"`{key}` must be in \[0, \d+\). Received: {value}"):
        made(**{key: value})


@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_the_slices_of_the_replicas_are_the_draw_of_one(kind, count, monkeypatch):
    whole = made(batch=8)
    expected = [draws(whole, kind, shape) for shape in ((3,), (), (2, 2))]
    monkeypatch.setattr(replicas, "count", lambda: count)
    slices = []
    for index in range(count):
        monkeypatch.setattr(replicas, "index", lambda index=index: index)
        part = made(batch=8 // count)
        slices.append([draws(part, kind, shape) for shape in ((3,), (), (2, 2))])
    for value, parts in zip(expected, zip(*slices)):
        np.testing.assert_array_equal(np.concatenate(parts), value)


@pytest.mark.parametrize("count", [1, 2])
def test_the_parts_of_a_replicas_batch_have_the_rows_of_its_draw(count, monkeypatch):
    expected = draws(made(batch=8), "normal")
    monkeypatch.setattr(replicas, "count", lambda: count)
    slices = []
    for index in range(count):
        monkeypatch.setattr(replicas, "index", lambda index=index: index)
        for part in range(2):
            keys = KEYS | {"step": tf.constant(KEYS["step"], tf.int64)}
            source = noise.Noise(**keys, batch=4 // count, part=part, parts=2)
            slices.append(draws(source, "normal"))
    np.testing.assert_array_equal(np.concatenate(slices), expected)


@pytest.mark.parametrize("shape", [(), (3,), (2, 4)], ids=str)
def test_draws_have_a_row_an_example(shape):
    assert made().normal(shape).shape == (8, *shape)
    assert made().uniform(shape).dtype == tf.float32


def test_draws_follow_their_distributions():
    source = made(batch=4000)
    assert stats.kstest(draws(source, "normal").ravel(), "norm").pvalue > 1e-3
    assert stats.kstest(draws(source, "uniform").ravel(), "uniform").pvalue > 1e-3


def test_uniform_fills_the_interval_asked_for():
    x = made(batch=4000).uniform((), low=-2.0, high=4.0).numpy()
    assert stats.kstest(x, stats.uniform(-2.0, 6.0).cdf).pvalue > 1e-3


def test_draws_of_successive_steps_do_not_correlate():
    count = 4000
    one, two = (draws(made(batch=count, step=step), "normal", ()) for step in (0, 1))
    np.testing.assert_allclose(np.corrcoef(one, two)[0, 1], 0.0, atol=5 / math.sqrt(count))


def test_a_graph_that_is_traced_once_draws_anew_each_step():
    @tf.function
    def draw(step):
        return noise.Noise(seed=1, step=step, player=0, move=0, batch=4).normal((3,))

    computed = [draw(tf.constant(step, tf.int64)).numpy() for step in (0, 1)]
    assert draw.experimental_get_tracing_count() == 1
    assert not np.isin(*computed).any()
    np.testing.assert_array_equal(
        computed[1], draws(made(seed=1, step=1, player=0, move=0, batch=4), "normal")
    )


def test_the_draws_of_earlier_runs_stay():
    """Numbers that were drawn before the algorithm had a name; another one draws others."""
    source = made(batch=2)
    normal = [[-0.47921538, -0.7833144, 1.1066952], [-0.24805786, -0.13159804, 0.76269317]]
    np.testing.assert_allclose(draws(source, "normal"), normal, rtol=1e-6)
    uniform = [
        [0.870735764503479, 0.4159318208694458, 0.6071423292160034],
        [0.5649058818817139, 0.32858407497406006, 0.1850491762161255],
    ]
    np.testing.assert_array_equal(draws(source, "uniform"), np.float32(uniform))


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_a_function_that_xla_compiles_has_the_draws_of_one_that_it_does_not(kind):
    @tf.function
    def drawn(step, compiled):
        source = noise.Noise(seed=1, step=step, player=0, move=0, batch=64)
        draw = tf.function(lambda: 1.0 * getattr(source, kind)((3,)), jit_compile=compiled)
        return draw(), draw()

    step = tf.constant(2, tf.int64)  # an input: what is constant is computed before XLA has it
    np.testing.assert_array_equal(drawn(step, True), drawn(step, False))
    source = made(batch=64, player=0, move=0)
    np.testing.assert_array_equal(drawn(step, True)[0], draws(source, kind))


def test_current_noise_lasts_for_its_move():
    outer, inner = made(), made()
    assert noise.current() is None
    with outer.current():
        with inner.current():
            assert noise.current() is inner
        assert noise.current() is outer
    with pytest.raises(KeyError), outer.current():
        raise KeyError
    assert noise.current() is None
