"""What `zoo doctor` found, in lines that a person reads."""

from collections.abc import Sequence

from configs import schema


def text(findings: dict) -> str:
    """Returns what `doctor.examine` found, in lines that a person reads."""
    if "domains" in findings:
        own = [problem for each in findings["domains"] for problem in each["problems"]]
        between = [problem for problem in findings["problems"] if problem not in own]
        reports = [text(each) for each in findings["domains"]]
        return "\n".join(reports + [f"problem: {problem}" for problem in between])
    lines = [f"{findings['name']} [{findings['split']}]: {findings['count']} examples"]
    if findings.get("sizes"):
        low, high = findings["range"]
        kinds = ", ".join(
            f"{'grey' if kind == 1 else 'RGB'} ({count})"
            for kind, count in findings["channels"].most_common()
        )
        sizes = [
            f"{height}x{width} ({count})"
            for (height, width), count in findings["sizes"].most_common()
        ]
        lines += [
            f"  height x width   {some(sizes)}",
            f"  channels         {kinds}",
            f"  pixels           {findings['dtype']}, {low} to {high}",
            f"  classes          {findings['classes'] or 'no labels'}",
        ]
        pairs = [f"{second} = {first}" for first, second in findings["duplicates"]]
        lines += [f"  exact duplicates {len(pairs)}{': ' * bool(pairs)}{some(pairs)}"]
        lines += [
            f"  near-constant    {len(findings['flat'])}"
            f"{': ' * bool(findings['flat'])}{some(findings['flat'])}"
        ]
        lines += [f"  unreadable       {len(findings['unreadable'])}"]
    if findings["held_out"]:
        rest = findings["count"] - findings["held_out"]
        fraction = f"data.held_out={schema.HELD_OUT:g}"
        lines += [f"  held out         {findings['held_out']} ({fraction}); {rest} are trained on"]
    lines += [f"problem: {problem}" for problem in findings["problems"]] + [
        f"remark: {remark}" for remark in findings["remarks"]
    ]
    if findings["suggestion"]:
        suggestion = findings["suggestion"]
        lines += [f"model: {suggestion['model']}"]
        lines += [f"  {command}" for command in suggestion["command"]]
        for purpose, command in suggestion["others"].items():
            lines += [f"{purpose}:", f"  {command}"]
    return "\n".join(lines)


def some(items: Sequence[str], between: str = ", ", shown: int = 5) -> str:
    """Returns the first items, and how many more there are.

    Example:
        >>> some(["a", "b", "c"], shown=2)
        'a, b and 1 more'
    """
    return between.join(items[:shown]) + (
        f" and {len(items) - shown} more" if len(items) > shown else ""
    )
