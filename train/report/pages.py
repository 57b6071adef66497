"""Writes pages: HTML files that open offline, in light and dark, and load nothing from elsewhere.

The templates lie in templates/. Whatever they show is escaped, so that no name, number or text of
a run can add a tag to a page.
"""

import math
import os
import pathlib
import re
from collections.abc import Iterator, Mapping

import jinja2

from export.runtime import files

_TEMPLATES = pathlib.Path(__file__).parent / "templates"


def write(path: str | os.PathLike, template: str, **values) -> pathlib.Path:
    """Writes a page as a whole: a reader sees the old page or the new one.

    Args:
        path: HTML file to write; missing folders above it are made.
        template: File name in templates/.
        **values: What the template shows, by the names that it uses.

    Returns:
        The path.
    """
    page = ENVIRONMENT.get_template(template).render(values)
    # a file name or a JSON string may hold half of a surrogate pair, which UTF-8 has no bytes for
    return files.write_bytes(path, page.encode("utf-8", "xmlcharrefreplace"))


def plain(value) -> str:
    """Returns a JSON value as text.

    Example:
        >>> plain({"size": [8, 8], "crop": None})
        'size 8, 8, crop none'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(item)}" for key, item in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        separator = "; " if any(isinstance(item, str) for item in value) else ", "
        return separator.join(map(plain, value)) or "none"
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def count(number: float | None) -> str:
    """Returns a whole number, such as a step, with thousands separators; no text for None.

    Example:
        >>> count(6000)
        '6,000'
    """
    return "" if number is None else f"{number:,.0f}"


def duration(seconds: float) -> str:
    """Returns a duration in seconds, minutes, or hours and minutes.

    Example:
        >>> duration(5400.0)
        '1 h 30 min'
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(min(seconds, 1e12) / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def measured(value: float | None, error: float | None) -> str:
    """Returns a value with its standard error, both rounded to the error's second digit.

    Example:
        >>> measured(7.7227, 0.01562)
        '7.723 ± 0.016'
    """
    if value is None:
        return "none"
    if not error or not math.isfinite(error):
        return f"{value:.6g}"
    digits = max(0, 1 - math.floor(math.log10(abs(error))))
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def anchor(title: str) -> str:
    """Returns the `id` of the section with this title, to which links lead.

    Example:
        >>> anchor("Latent interpolation")
        'latent-interpolation'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower())


def branches(values: Mapping, depth: int = 0) -> Iterator[tuple[int, str, object]]:
    """Yields the depth, the key and the value of each row of a tree of nested values.

    The value of a nested part is its `name`, where it has one.

    Example:
        >>> list(branches({"prior": {"name": "uniform", "size": 100}}))
        [(0, 'prior', 'uniform'), (1, 'size', 100)]
    """
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield depth, key, value.get("name", "")
            rest = {inner: item for inner, item in value.items() if inner != "name"}
            yield from branches(rest, depth + 1)
        else:
            yield depth, key, value


ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters |= {
    function.__name__: function for function in (anchor, branches, count, measured, plain)
}
