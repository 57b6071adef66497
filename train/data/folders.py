"""Folders of image files: which there are, and whether they agree. No TensorFlow."""

import collections
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from typing import NamedTuple, TypeVar

from train.data import contents, depths, pictures, remarks, splits
from zoo import progress

T, R = TypeVar("T"), TypeVar("R")

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
THREADS = min(8, os.cpu_count() or 1)
AT_ONCE = 50  # results that may wait in memory


class MissingFolderError(ValueError):
    """There is no such folder."""


class Survey(NamedTuple):
    """What the headers of some image files say.

    Attributes:
        readable: Files whose header can be read.
        headers: The header of each of these.
        unreadable: The other files, each with the reason.
        sizes: Counts of (height, width), upright.
        channels: Counts of 1 and 3.
    """

    readable: list[pathlib.Path]
    headers: list[pictures.Header]
    unreadable: list[str]
    sizes: collections.Counter
    channels: collections.Counter

    @property
    def deep(self) -> int:
        """Number of files whose values have 16 bits."""
        return sum(header.deep for header in self.headers)

    @property
    def alpha(self) -> int:
        """Number of files with an alpha channel or a transparent colour."""
        return sum(header.alpha for header in self.headers)


def listing(folder: str | os.PathLike, split: str = "train") -> contents.Files:
    """Lists the image files in a folder and in all folders below it, sorted by path.

    A path of one image file is a folder with this file alone.

    Hidden files and folders and files with other suffixes are left out, and counted. Where every
    file lies in a folder below this one, the folders of the first level are the classes, sorted by
    name; a split leaves them as they are.

    Raises:
        MissingFolderError: If there is no such folder.
        ValueError: If there is no image in it, or no such split.
    """
    folder = pathlib.Path(folder).expanduser()
    if folder.is_file() and folder.suffix.lower() in SUFFIXES:
        return contents.Files([folder], folder.parent, None)
    if not folder.is_dir():
        raise MissingFolderError(f"`folder:DIR` must name a folder. Received: {str(folder)!r}")
    files, counts = _walk(folder)
    left_out = tuple(sorted(counts.items(), key=lambda kind: (-kind[1], kind[0])))
    if not files:
        sentences = "".join(f" ({sentence})" for sentence in remarks.left_out(left_out))
        raise ValueError(
            f"`folder:DIR` must hold images ({', '.join(suffix[1:] for suffix in SUFFIXES)}) "
            f"at any depth. Received: {str(folder)!r}, which holds none{sentences}"
        )
    below = [path.relative_to(folder).parts for path in files]
    flat = any(len(parts) == 1 for parts in below)
    names = None if flat else tuple(sorted({parts[0] for parts in below}))
    rows = splits.rows(*splits.parse(split, ["train"])[1:], len(files))
    return contents.Files(files[rows], folder, names, left_out)


def files(folder: str | os.PathLike) -> dict[str, pathlib.Path]:
    """Returns all image files that `listing` lists, by their path below the folder."""
    listed = listing(folder)
    return {path.relative_to(listed.folder).as_posix(): path for path in listed.paths}


def survey(files: Sequence[pathlib.Path]) -> Survey:
    """Reads the headers of image files, without decoding one."""
    result = Survey([], [], [], collections.Counter(), collections.Counter())
    for path, header in zip(files, each(_header, files, doing="Reading headers"), strict=True):
        if isinstance(header, pictures.UnreadableImageError):
            result.unreadable.append(str(header))
        else:
            result.readable.append(path)
            result.headers.append(header)
            result.sizes[header.height, header.width] += 1
            result.channels[header.channels] += 1
    return result


def used_bits(
    folder: str | os.PathLike, headers: Survey, chosen: int | None = None
) -> tuple[int | None, int | None]:
    """Returns how many bits the values of 16-bit pictures use, and the largest of these values.

    It decodes the 16-bit pictures of the whole folder, so that all its splits look alike. What
    cannot be read does not count.

    Args:
        folder: The folder that a data set names.
        headers: Those of some of its files.
        chosen: Number of bits that somebody chose; None for as many as are needed.

    Returns:
        None and None if these files have no 16-bit picture; the choice and None if there is one.
    """
    if not headers.deep or chosen is not None:
        return (chosen if headers.deep else None), None
    whole = survey(listing(folder).paths)
    deep = [path for path, header in zip(whole.readable, whole.headers) if header.deep]
    largest = max(each(_largest, deep, doing="Reading 16-bit values"))
    return depths.needed(largest), largest


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

    A terminal shows how far it is; `doing` says in a few words what is done.
    """
    with (
        progress.bar(len(items), doing, "files") as bar,
        futures.ThreadPoolExecutor(THREADS) as pool,
    ):
        for start in range(0, len(items), AT_ONCE):
            part = items[start : start + AT_ONCE]
            yield from pool.map(function, part)
            bar.update(len(part))


def deal_with(unreadable: list[str], skip: bool, count: int) -> None:
    """Names files that cannot be read, as an error or, if they are skipped, in a line.

    Args:
        unreadable: Each with its reason.
        skip: Whether they are left out.
        count: Number of all files.

    Raises:
        pictures.UnreadableImageError: If some are there and not skipped, or none is readable.
    """
    more = f" and {len(unreadable) - 10} more" if len(unreadable) > 10 else ""
    shown = "; ".join(unreadable[:10]) + more
    if unreadable and (not skip or len(unreadable) == count):
        raise pictures.UnreadableImageError(
            "Images of a folder must be readable; data.skip_unreadable=true leaves out those that "
            "are not. "
            f"Received: {len(unreadable)} of {count} unreadable: {shown}"
        )
    if unreadable:
        print(
            f"skipped {len(unreadable)} of {count} images that cannot be read: {shown}", flush=True
        )


def _header(path: pathlib.Path) -> pictures.Header | pictures.UnreadableImageError:
    try:
        return pictures.header(path)
    except pictures.UnreadableImageError as error:
        return error


def _largest(path: pathlib.Path) -> int:
    try:
        return pictures.read(path).largest
    except pictures.UnreadableImageError:
        return 0


def _walk(folder: pathlib.Path) -> tuple[list[pathlib.Path], collections.Counter]:
    """Returns the image files below a folder, sorted, and counts of what else is there by kind."""
    files, left_out = [], collections.Counter()

    def closed(error: OSError) -> None:
        left_out["folders that cannot be opened"] += 1

    for directory, below, names in os.walk(folder, onerror=closed, followlinks=True):
        hidden = [name for name in (*below, *names) if name.startswith(".")]
        left_out["hidden files and folders"] += len(hidden)
        below[:] = [name for name in below if name not in hidden and not _loops(directory, name)]
        for name in names:
            suffix = os.path.splitext(name)[1].lower()
            path = os.path.join(directory, name)
            if name in hidden:
                continue
            if suffix not in SUFFIXES:
                kind = f"files that end in {suffix}" if suffix else "files without a suffix"
                left_out[kind] += 1
            elif os.path.isfile(path) or not os.path.exists(path):  # a broken link is unreadable
                files.append(pathlib.Path(path))
            else:
                left_out["pipes, sockets and devices"] += 1
    return sorted(files), +left_out


def _loops(directory: str, name: str) -> bool:
    """Whether a folder is a link to a folder that it lies in."""
    path = os.path.join(directory, name)
    if not os.path.islink(path):
        return False
    return pathlib.Path(os.path.realpath(directory)).is_relative_to(os.path.realpath(path))
