"""The table of data sources: one row for each kind, and how a name leads to its row.

A new source is one row of `KINDS`, whose function opens it; loading, help, errors and
`zoo doctor` follow. Nothing here needs TensorFlow until a TFDS data set is opened.
"""

import difflib
import pathlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from train.data import arrays, changes, contents, folders, prepared, toys
from zoo import names


class Kind(NamedTuple):
    """One kind of source.

    Attributes:
        spelling: How it is written in the name of a data set: a word, or a word, a colon and what
            stands for a path.
        text: What it holds, for help.
        open: Function of (path, split) that returns its contents; the path is "" where there is
            none.
        points: Whether its examples are points and not images.
        has_test: Function of the path that returns whether there is a split `test`, of other
            examples. A source without one holds some of its examples out of training.
        files: Function of the path that returns the files that its examples lie in, by a name that
            does not depend on where they lie; none where they lie in no file.
    """

    spelling: str
    text: str
    open: Callable[[str, str], contents.Contents]
    points: bool = False
    has_test: Callable[[str], bool] = lambda path: False
    files: Callable[[str], Mapping[str, pathlib.Path]] = lambda path: {}

    @property
    def has_path(self) -> bool:
        """Whether a path follows the word."""
        return ":" in self.spelling


class Named(NamedTuple):
    """What a name leads to: a row, the path after its word, and the changes, outermost first."""

    kind: Kind
    path: str
    changed: tuple[changes.Change, ...] = ()


class NotPreparedError(ValueError):
    """TFDS knows the data set, and it is not on this machine."""


def _toy(name: str, text: str) -> Kind:
    return Kind(
        name,
        text,
        lambda path, split: toys.read(name, split),
        points=True,
        has_test=lambda path: True,
    )


def _prepared(name: str, split: str) -> contents.Records:
    try:
        return prepared.read(name, split)
    except LookupError as error:
        if prepared.known(name):
            raise NotPreparedError(_unprepared(name)) from error
        raise ValueError(_unknown(name)) from error


KINDS = {
    kind.spelling.partition(":")[0]: kind
    for kind in (
        Kind(
            "digits",
            "scikit-learn's 1797 digits, 8x8, grey, with labels",
            lambda path, split: arrays.digits(split),
        ),
        _toy("ring", "points of 8 Gaussians on a circle"),
        _toy("grid", "points of 25 Gaussians on a square grid"),
        _toy("swiss_roll", "points on a spiral"),
        _toy("mixture", "points of two Gaussians on the line"),
        _toy("one_hot", "four points of four coordinates, one of which is 1"),
        Kind(
            "idx:DIR",
            "MNIST's idx files, with labels if their file is there",
            arrays.idx,
            has_test=arrays.has_idx_test,
            files=arrays.idx_files,
        ),
        Kind(
            "folder:DIR",
            "pictures in a folder and in all below it; folders of the first level are labels",
            folders.listing,
            files=folders.files,
        ),
        Kind(
            "npz:FILE",
            "numpy's array `images`, uint8, with `labels` if there are any; or `train`, `valid`, "
            "`test`",
            arrays.npz,
            has_test=arrays.has_npz_test,
            files=lambda path: {pathlib.Path(path).name: pathlib.Path(path).expanduser()},
        ),
    )
}
TFDS = Kind(
    "NAME",
    "a TFDS data set that is prepared on this machine, as in `mnist`",
    _prepared,
    has_test=prepared.has_test,
    files=prepared.record_files,
)


def domains(name: str) -> tuple[str, ...]:
    """Returns the one or two names of which the name of a data set is made.

    `NAME,NAME` is two domains. A comma in the path of a file or folder that exists separates
    nothing.

    Raises:
        ValueError: If there are several commas and not one of them separates two names.

    Example:
        >>> domains("digits,inverted:digits")
        ('digits', 'inverted:digits')
    """
    commas = [at for at, letter in enumerate(name) if letter == ","]
    if not commas or _whole(name):
        return (name,)
    pairs = [(name[:at].strip(), name[at + 1 :].strip()) for at in commas]
    if len(pairs) > 1:
        pairs = [pair for pair in pairs if _whole(pair[0]) and _whole(pair[1])]
    if len(pairs) != 1:
        raise ValueError(
            "A data set of two domains is NAME,NAME with one comma between the names; a path that "
            f"contains a comma must exist, or be renamed. Received: {name!r}"
        )
    return pairs[0]


