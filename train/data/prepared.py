"""TFDS data sets that are prepared on this machine, read from disk: nothing here asks the network."""

import os
import pathlib
import re
from typing import NamedTuple

import numpy as np
import tensorflow as tf

SPELLING = re.compile(r"\w+(/[\w.-]+)*(:[\d*]+\.[\d*]+\.[\d*]+)?")  # name/config:version


class Prepared(NamedTuple):
    """Encoded images of one split, in the order of the files; `shape` [H, W, C] has None where they differ."""

    records: tf.data.Dataset  # of scalar strings
    count: int
    shape: tuple[int | None, int | None, int]


def data_dirs() -> list[pathlib.Path]:
    """Folders in which TFDS would look, now: TFDS_DATA_DIR, or its default."""
    from tensorflow_datasets.core.utils import (
        file_utils,
    )  # slow to import, and needed for TFDS names only

    return [
        pathlib.Path(folder)
        for folder in file_utils.list_data_dirs(given_data_dir=os.environ.get("TFDS_DATA_DIR"))
    ]


def available() -> list[str]:
    """Names of the data sets that those folders hold."""
    return sorted(
        {
            child.name
            for folder in data_dirs()
            if folder.is_dir()
            for child in folder.iterdir()
            if child.is_dir()
        }
        - {"downloads"}
    )


def buildable() -> list[str]:
    """Names of the data sets that TFDS has a program for."""
    import tensorflow_datasets as tfds

    return tfds.list_builders(with_community_datasets=False)


def read(name: str, split: str) -> Prepared:
    """Opens a split of a prepared data set.

    Raises:
        LookupError: If it is not prepared in `data_dirs()`.
        ValueError: If it has no such split or not one image of 1 or 3 channels of uint8 per example.
    """
    import tensorflow_datasets as tfds

    builder = _builder(name)
    key, shape = _image(name, builder.info.features)
    records = _feature(builder, name, split, key, decoders={key: tfds.decode.SkipDecoding()})
    return Prepared(records, builder.info.splits[split].num_examples, shape)


def labels(name: str, split: str) -> np.ndarray:
    """Returns the classes of a split's examples [N], in the order in which `read` gives their images.

    Raises:
        LookupError: If it is not prepared in `data_dirs()`.
        ValueError: If it has no such split or not one feature of class labels.
    """
    import tensorflow_datasets as tfds

    builder = _builder(name)
    classes = [
        key
        for key, feature in builder.info.features.items()
        if isinstance(feature, tfds.features.ClassLabel)
    ]
    if len(classes) != 1:
        raise ValueError(
            f"A data set must have one feature of class labels. Received: {name!r} with {classes}"
        )
    return np.array(list(_feature(builder, name, split, classes[0]).as_numpy_iterator()))


def _builder(name: str):
    from tensorflow_datasets.core import read_only_builder, registered

    if not SPELLING.fullmatch(name):
        raise LookupError(name)
    try:
        return read_only_builder.builder_from_files(name, data_dir=os.environ.get("TFDS_DATA_DIR"))
    except (registered.DatasetNotFoundError, FileNotFoundError) as error:
        raise LookupError(name) from error


def _feature(builder, name: str, split: str, key: str, decoders=None) -> tf.data.Dataset:
    """One feature of a split's examples, in the order of the files."""
    import tensorflow_datasets as tfds

    try:
        count = builder.info.splits[split].num_examples
    except ValueError as error:
        raise ValueError(
            f"`split` must be one of {sorted(builder.info.splits)} or a slice of one. Received: {split!r} of {name!r}"
        ) from error
    if not count:
        raise ValueError(
            f"`split` must leave at least one example. Received: {split!r} of {name!r}"
        )
    examples = builder.as_dataset(
        split=split,
        decoders=tfds.decode.PartialDecoding({key: True}, decoders=decoders),
        read_config=tfds.ReadConfig(try_autocache=False),
        shuffle_files=False,
    )
    return examples.map(lambda example: example[key])


def described(name: str) -> tuple[int | None, int | None, int]:
    """Returns the shape of the images [H, W, C], None where they differ, as TFDS's program for the data set says it.

    Raises:
        LookupError: If TFDS has no such program.
        ValueError: If it has not one image of 1 or 3 channels of uint8 per example.
    """
    import tensorflow_datasets as tfds

    if not SPELLING.fullmatch(name) or re.split("[/:]", name)[0] not in buildable():
        raise LookupError(name)
    return _image(name, tfds.builder(name).info.features)[1]


def _image(name: str, features) -> tuple[str, tuple[int | None, int | None, int]]:
    """Returns the image feature's key and shape."""
    import tensorflow_datasets as tfds

    images = [key for key, feature in features.items() if isinstance(feature, tfds.features.Image)]
    key = "image" if "image" in images else images[0] if len(images) == 1 else None
    if key is None:
        raise ValueError(
            f"A TFDS data set must have a feature 'image' or one image feature only. Received: {name!r} with {features}"
        )
    feature = features[key]
    if feature.dtype != tf.uint8.as_numpy_dtype or feature.shape[-1] not in (1, 3):
        raise ValueError(
            f"Images must be uint8 with 1 or 3 channels. Received: {name!r} with {feature}"
        )
    return key, tuple(feature.shape)
