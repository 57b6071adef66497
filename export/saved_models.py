"""A SavedModel as TF Serving loads it, with a signature for each endpoint and warm-up requests."""

import pathlib

import tensorflow as tf

from export import functions
from export.runtime import backends, golden_rows, warm_up
from zoo.games import endpoints


def write(
    path: pathlib.Path,
    offered: dict[str, endpoints.Endpoint],
    goldens: dict[str, golden_rows.Golden],
) -> list[tf.Variable]:
    """Writes the endpoints with the variables that they need, and no others.

    The signature `serving_default`, which a server takes when none is named, is that of `sample`,
    or of the first endpoint of a model that does not sample.

    Args:
        path: Directory of the version.
        offered: Endpoints by name.
        goldens: Golden values, whose first rows become the warm-up requests.

    Returns:
        The variables that were written.
    """
    module = tf.Module()
    signatures, used = {}, {}
    for name, endpoint in offered.items():
        signatures[name] = functions.function(endpoint).get_concrete_function()
        used |= {id(variable): variable for variable in signatures[name].variables}
    signatures[backends.DEFAULT_SIGNATURE] = signatures[backends.default_endpoint(offered)]
    # a plain list of variables: with a Keras model in it, the module cannot be loaded in a session
    module.variables_in_use = list(used.values())
    tf.saved_model.save(module, str(path), signatures=signatures)
    # empty, and git and archives lose empty folders
    (path / "assets").rmdir()
    warm_up.write(path, goldens)
    return list(used.values())
