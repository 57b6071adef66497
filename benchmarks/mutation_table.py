"""Writes the record of a mutation pass, and its table next to it.

    python benchmarks/mutation_table.py results/mutation/mutants.json

The table is README.md in the record's folder. The reasons are those of mutation_reasons.json next
to this file, which is written by hand: the key of a mutant -> why it survives.
"""

import importlib.metadata
import json
import pathlib
import platform
import sys

REASONS = pathlib.Path(__file__).with_name("mutation_reasons.json")
STATUSES = ("killed", "timed out", "survived")
HEAD = """# Mutation pass

    python benchmarks/mutation.py --out=results/mutation/mutants.json

Each of these {count} mutants is the library with one small error: a wrong sign, constant,
comparison, function or argument. A mutant is killed if a test fails on it. It is timed out if its
tests take more than {factor:.0f} times the processor time that they take without the error, plus a
minute. The rest survive. [benchmarks/README.md](../../benchmarks/README.md) says how mutants are
made, chosen and run. Every mutant with the test that kills it is in mutants.json, and the reasons
are in benchmarks/mutation_reasons.json.

{commits}
"""

COMMITS = (
    "Commits at which they were run: {}. After a commit, mutants were run again whose function had "
    "changed, and survivors for which there was a new test."
)


def write(out: pathlib.Path, rows: dict[str, dict], seed: int) -> None:
    """Writes the record and its table."""
    record = {
        "command": f"python benchmarks/mutation.py --out=results/mutation/{out.name}",
        "seed": seed,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "numpy")},
        "mutants": dict(sorted(rows.items(), key=lambda row: (row[1]["file"], row[1]["line"]))),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(record, indent=1) + "\n")
    texts = json.loads(REASONS.read_text())
    out.with_name("README.md").write_text(page(record["mutants"], texts))


def page(rows: dict[str, dict], reasons: dict[str, str], factor: float = 4.0) -> str:
    """Returns the table in Markdown.

    Args:
        rows: Mutants by key, as in the record.
        reasons: Why a mutant survives, by key.
        factor: Limit of a mutant, as a multiple of the duration of its tests.
    """
    by_commit = {}
    for row in rows.values():
        by_commit[row["commit"]] = by_commit.get(row["commit"], 0) + 1
    commits = ", ".join(f"{count} at {commit}" for commit, count in by_commit.items())
    lines = [
        HEAD.format(count=len(rows), factor=factor, commits=COMMITS.format(commits)),
        "| part | mutants | killed | timed out | survived |",
        "|---|---|---|---|---|",
    ]
    rooms = list(dict.fromkeys(row["room"] for row in rows.values()))
    for room in [*rooms, "all"]:
        some = [row for row in rows.values() if room in (row["room"], "all")]
        counts = [sum(row["status"] == status for row in some) for status in STATUSES]
        lines.append(f"| {room} | {len(some)} | {' | '.join(map(str, counts))} |")
    lines += _section(
        "Survivors",
        "reason",
        [(key, row, reasons.get(key, "")) for key, row in rows.items()],
        "survived",
    )
    lines += ["", "## Survivors of an earlier run, which a test kills now", ""]
    mended = [(k, row) for k, row in rows.items() if row["survived"] and row["status"] == "killed"]
    lines += _table("test", [(k, row, f"`{row['by']}`") for k, row in mended])
    lines += _section(
        "Timed out",
        "what happens",
        [(key, row, reasons.get(key, "")) for key, row in rows.items()],
        "timed out",
    )
    return "\n".join(lines) + "\n"


def _section(title: str, last: str, rows: list[tuple], status: str) -> list[str]:
    return ["", f"## {title}", "", *_table(last, [r for r in rows if r[1]["status"] == status])]


def _table(last: str, rows: list[tuple[str, dict, str]]) -> list[str]:
    if not rows:
        return ["None."]
    lines = [f"| mutant | where | change | {last} |", "|---|---|---|---|"]
    for key, row, text in rows:
        where = f"{row['file']}:{row['line']} {row['function']}"
        change = f"`{_one_line(row['before'])}` became `{_one_line(row['after'])}`"
        if row["before"] != row["statement"] and len(row["before"]) < 12:
            change += f" in `{_one_line(row['statement'])}`"
        lines.append(f"| {key} | {where} | {change} | {text} |")
    return lines


def _one_line(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("`", "'")
    return line if len(line) <= 160 else f"{line[:157]}..."


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    record = json.loads(path.read_text())
    write(path, record["mutants"], record["seed"])
