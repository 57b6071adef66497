"""Keras's ways of saving: continued training equals uninterrupted training, or is refused."""

import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import losses, priors
from zoo.games import GAN

X = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
EPOCH = 6  # 50 rows in batches of 4, for two moves of the critic
BATCHES = tf.data.Dataset.from_tensor_slices(X).batch(8, drop_remainder=True)
# (save_freq, steps_per_execution, kill_at), and data sets of the user; in the second pass of
# .ci/run all of them. Of an endless data set Keras asks for the steps itself.
KILLS, USERS = [("epoch", 1, EPOCH + 2), (1, 2, 2 * EPOCH + 4)], [(False, None)]
if os.environ.get("ZOO_PASS") == "second":
    KILLS += [("epoch", 2, 2 * EPOCH + 4), (4, 2, EPOCH + 2)]
    USERS += [(False, 4), (True, 4)]


class Killed(Exception):
    pass


class Kill(keras.callbacks.Callback):
    """Ends the process, as it were, after a step."""

    def __init__(self, step):
        super().__init__()
        self._step = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step.numpy()) == self._step:
            raise Killed


def mlp(inputs, outputs):
    layers = [keras.layers.Dense(5), keras.layers.BatchNormalization(synchronized=True)]
    return keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(outputs)])


def uncompiled(seed=7):
    keras.utils.set_random_seed(seed)
    return GAN(
        generator=mlp(3, 2),
        critic=mlp(2, 1),
        prior=priors.normal(3),
        loss=losses.non_saturating(),
        critic_updates=2,
        value_range=None,
    )


def made(seed=7, **options):
    """A new game with other initial weights than those of the whole training."""
    game = uncompiled(seed)
    adam = {"critic": keras.optimizers.Adam(1e-2), "generator": keras.optimizers.Adam(1e-2)}
    adam["generator"] = keras.optimizers.Adam(1e-2, use_ema=True, ema_momentum=0.9)
    game.compile(adam, **options)
    return game


def fit(game, epochs, callbacks=(), x=X, **options):
    return game.fit(x, batch_size=4, epochs=epochs, callbacks=[*callbacks], verbose=0, **options)


def values(game):
    optimizers = [v for o in game.optimizers.values() for v in o.variables]
    return [v.numpy() for v in [*game.variables, *optimizers]]


def assert_same(game, other):
    for one, two in zip(values(game), values(other), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.fixture(scope="module")
def whole():
    """The games of 1, 2, 3 and 4 uninterrupted epochs."""
    games = {}
    for epochs in (1, 2, 3, 4):
        games[epochs] = made(seed=0)
        fit(games[epochs], epochs)
    return games


def begun(epochs=2, callbacks=(), **options):
    game = made(seed=0, **options)
    fit(game, epochs, callbacks)
    return game


def test_training_in_two_calls_is_training_in_one(whole):
    game = begun(2)
    assert int(game.step.numpy()) == 2 * EPOCH
    assert_same(game, whole[2])
    fit(game, 2)
    assert_same(game, whole[4])


def test_save_weights_and_load_weights_continue_exactly(whole, tmp_path):
    begun(2).save_weights(tmp_path / "game.weights.h5")
    game = made()
    game.load_weights(tmp_path / "game.weights.h5")
    assert_same(game, whole[2])
    fit(game, 2)
    assert_same(game, whole[4])
    assert [path.name for path in tmp_path.iterdir()] == ["game.weights.h5"]


def test_model_checkpoint_of_weights_continues_exactly_inside_an_epoch_too(whole, tmp_path):
    path = str(tmp_path / "{batch:02d}.weights.h5")
    checkpoint = keras.callbacks.ModelCheckpoint(path, save_weights_only=True, save_freq=4)
    with pytest.raises(Killed):
        begun(2, [checkpoint, Kill(5)])
    game = made()
    game.load_weights(next(tmp_path.iterdir()))
    assert int(game.step.numpy()) == 4
    fit(game, 1, steps_per_epoch=2 * EPOCH - 4)
    assert_same(game, whole[2])


def test_model_checkpoint_of_the_whole_model_is_refused(tmp_path):
    with pytest.raises(NotImplementedError, match="save_weights_only=True.*zoo.export"):
        begun(1, [keras.callbacks.ModelCheckpoint(str(tmp_path / "game.keras"))])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotImplementedError, match="Use `save_weights"):
        keras.saving.save_model(made(), tmp_path / "game.keras")


@pytest.mark.parametrize(("save_freq", "steps_per_execution", "kill_at"), KILLS)
def test_backup_and_restore_ends_with_the_weights_of_uninterrupted_training(
    whole, tmp_path, save_freq, steps_per_execution, kill_at
):
    options = {"steps_per_execution": steps_per_execution}

    def backup():
        return keras.callbacks.BackupAndRestore(str(tmp_path), save_freq=save_freq)

    with pytest.raises(Killed):
        begun(3, [backup(), Kill(kill_at)], **options)
    game = made(**options)
    fit(game, 3, [backup()])
    assert int(game.step.numpy()) == 3 * EPOCH
    compared = whole[3] if steps_per_execution == 1 else begun(3, **options)
    assert_same(game, compared)


