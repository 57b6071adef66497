"""The Markdown table of a record of `step_time.py`.

python benchmarks/step_table.py results/step_time.json
"""

import json
import pathlib
import sys

HEAD = (
    "| row | batch | operations a step, GFLOP | ms a step | part of the limit | fit / hand-written "
    "| fit / PyTorch | fit / PyTorch compiled |",
    "|---|---|---|---|---|---|---|---|",
)
PEERS = ("hand_written", "torch_eager", "torch_compiled")


def table(record: dict) -> str:
    """Returns the page of a record."""
    rows = record["configs"]
    timed = {name: row for name, row in rows.items() if "time" in row}
    machine, versions = record["machine"], record["versions"]
    lines = [
        "# Time of a step",
        "",
        f"    {record['command']}",
        "",
        f"{machine['cpus']} CPUs, {machine['architecture']}; TensorFlow {versions['tensorflow']}, "
        f"Keras {versions['keras']}{_torch(timed)}. {_rates(timed)}",
        "",
        "A step is one of `fit`, at the config's own batch size. Its operations are those of its "
        "matrix products and convolutions, counted in its graph. The part of the limit is the "
        "time that they would take at the rates of large ones, measured in the same rounds, over "
        "the time of the step. A ratio above 1 says that `fit` is faster than the peer; with it "
        "is its goal, unless it is met. PyTorch's goal is for the better of its two. All are "
        "medians over rounds in which all took turns.",
        "",
        *_met(timed),
        "",
        *HEAD,
        *(_line(name, row) for name, row in sorted(rows.items())),
        "",
        *_profiles(timed),
        "",
        *_notes(rows),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _torch(timed: dict) -> str:
    versions = {
        answer["torch"]
        for row in timed.values()
        for answer in row["time"].get("torch", {}).values()
        if "torch" in answer
    }
    return f", PyTorch {', '.join(sorted(versions))}" if versions else ""


def _rates(timed: dict) -> str:
    spans = {}
    for kind in ("matrix", "convolution"):
        medians = [row["time"]["flops_per_second"][kind]["median"] for row in timed.values()]
        if medians:
            spans[kind] = f"{min(medians) / 1e9:.0f} to {max(medians) / 1e9:.0f}"
    if not spans:
        return ""
    return (
        f"The machine's rates, over the rows: {spans['matrix']} GFLOP a second of matrix products, "
        f"{spans['convolution']} of convolutions."
    )


def verdicts(row: dict) -> dict[str, dict]:
    """Returns the verdicts of a timed row by what they are about: "limit" or a peer."""
    of_limit, *others = row["time"]["ratios"]
    return {"limit": of_limit} | {v["ratio"].rsplit(" / ")[-1]: v for v in others}


def _met(timed: dict) -> list[str]:
    lines = []
    peers = {"the hand-written step": PEERS[:1], "the better PyTorch": PEERS[1:]}
    for text, keys in peers.items():
        with_goal = [
            (name, verdicts(row)[key])
            for name, row in sorted(timed.items())
            for key in keys
            if key in verdicts(row) and verdicts(row)[key]["goal"] is not None
        ]
        missed = [f"{name} ({v['median']:.2f})" for name, v in with_goal if not v["met"]]
        missing = f"; missed by {', '.join(missed)}" if missed else ""
        met = len(with_goal) - len(missed)
        lines += [f"- Against {text} {met} of {len(with_goal)} rows meet their goal{missing}."]
    below = [name for name, row in timed.items() if not verdicts(row)["limit"]["met"]]
    lines += [f"- {len(below)} of {len(timed)} rows are under half of the machine's limit."]
    commits = {}
    for name, row in sorted(timed.items()):
        commits.setdefault(row["commit"]["hash"][:12], []).append(name)
    for at, (commit, names) in enumerate(sorted(commits.items(), key=lambda one: len(one[1])), 1):
        rest = "all others" if at > 1 else "all rows"
        which = rest if at == len(commits) else ", ".join(names)
        lines.append(f"- Measured at the commit {commit}: {which}.")
    return lines


def _line(name: str, row: dict) -> str:
    about = row.get("prepare")
    if about is None:
        return f"| {name} | | | | not run | | | |"
    total = sum(about["flops"].values()) / 1e9
    cells = [name, str(about["batch"]), f"{total:.3g}"]
    if "time" not in row:
        reason = "left out" if "left_out" in about else "not timed"
        return f"| {' | '.join(cells)} | {reason} | | | | |"
    given = verdicts(row)
    cells += [
        f"{1e3 * row['time']['seconds_a_step']['fit']['median']:.3g}",
        f"{given['limit']['median']:.2f}",
    ]
    for peer in PEERS:
        if peer in given:
            v = given[peer]
            missed = f" (goal {v['goal']:g})" if v["met"] is False else ""
            cells.append(f"{v['median']:.2f}{missed}")
        else:
            cells.append("no peer")
    return f"| {' | '.join(cells)} |"


def _profiles(timed: dict) -> list[str]:
    lines = [
        "## Profiles of the rows under half of the limit",
        "",
        "Parts of the time of all operations of `fit`, by kind. The threads are the time of all "
        "operations over that of the step: 2 where both cores compute all the time.",
        "",
        "| row | part of the limit | threads | kinds of operation |",
        "|---|---|---|---|",
    ]
    profiled = [(name, row) for name, row in sorted(timed.items()) if "profile" in row["time"]]
    for name, row in profiled:
        profile, limit = row["time"]["profile"], verdicts(row)["limit"]["median"]
        parts = ", ".join(f"{kind} {part:.0%}" for kind, part in profile["parts"].items())
        lines.append(f"| {name} | {limit:.2f} | {profile['busy_threads']:.2f} | {parts} |")
    return lines if profiled else []


def _notes(rows: dict) -> list[str]:
    reasons = {}
    for name, row in sorted(rows.items()):
        about = row.get("prepare", {})
        for key, text in (
            ("left_out", "Not timed"),
            ("no_hand_written", "No hand-written step"),
            ("no_torch", "No PyTorch"),
        ):
            if key in about:
                reasons.setdefault(f"{text}, {about[key]}", []).append(name)
        if about.get("data", "").startswith("random"):
            reasons.setdefault("Trained on random examples of the data's shape", []).append(name)
        for mode, answer in row.get("time", {}).get("torch", {}).items():
            if "failed" in answer:
                reasons.setdefault(f"PyTorch {mode} failed", []).append(name)
    lines = [f"- {reason}: {', '.join(names)}." for reason, names in sorted(reasons.items())]
    return ["## What has no peer, and why", "", *lines] if lines else []


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    path.with_suffix(".md").write_text(table(json.loads(path.read_text())))
