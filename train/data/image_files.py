"""The reader of image files, which decodes a file when its turn comes."""

import dataclasses
import itertools
import pathlib
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from train.data import decoding, folders, pictures, pieces, shuffling
from zoo import progress


@dataclasses.dataclass(frozen=True, eq=False)
class Files:
    """Image files, decoded when their turn comes to the pixels [H, W, C] of `shape`.

    Attributes:
        bits: Number of bits that 16-bit values use; None where there are none.
        background: Name of the colour behind what is transparent.
        whole: All files of the folder, of which these are a part.
    """

    paths: tf.Tensor  # [N], strings
    orientations: tf.Tensor  # [N], EXIF's
    plain: np.ndarray  # [N], whether TensorFlow decodes the file
    shape: tuple[int, int, int]
    crop: int | None
    background: str
    bits: int | None
    labels: np.ndarray | None
    whole: "Files | None" = None
    parallel = folders.THREADS

    @classmethod
    def hold(
        cls,
        headers: folders.Survey,
        shape: tuple[int, int, int],
        crop: int | None,
        labels: np.ndarray | None,
        *,
        background: str,
        bits: int | None,
    ) -> "Files":
        with tf.device("CPU"):
            paths = tf.constant(list(map(str, headers.readable)))
            orientations = tf.constant([h.orientation for h in headers.headers], tf.int32)
            plain = np.array([h.plain for h in headers.headers])
            return cls(paths, orientations, plain, shape, crop, background, bits, labels)

    @property
    def count(self) -> int:
        return self.paths.shape[0]

    def keys(self, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset:
        return shuffling.positions(self.count, batch_size, seed=seed, start=start)

    def read(self, keys: tf.Tensor) -> tf.Tensor:
        return tf.map_fn(self.image, keys, fn_output_signature=tf.TensorSpec(self.shape, tf.uint8))

    def read_labels(self, keys: tf.Tensor) -> tf.Tensor:
        return tf.gather(self.labels, keys)

    def image(self, key: tf.Tensor) -> tf.Tensor:
        """Decodes the file at one position."""

        def by_tensorflow() -> tf.Tensor:
            content = tf.io.read_file(self.paths[key])
            return decoding.decode(content, self.orientations[key], self.shape, self.crop)

        def by_pillow() -> tf.Tensor:
            return decoding.decode_file(
                self.paths[key],
                self.shape,
                self.crop,
                background=self.background,
                bits=self.bits,
            )

        if self.plain.all():
            return by_tensorflow()
        if not self.plain.any():
            return by_pillow()
        return tf.cond(tf.gather(self.plain, key), by_tensorflow, by_pillow)

    def pieces(self) -> Iterator[np.ndarray]:
        return pieces.in_order(tf.data.Dataset.range(self.count), self.image)

    def part(self, keys: list[int]) -> "Files":
        """Returns the reader of the files at some positions."""
        return dataclasses.replace(
            self,
            paths=tf.gather(self.paths, keys),
            orientations=tf.gather(self.orientations, keys),
            plain=self.plain[keys],
            labels=None if self.labels is None else self.labels[keys],
        )

    def check(self) -> None:
        """Raises `pictures.UnreadableImageError`, which names them, if files cannot be decoded."""
        folders.deal_with([i for i in self.decode_each() if isinstance(i, str)], False, self.count)

    def decode_each(self) -> Iterator[np.ndarray | str]:
        """Yields every image [H, W, C] in order; in place of a broken one, the file and why."""
        read = tf.function(self.read, input_signature=[tf.TensorSpec([None], tf.int64)])

        def attempt(keys: range) -> Iterator[np.ndarray | str]:
            try:
                with tf.device("CPU"):
                    images = read(tf.constant(keys, tf.int64)).numpy()
            except tf.errors.OpError as error:
                if len(keys) == 1:
                    images = [_reason(self.paths[keys[0]].numpy().decode(), error)]
                else:  # one of them is at fault: halve until it is alone
                    half = len(keys) // 2
                    images = itertools.chain(attempt(keys[:half]), attempt(keys[half:]))
            yield from images

        with progress.bar(self.count, "Reading images", "files") as bar:
            for start in range(0, self.count, pieces.SIZE):
                keys = range(start, min(start + pieces.SIZE, self.count))
                yield from attempt(keys)
                bar.update(len(keys))


def _reason(path: str, error: tf.errors.OpError) -> str:
    """Returns the file and why: Pillow's reason is plainer than TensorFlow's, if it has one."""
    try:
        pictures.read(pathlib.Path(path))
    except pictures.UnreadableImageError as plainer:
        return str(plainer)
    lines = [line for line in error.message.splitlines() if line.strip() and "{{node" not in line]
    return f"{path}: {lines[-1]}"
