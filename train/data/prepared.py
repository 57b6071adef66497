"""TFDS data sets that are prepared on this machine, read from disk.

Nothing here asks the network. TFDS is slow to import, and each function that needs it imports it.
"""

import contextlib
import os
import pathlib
import re

import numpy as np
from absl import logging

from train.data import contents

SPELLING = re.compile(r"\w+(/[\w.-]+)*(:[\d*]+\.[\d*]+\.[\d*]+)?")  # name/config:version


def data_dirs() -> list[pathlib.Path]:
    """Returns the folders in which TFDS would look now: TFDS_DATA_DIR, or its default."""
    from tensorflow_datasets.core.utils import file_utils

    folders = file_utils.list_data_dirs(given_data_dir=os.environ.get("TFDS_DATA_DIR"))
    return [pathlib.Path(folder) for folder in folders]


def available() -> list[str]:
    """Returns the names of the data sets that those folders hold."""
    children = [child for folder in data_dirs() if folder.is_dir() for child in folder.iterdir()]
    return sorted({child.name for child in children if child.is_dir()} - {"downloads"})


def buildable() -> list[str]:
    """Returns the names of the data sets that TFDS has a program for."""
    import tensorflow_datasets as tfds

    return tfds.list_builders(with_community_datasets=False)


def known(name: str) -> bool:
    """Whether TFDS has a program for the data set, prepared or not."""
    return bool(SPELLING.fullmatch(name)) and re.split("[/:]", name)[0] in buildable()


def read(name: str, split: str) -> contents.Records:
    """Opens a split of a prepared data set; its labels are its one feature of class labels.

    Raises:
        LookupError: If it is not prepared in `data_dirs()`.
        ValueError: If it has no such split or not one image of 1 or 3 channels of uint8 per
            example.
    """
    import tensorflow as tf
    import tensorflow_datasets as tfds

    builder = _builder(name)
    key, shape = _image(name, builder.info.features)
    label = _label(builder.info.features)
    try:
        count = builder.info.splits[split].num_examples
    except ValueError as error:
        raise ValueError(
            f"`split` must be one of {sorted(builder.info.splits)} or a slice of one. "
            f"Received: {split!r} of {name!r}"
        ) from error
    if not count:
        raise ValueError(
            f"`split` must leave at least one example. Received: {split!r} of {name!r}"
        )
    wanted = {key: True} | ({label: True} if label else {})
    with _without_warnings():
        examples = builder.as_dataset(
            split=split,
            decoders=tfds.decode.PartialDecoding(wanted, {key: tfds.decode.SkipDecoding()}),
            read_config=tfds.ReadConfig(try_autocache=False),
            shuffle_files=False,
        )
    if label is None:
        records = examples.map(lambda example: {"image": example[key]})
        return contents.Records(records, count, shape, None, None)
    records = examples.map(
        lambda example: {"image": example[key], "label": tf.cast(example[label], tf.int64)}
    )
    feature = builder.info.features[label]
    return contents.Records(records, count, shape, feature.num_classes, tuple(feature.names))


def folder(name: str) -> pathlib.Path:
    """Returns the folder of a prepared data set.

    Raises:
        LookupError: If it is not prepared.
    """
    return pathlib.Path(_builder(name).data_path)


def record_files(name: str) -> dict[str, pathlib.Path]:
    """Returns the files that hold a prepared data set's records, by their name.

    What TFDS writes about them is none: it differs from version to version.
    """
    files = sorted(path for path in folder(name).iterdir() if path.is_file())
    return {path.name: path for path in files if path.suffix not in (".json", ".txt")}


def has_test(name: str) -> bool:
    """Returns whether a prepared data set has a split `test`; True if it is not prepared.

    One that is not prepared is read by nobody, and `read` says why.
    """
    try:
        return "test" in _builder(name).info.splits
    except LookupError:
        return True


def described(name: str) -> tuple[tuple[int | None, int | None, int], int | None]:
    """Returns what TFDS's program for a data set says of it, whether it is prepared or not.

    Returns:
        The shape of the images [H, W, C], H and W None where they differ, and the number of
        classes, None where there are no labels.

    Raises:
        LookupError: If TFDS has no such program.
        ValueError: If it has not one image of 1 or 3 channels of uint8 per example.
    """
    import tensorflow_datasets as tfds

    if not known(name):
        raise LookupError(name)
    features = tfds.builder(name).info.features
    label = _label(features)
    return _image(name, features)[1], features[label].num_classes if label else None


@contextlib.contextmanager
def _without_warnings():
    """Hides TFDS's warnings of its own use of names that it has deprecated."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def _builder(name: str):
    from tensorflow_datasets.core import read_only_builder, registered

    if not SPELLING.fullmatch(name):
        raise LookupError(name)
    try:
        return read_only_builder.builder_from_files(name, data_dir=os.environ.get("TFDS_DATA_DIR"))
    except (registered.DatasetNotFoundError, FileNotFoundError) as error:
        raise LookupError(name) from error


def _label(features) -> str | None:
    """Returns the key of the one feature of class labels; None where there is none or several."""
    import tensorflow_datasets as tfds

    keys = [
        key for key, feature in features.items() if isinstance(feature, tfds.features.ClassLabel)
    ]
    return keys[0] if len(keys) == 1 else None


def _image(name: str, features) -> tuple[str, tuple[int | None, int | None, int]]:
    """Returns the image feature's key and shape."""
    import tensorflow_datasets as tfds

    images = [key for key, feature in features.items() if isinstance(feature, tfds.features.Image)]
    key = "image" if "image" in images else images[0] if len(images) == 1 else None
    if key is None:
        raise ValueError(
            "A TFDS data set must have a feature 'image' or one image feature only. "
            f"Received: {name!r} with {features}"
        )
    feature = features[key]
    if feature.np_dtype != np.uint8 or feature.shape[-1] not in (1, 3):
        raise ValueError(
            f"Images must be uint8 with 1 or 3 channels. Received: {name!r} with {feature}"
        )
    return key, tuple(feature.shape)
