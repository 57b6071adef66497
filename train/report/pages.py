"""Self-contained pages: HTML that opens offline, in light and dark, with no script and nothing loaded from elsewhere."""

import base64
import html
import io
import math
import os
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence

from PIL import Image

PALETTE = 7  # colours of series, --s0 to --s6 below
_STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --card: #f6f7f9; --ink: #1c2027; --soft: #59616e; --line: #dde1e7; --warn: #fff3d6;
  --warn-line: #d99a00; --s0: #0068b3; --s1: #d1580a; --s2: #00875f; --s3: #a33486; --s4: #8a6d00; --s5: #0f93a8; --s6: #6b7280;
  --good: #2e9d62; --bad: #c8323c; --pale: #d98324; --flat: #7d8694; --high: #7a4fc0; }
@media (prefers-color-scheme: dark) { :root { --page: #14171c; --card: #1c2027; --ink: #e6e9ee; --soft: #a0a8b5; --line: #333a45;
  --warn: #3a2f12; --warn-line: #d9a520; --s0: #5ab0f0; --s1: #ff9a56; --s2: #43cf9b; --s3: #e488cb; --s4: #e0c64a; --s5: #5fd3e6;
  --s6: #aab2bf; --good: #3fb87a; --bad: #ef6a72; --pale: #f0a350; --flat: #8e98a8; --high: #a98ae8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 78rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.75rem 0 .9rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .4rem 0 .8rem; max-width: 80ch; }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.soft, figcaption, caption { color: var(--soft); font-size: .9rem; }
.status { display: flex; flex-wrap: wrap; gap: .35rem 1.4rem; padding: .7rem 1rem; margin: 1.1rem 0 0; max-width: none; border-radius: 8px;
  background: var(--card); font-variant-numeric: tabular-nums; }
.note { color: var(--soft); font-style: italic; }
.warning { background: var(--warn); border-left: 4px solid var(--warn-line); padding: .5rem .9rem; border-radius: 0 6px 6px 0; }
.wide { overflow: auto; max-width: 100%; }
.tall { overflow: auto; max-height: 44rem; }
.row { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
.strip { display: flex; gap: 1rem; overflow-x: auto; padding-bottom: .5rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1.25rem; }
.groups { columns: 23rem; column-gap: 1.5rem; }
.groups > div { break-inside: avoid; padding-bottom: .5rem; }
.groups h3 { margin-top: 0; }
figure { margin: 0; min-width: 0; }
figure.chart { background: var(--card); border-radius: 8px; padding: .8rem .9rem; }
figure.chart h3 { margin: 0 0 .3rem; }
img { display: block; max-width: 100%; height: auto; border-radius: 3px; border: 1px solid var(--line); }
img[width] { image-rendering: pixelated; }
.row figure { max-width: min(100%, 36.5rem); }
.strip figure { flex: none; }
.strip img { max-width: 8.3rem; }
.strip .tall { max-height: 16rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
svg path { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.grid { stroke: var(--line); stroke-width: .8; }
.axis { stroke: var(--soft); stroke-width: .8; }
.line { stroke-width: 1.7; }
.dots { stroke-width: 5.5; }
.bars { stroke-width: 1.2; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem 1.1rem .3rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
caption { text-align: left; padding: .2rem 0 .3rem; }
.number { text-align: right; white-space: nowrap; }
.tree th { font-weight: 400; color: var(--soft); white-space: nowrap; }
.tree td { overflow-wrap: anywhere; min-width: 7rem; }
.tree th, .tree td, .legend th, .legend td { padding-top: .12rem; padding-bottom: .12rem; border-bottom: none; }
.wide + .charts { margin-top: 1.25rem; }
.legend { font-size: .82rem; margin-top: .3rem; width: 100%; }
.legend td, .legend th { padding-right: 0; }
.legend .number { width: 1%; padding-left: .8rem; }
.legend th { font-weight: 400; color: var(--soft); }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .4rem; vertical-align: -.08rem; }
.ribbon { display: flex; height: 1.6rem; border-radius: 5px; overflow: hidden; margin: .4rem 0 .6rem; }
.ribbon span { min-width: 1px; }
.chips { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; padding: 0; margin: 0; font-variant-numeric: tabular-nums; }
a { color: var(--s0); }
td code, td summary { white-space: nowrap; }
details summary { cursor: pointer; color: var(--soft); }
section > details { margin-bottom: 1.6rem; font-size: .92rem; }
""" + "".join(
    f".s{i} {{ stroke: var(--s{i}); }} .f{i} {{ background: var(--s{i}); }}\n"
    for i in range(PALETTE)
)


def write(path: str | os.PathLike, title: str, parts: Iterable[str]) -> pathlib.Path:
    """Writes a page, whole or not at all.

    Args:
        path: Of the file.
        title: Text.
        parts: HTML of the body, in order.
    """
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    )
    body = "\n".join(part for part in parts if part)
    page = f"<!DOCTYPE html>\n<html lang=en><head>{head}<title>{text(title)}</title><style>{_STYLE}</style></head>\n"
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    # a file's name or a JSON string may hold half of a surrogate pair, which UTF-8 has no bytes for
    partial.write_bytes(
        f"{page}<body><main>\n{body}\n</main></body></html>\n".encode("utf-8", "xmlcharrefreplace")
    )
    os.replace(partial, path)
    return path


def text(value) -> str:
    """Returns what is shown of a value of JSON, escaped."""
    return html.escape(plain(value))


def plain(value) -> str:
    """Returns what is shown of a value of JSON."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(item)}" for key, item in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ("; " if any(isinstance(item, str) for item in value) else ", ").join(
            map(plain, value)
        ) or "none"
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def count(number: float | None) -> str:
    """Returns a whole number, such as of steps, with its thousands apart; nothing for None."""
    return "" if number is None else f"{number:,.0f}"


def measured(value: float | None, error: float | None) -> str:
    """Returns a number with its standard error, both to the error's second digit."""
    if value is None:
        return "none"
    if not error or not math.isfinite(error):
        return f"{value:.6g}"
    digits = max(0, 1 - math.floor(math.log10(abs(error))))
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def section(title: str, *parts: str) -> str:
    """Returns HTML under a heading, which is text."""
    return (
        f'<section id="{anchor(title)}"><h2>{text(title)}</h2>\n'
        + "\n".join(part for part in parts if part)
        + "</section>"
    )


def anchor(title: str) -> str:
    """Returns what a link to the section of this title ends in."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower())


def note(told: str) -> str:
    """Returns a remark on what is not there; `told` is text, with code between backticks."""
    words = re.sub("`([^`]+)`", r"<code>\1</code>", text(told))
    return f'<p class="note">{words}</p>'


def warning(told: str) -> str:
    """Returns a remark that must be seen; `told` is text."""
    return f'<p class="warning"><strong>Warning:</strong> {text(told)}</p>'


def details(summary: str, content: str) -> str:
    """Returns HTML that is shown on demand; `summary` is text."""
    return f"<details><summary>{text(summary)}</summary>{content}</details>"


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    caption: str = "",
) -> str:
    """Returns a table in a box of its own that scrolls.

    Args:
        head: Texts.
        rows: HTML of the cells.
        numbers: Columns that are set flush right.
        caption: Text.
    """

    def kind(column):
        return ' class="number"' if column in numbers else ""

    above = "".join(f"<th{kind(i)}>{text(name)}</th>" for i, name in enumerate(head))
    below = "\n".join(
        "<tr>" + "".join(f"<td{kind(i)}>{cell}</td>" for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    caption = f"<caption>{text(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{caption}<thead><tr>{above}</tr></thead><tbody>{below}</tbody></table></div>'


def tree(values: Mapping) -> str:
    """Returns a table of nested values of JSON; what lies below a key is indented, and a part's `name` stands beside its key."""
    rows = "\n".join(
        f'<tr><th scope="row" style="padding-left: {1.2 * depth:g}em">{text(key)}</th><td>{text(value)}</td></tr>'
        for depth, key, value in _flat(values, 0)
    )
    return f'<div class="wide"><table class="tree">{rows}</table></div>'


def _flat(values: Mapping, depth: int) -> Iterable[tuple[int, str, object]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield depth, key, value.get("name", "")
            yield from _flat(
                {inner: item for inner, item in value.items() if inner != "name"}, depth + 1
            )
        else:
            yield depth, key, value


def picture(png: bytes, caption: str, *, width: int | None = None) -> str:
    """Returns a picture that lies in the page itself.

    Args:
        png: The file's bytes.
        caption: Text.
        width: In pixels, a multiple of the picture's own, where there is room; its own unless given.
    """
    size = "" if width is None else f' width="{width}"'
    source = base64.b64encode(png).decode("ascii")
    told = text(caption)
    image = f'<img alt="{told}"{size} src="data:image/png;base64,{source}">'
    return f'<figure><div class="tall">{image}</div><figcaption>{told}</figcaption></figure>'


def stored(path: pathlib.Path, caption: str, *, fill: int = 0, widest: int | None = None) -> str:
    """Returns the picture in a PNG file, or a note where the file is damaged.

    Args:
        path: Of the file.
        caption: Text.
        fill: Pixels of the longer side up to which it is enlarged by a whole factor.
        widest: Pixels of width, at most; a wider picture is made smaller.
    """
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.load()  # all of it: a file can be cut off
            if widest is not None and image.width > widest:
                image.thumbnail((widest, image.height))
                data = encoded(image)
            factor = fill // max(image.size)
            width = image.width * factor if factor else None
    except (OSError, SyntaxError, ValueError):  # Pillow's own for a file that is damaged
        return note(f"{path.name} cannot be read.")
    return picture(data, caption, width=width)


def encoded(image: Image.Image) -> bytes:
    """Returns a picture as a PNG file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