def find(name: str) -> Named:
    """Returns what the name of one domain leads to; every name that has no row is one of TFDS.

    Raises:
        ValueError: If the name is not complete, or points are to be changed as images are.
    """
    word, colon, rest = name.partition(":")
    if word in changes.CHANGES and colon:
        change = changes.CHANGES[word]
        if not rest:
            raise ValueError(
                f"{word!r} must be followed by a name: {change.spelling}. Received: {name!r}"
            )
        inner = find(rest)
        if inner.kind.points:
            raise ValueError(
                f"{change.spelling} changes images. Received: {name!r}, which has points"
            )
        return inner._replace(changed=(change, *inner.changed))
    kind = KINDS.get(word)
    if kind and kind.has_path:
        if not rest:
            raise ValueError(
                f"{word!r} must be followed by a path: {kind.spelling}. Received: {name!r}"
            )
        return Named(kind, rest)
    return Named(kind, "") if kind and not colon else Named(TFDS, name)


def has_images(name: str) -> bool:
    """Whether the examples of a data set are images; points have no size and no pixels.

    Example:
        >>> has_images("ring"), has_images("digits,rotated:digits")
        (False, True)
    """
    return not any(find(domain).kind.points for domain in domains(name))


def holds_out(name: str) -> bool:
    """Whether a data set has no test split, so that some of its examples are held out of training.

    Of two domains, whether one of them has none.

    Example:
        >>> holds_out("ring"), holds_out("digits,ring")
        (False, True)
    """
    rows = [find(domain) for domain in domains(name)]
    return any(not named.kind.has_test(named.path) for named in rows)


def spellings() -> list[str]:
    """Returns how the names of our own sources are written, as in `digits` and `folder:DIR`."""
    return [row.spelling for row in (*KINDS.values(), *changes.CHANGES.values())]


def text() -> str:
    """Returns the sources by name, one on a line, for help."""
    rows = [(row.spelling, row.text) for row in (*KINDS.values(), TFDS, *changes.CHANGES.values())]
    rows.append(("NAME,NAME", "two domains `a` and `b`, whose examples have one shape"))
    return "\n".join(f"  {spelling:14} {words}" for spelling, words in rows)


def _whole(name: str) -> bool:
    """Whether a name is one of one domain: without a comma, unless in a path that exists."""
    try:
        named = find(name)
    except ValueError:
        return False
    exists = named.kind.has_path and pathlib.Path(named.path).expanduser().exists()
    return exists or ("," not in name and not named.kind.has_path)


def _unprepared(name: str) -> str:
    here, folder = prepared.available(), " and ".join(map(str, prepared.data_dirs()))
    return (
        f"{name!r} must be prepared before it can be read, and nothing is downloaded here: run "
        f"`tfds build {name}`, or set TFDS_DATA_DIR to the folder that has it. "
        f"Received: {folder}, which holds {', '.join(here) or 'no data set'}"
    )


def _unknown(name: str) -> str:
    if ":" in name:
        rows = {**{word: row for word, row in KINDS.items() if row.has_path}, **changes.CHANGES}
        near = difflib.get_close_matches(name.partition(":")[0], rows, n=1, cutoff=0.0)[0]
        return (
            f"Unknown data set {name!r}. Available with a colon: "
            f"{', '.join(row.spelling for row in rows.values())}. "
            f"Did you mean {rows[near].spelling!r}?"
        )
    path = pathlib.Path(name)
    kind = "folder" if path.is_dir() else "npz" if path.suffix.lower() == ".npz" else None
    if kind and path.exists():
        return f"{name!r} is a path; a data set is named by its kind: '{kind}:{name}'"
    others = difflib.get_close_matches(name, prepared.buildable(), n=3)
    return names.unknown("data set", name, [*spellings(), *prepared.available()]) + (
        f" Or of TFDS, with `tfds build`: {', '.join(others)}?" if others else ""
    )
