"""A SavedModel as TF Serving loads it, with a signature for each endpoint and warm-up requests."""

import pathlib
from collections.abc import Sequence

import keras
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from export import functions, weight_formats
from export.runtime import backends, golden_rows, warm_up
from zoo.games import endpoints


def write(
    path: pathlib.Path,
    offered: dict[str, endpoints.Endpoint],
    goldens: dict[str, golden_rows.Golden],
    kernels: Sequence[tuple[keras.Variable, weight_formats.Stored]] = (),
) -> list[tf.Variable]:
    """Writes the endpoints with the variables that they need, and no others.

    The signature `serving_default`, which a server takes when none is named, is that of `sample`,
    or of the first endpoint of a model that does not sample.

    Args:
        path: Directory of the version.
        offered: Endpoints by name.
        goldens: Golden values, whose first rows become the warm-up requests.
        kernels: Weights that are written in another format, and as what.

    Returns:
        The variables that were written.
    """
    module = tf.Module()
    signatures, used = {}, {}
    values = weight_formats.variables([kept for _, kept in kernels])
    stored = [(weight, value) for (weight, _), value in zip(kernels, values)]
    for name, endpoint in offered.items():
        signatures[name] = functions.function(endpoint, stored=stored).get_concrete_function()
        used |= {id(variable): variable for variable in _in_order(signatures[name])}
    signatures[backends.DEFAULT_SIGNATURE] = signatures[backends.default_endpoint(offered)]
    # a plain list of variables: with a Keras model in it, the module cannot be loaded in a session
    module.variables_in_use = list(used.values())
    tf.saved_model.save(module, str(path), signatures=signatures)
    # empty, and git and archives lose empty folders
    (path / "assets").rmdir()
    # a random number is in it, and no loader needs it
    (path / "fingerprint.pb").unlink()
    _sort(path / "saved_model.pb")
    warm_up.write(path, goldens)
    return list(used.values())


def _in_order(function: tf.types.experimental.ConcreteFunction) -> list[tf.Variable]:
    """Returns a function's variables in the order in which it uses them; `variables` has none."""
    order = {id(handle): at for at, handle in enumerate(function.captured_inputs)}
    return sorted(function.variables, key=lambda variable: order[id(variable.handle)])


def _sort(file: pathlib.Path) -> None:
    """Writes a program again with the entries of its maps in order, so that its bytes are too."""
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    file.write_bytes(saved.SerializeToString(deterministic=True))