def test_a_backup_whose_record_is_older_than_its_weights_is_no_loss(whole, tmp_path):
    with pytest.raises(Killed):
        begun(3, [keras.callbacks.BackupAndRestore(str(tmp_path)), Kill(2 * EPOCH + 1)])
    record = tmp_path / "training_metadata.json"  # as if the process had died between two files
    record.write_text(json.dumps(json.loads(record.read_text()) | {"epoch": 1}))
    game = made()
    fit(game, 3, [keras.callbacks.BackupAndRestore(str(tmp_path))])
    assert_same(game, whole[3])


@pytest.mark.parametrize(("endless", "steps"), USERS)
def test_backup_and_restore_continues_a_data_set_of_the_user(tmp_path, endless, steps):
    def trained(folder, *callbacks):
        game = made(seed=0)  # the seed of the shuffling too
        batches = BATCHES.shuffle(6, seed=1)
        backup = keras.callbacks.BackupAndRestore(str(tmp_path / folder), save_freq=1)
        options = {"steps_per_epoch": steps, "x": batches.repeat() if endless else batches}
        game.fit(epochs=3, callbacks=[backup, *callbacks], verbose=0, **options)
        return game

    expected = trained("whole", keras.callbacks.Callback())
    with pytest.raises(Killed):
        trained("parted", Kill(7))
    assert_same(trained("parted"), expected)


def test_backup_and_restore_refuses_data_of_unknown_length(tmp_path):
    unknown = BATCHES.filter(lambda _: True)
    with pytest.raises(
        ValueError, match="needs arrays, or a tf.data.Dataset whose length is known"
    ):
        fit(made(), 2, [keras.callbacks.BackupAndRestore(str(tmp_path))], x=unknown)


def test_backup_and_restore_refuses_other_steps_per_epoch(tmp_path):
    with pytest.raises(Killed):
        begun(3, [keras.callbacks.BackupAndRestore(str(tmp_path)), Kill(2 * EPOCH + 1)])
    with pytest.raises(ValueError, match="the same data, batch size and steps per epoch"):
        fit(made(), 3, [keras.callbacks.BackupAndRestore(str(tmp_path))], steps_per_epoch=2)


class Best(keras.callbacks.Callback):
    """Makes the first epoch the best one, whatever the losses are."""

    def on_epoch_end(self, epoch, logs=None):
        logs["rank"] = epoch


def test_early_stopping_restores_the_whole_game_of_the_best_epoch(whole):
    stop = keras.callbacks.EarlyStopping(
        monitor="rank", mode="min", patience=2, restore_best_weights=True
    )
    game = begun(9, [Best(), stop])
    assert_same(game, whole[1])
    fit(game, 1)
    assert_same(game, whole[2])


def test_a_tensorflow_checkpoint_continues_exactly(whole, tmp_path):
    path = tf.train.Checkpoint(model=begun(2)).save(str(tmp_path / "game"))
    game = made()
    tf.train.Checkpoint(model=game).restore(path).assert_consumed()
    fit(game, 2)
    assert_same(game, whole[4])


def test_a_tensorflow_checkpoint_that_is_read_before_compile_continues_exactly(whole, tmp_path):
    path = tf.train.Checkpoint(model=begun(2)).save(str(tmp_path / "game"))
    game = uncompiled()
    tf.train.Checkpoint(model=game).restore(path)
    adam = {"critic": keras.optimizers.Adam(1e-2)}
    adam["generator"] = keras.optimizers.Adam(1e-2, use_ema=True, ema_momentum=0.9)
    game.compile(adam)
    fit(game, 2)
    assert_same(game, whole[4])


def test_a_game_without_optimizers_is_neither_saved_nor_loaded(tmp_path):
    begun(1).save_weights(tmp_path / "game.weights.h5")
    with pytest.raises(ValueError, match="`save_weights` needs a compiled game"):
        uncompiled().save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(ValueError, match="`load_weights` needs a compiled game"):
        uncompiled().load_weights(tmp_path / "game.weights.h5")


def test_weights_of_other_optimizers_are_refused_and_change_nothing(tmp_path):
    other = uncompiled(0)
    other.compile({"critic": "sgd", "generator": "sgd"})
    fit(other, 1)
    other.save_weights(tmp_path / "game.weights.h5")
    game, same = made(), made()
    with pytest.raises(ValueError, match="the same networks and the same optimizers"):
        game.load_weights(tmp_path / "game.weights.h5")
    assert_same(game, same)


def test_set_weights_refuses_the_weights_of_another_game():
    with pytest.raises(ValueError, match="the [0-9]+ arrays that `get_weights` gives"):
        made().set_weights(uncompiled().get_weights())
