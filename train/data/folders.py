"""Folders of image files: which there are, and whether they agree. No TensorFlow."""

import collections
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from typing import NamedTuple, TypeVar

from train.data import contents, pictures, splits

T, R = TypeVar("T"), TypeVar("R")

SUFFIXES = (".png", ".jpg", ".jpeg")
THREADS = min(8, os.cpu_count() or 1)
SHOWN = 2000  # above this many files, progress is printed; a multiple of how many are done at once
AT_ONCE = 50  # results that may wait in memory


class Survey(NamedTuple):
    """What the headers of some image files say.

    Attributes:
        readable: Files whose header can be read.
        orientations: EXIF's, of each of these.
        unreadable: The other files, each with the reason.
        sizes: Counts of (height, width), upright.
        channels: Counts of 1 and 3.
    """

    readable: list[pathlib.Path]
    orientations: list[int]
    unreadable: list[str]
    sizes: collections.Counter
    channels: collections.Counter


def listing(folder: str | os.PathLike, split: str = "train") -> contents.Files:
    """Lists the png, jpg and jpeg files in a folder and in its class folders, sorted by path.

    Hidden files and folders are left out. Where every file lies in a class folder, the folders
    are the classes, sorted by name; a split leaves them as they are.

    Raises:
        ValueError: If there is no such folder, no image in it, or no such split.
    """
    folder = pathlib.Path(folder).expanduser()
    if not folder.is_dir():
        raise ValueError(f"`folder:DIR` must name a folder. Received: {str(folder)!r}")
    files = [
        path
        for path in (*folder.glob("*"), *folder.glob("*/*"))
        if path.suffix.lower() in SUFFIXES and path.is_file()
    ]
    visible = sorted(
        path
        for path in files
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not visible:
        raise ValueError(
            f"`folder:DIR` must hold images ({', '.join(suffix[1:] for suffix in SUFFIXES)}) "
            f"directly or one folder down. Received: {str(folder)!r}, which holds none"
        )
    parents = {path.parent for path in visible}
    names = None if folder in parents else tuple(sorted(parent.name for parent in parents))
    rows = splits.rows(*splits.parse(split, ["train"])[1:], len(visible))
    return contents.Files(visible[rows], folder, names)


def survey(files: Sequence[pathlib.Path]) -> Survey:
    """Reads the headers of image files, without decoding one."""
    result = Survey([], [], [], collections.Counter(), collections.Counter())
    for path, header in zip(files, each(_header, files, doing="reading headers"), strict=True):
        if isinstance(header, pictures.UnreadableImageError):
            result.unreadable.append(str(header))
        else:
            result.readable.append(path)
            result.orientations.append(header.orientation)
            result.sizes[header.height, header.width] += 1
            result.channels[header.channels] += 1
    return result


def common_shape(
    headers: Survey, *, size: tuple[int, int] | None = None, crop: int | None = None
) -> tuple[int, int, int]:
    """Returns the [H, W, C] that the images of a folder have, or get by cutting and resizing.

    With `size` or `crop`, images may differ; grey ones become RGB where any is RGB.

    Raises:
        ValueError: If images differ and nothing says what to make of them, or one is smaller
            than `crop`.
    """
    seen = ", ".join(
        f"{height}x{width} ({count})" for (height, width), count in headers.sizes.most_common(10)
    )
    seen += f" and {len(headers.sizes) - 10} more sizes" if len(headers.sizes) > 10 else ""
    if crop is not None and crop > min(min(shape) for shape in headers.sizes):
        raise ValueError(
            f"`crop` must not exceed any image's sides. Received: crop={crop}, images of {seen}"
        )
    if size is None and crop is None and (len(headers.sizes) > 1 or len(headers.channels) > 1):
        kinds = ", ".join(
            f"{'grey' if channels == 1 else 'RGB'} ({count})"
            for channels, count in headers.channels.most_common()
        )
        raise ValueError(
            "Images of one folder must have one size and be all grey or all RGB; give `size` "
            "(height, width) to resize them, which makes all RGB where any is. "
            f"Received: {seen}; {kinds}"
        )
    height, width = size or ((crop, crop) if crop else next(iter(headers.sizes)))
    return height, width, max(headers.channels)


def each(function: Callable[[T], R], items: Sequence[T], *, doing: str) -> Iterator[R]:
    """Yields function(item) in order, computed by a few threads and little ahead.

    Where there are many items, it prints how far it is; `doing` is the word for what is done.
    """
    with futures.ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(items), AT_ONCE):
            yield from pool.map(function, items[start : start + AT_ONCE])
            progress(start + AT_ONCE, len(items), doing)


def progress(done: int, count: int, doing: str) -> None:
    """Prints how far it is, every few thousand, where there are many."""
    if count > SHOWN and (done % SHOWN == 0 or done >= count):
        print(f"{doing}: {min(done, count)} of {count}", flush=True)


def _header(path: pathlib.Path) -> pictures.Header | pictures.UnreadableImageError:
    try:
        return pictures.header(path)
    except pictures.UnreadableImageError as error:
        return error
