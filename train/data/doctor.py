"""What a data set holds, what is wrong with it, and which model would take it."""

import collections
from collections.abc import Sequence

from configs import schema
from train.data import (
    backgrounds,
    contents,
    depths,
    diagnosis,
    facts,
    folders,
    remarks,
    splits,
    suggestions,
    table,
)

FEW = 500


def examine(
    name: str,
    *,
    split: str = "train",
    size: tuple[int, int] | None = None,
    crop: int | None = None,
    background: str = backgrounds.WHITE,
    bits: int | None = None,
) -> dict:
    """Looks at every example of a data set, however broken.

    Args:
        name: As in `sources.load`, and so the other arguments: they are tried, not applied.
        split: Part of it.
        size: Height and width that training would resize to.
        crop: Square that training would cut out first.
        background: Colour that training would put behind what is transparent.
        bits: Number of bits that training would take the values of 16-bit pictures to use.

    Returns:
        `name`, `split`, `count`, `held_out` (how many of them training would leave out unless
        asked otherwise), `classes` (their number, or None); of images, `sizes` and
        `channels` with counts, `dtype`, `range`, `duplicates` (pairs of names) and `flat` (names);
        `transparent` (number of pictures); `unreadable` (file and reason); `problems`, which stop
        training; `remarks`, which do not; `suggestion`, see `suggestions.images`, or None. Of two
        domains, `name`, `domains` (this of each), and the `problems` of both.
    """
    try:
        names = table.domains(name)
        backgrounds.check(background), depths.check(bits)
    except ValueError as error:
        return _nothing(name, split) | {"problems": [str(error)]}
    domains = [_examined(each, split, size, crop, background, bits) for each in names]
    if len(domains) == 1:
        return domains[0]
    problems = [problem for findings in domains for problem in findings["problems"]]
    return {"name": name, "domains": domains, "problems": problems + _apart(domains, size, crop)}


def _nothing(name: str, split: str) -> dict:
    return {
        "name": name,
        "split": split,
        "count": 0,
        "held_out": 0,
        "classes": None,
        "unreadable": [],
        "problems": [],
        "remarks": [],
        "suggestion": None,
    }


def _examined(
    name: str,
    split: str,
    size: tuple[int, int] | None,
    crop: int | None,
    background: str,
    bits: int | None,
) -> dict:
    findings = _nothing(name, split)
    chosen = {"background": background if background != backgrounds.WHITE else None, "bits": bits}
    sizes, channels, first = collections.Counter(), collections.Counter(), {}
    low, high, duplicates, flat, transparent = 255, 0, [], [], 0
    try:
        named = table.find(name)
        opened = named.kind.open(named.path, split)
        if named.kind.points:
            return findings | {
                "count": len(opened.examples),
                "remarks": ["points, the same ones every time; not images"],
                "suggestion": suggestions.points(name),
            }
        findings["classes"] = _classes(opened)
        if isinstance(opened, contents.Files):
            bits, sentences = _of_folder(opened, bits)
            findings["remarks"] += sentences
        for fact in facts.each(named, opened, split, background=background, bits=bits):
            if isinstance(fact, str):
                findings["unreadable"].append(fact)
                continue
            sizes[fact.height, fact.width] += 1
            channels[fact.channels] += 1
            low, high = min(low, fact.low), max(high, fact.high)
            transparent += fact.transparent
            if fact.flat:
                flat.append(fact.name)
            if fact.digest in first:
                duplicates.append((first[fact.digest], fact.name))
            first.setdefault(fact.digest, fact.name)
    except ValueError as error:
        findings["problems"].append(str(error))
    count = sizes.total()
    if count and not named.kind.has_test(named.path):
        findings["held_out"] = splits.held_out_count(count, schema.HELD_OUT)
    findings |= {
        "count": count,
        "sizes": sizes,
        "channels": channels,
        "dtype": "uint8",
        "range": (low, high) if count else None,
    }
    findings |= {"duplicates": duplicates, "flat": flat, "transparent": transparent}
    findings["problems"] += _problems(findings, size, crop)
    if count:
        findings["remarks"] += remarks.transparency(transparent, count, background)
        findings["remarks"] += remarks.squeezed(sizes, size, crop) + _remarks(findings)
        findings["suggestion"] = suggestions.images(findings, size, crop, chosen)
    return findings


def _of_folder(opened: contents.Files, bits: int | None) -> tuple[int | None, list[str]]:
    """Returns how many bits 16-bit pictures use, and what is unusual about the files."""
    headers = folders.survey(opened.paths)
    needed, largest = folders.used_bits(opened.folder, headers)
    bits = needed and (bits or needed)
    deeper = [path for path in opened.paths if len(path.relative_to(opened.folder).parts) > 2]
    sentences = remarks.left_out(opened.left_out)
    sentences += remarks.depth(headers.deep, len(headers.readable), bits, largest)
    if deeper and opened.class_names:
        sentences.append(
            f"{len(deeper)} of {len(opened.paths)} pictures lie deeper than the first level of "
            "folders; the folder of the first level is the label"
        )
    return bits, sentences


def _classes(opened: contents.Contents) -> int | None:
    if isinstance(opened, contents.Files):
        return opened.class_names and len(opened.class_names)
    if isinstance(opened, contents.Array):
        return opened.classes and opened.classes.count
    return opened.classes


def _problems(findings: dict, size: tuple[int, int] | None, crop: int | None) -> list[str]:
    problems = []
    if findings["unreadable"]:
        problems.append(
            f"{len(findings['unreadable'])} unreadable, left out by "
            f"--set=data.skip_unreadable=true: {diagnosis.some(findings['unreadable'], '; ')}"
        )
    if findings["count"]:
        try:
            _shape(findings, size, crop)
        except ValueError as error:
            problems.append(str(error))
    return problems


def _shape(findings: dict, size: tuple[int, int] | None, crop: int | None) -> tuple[int, int, int]:
    headers = folders.Survey([], [], [], findings["sizes"], findings["channels"])
    return folders.common_shape(headers, size=size, crop=crop)


def _apart(domains: Sequence[dict], size: tuple[int, int] | None, crop: int | None) -> list[str]:
    """Returns the problem that two domains, each sound by itself, differ in shape."""
    if any(findings["problems"] or not findings.get("sizes") for findings in domains):
        return []
    shapes = [_shape(findings, size, crop) for findings in domains]
    if shapes[0] == shapes[1]:
        return []
    return [
        "Two domains must have examples of one shape; data.size=HEIGHT,WIDTH resizes the images "
        f"of both, and cannot change their channels. Received: {shapes[0]} and {shapes[1]}"
    ]


def _remarks(findings: dict) -> list[str]:
    sentences = []
    if findings["duplicates"]:
        sentences.append(
            "duplicates are drawn more often, and a split may hold a copy of what another has"
        )
    if findings["range"][1] < 128:
        sentences.append(
            f"no pixel is brighter than {findings['range'][1]} of 255: were the values scaled "
            "before they were stored as bytes?"
        )
    if findings["count"] < FEW:
        sentences.append(f"fewer than {FEW} images: expect a model that repeats them")
    return sentences
