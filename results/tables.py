"""Prints the tables of the documentation from the records beside this file.

python results/tables.py modes
python results/tables.py univariate
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def records(metric: str) -> dict[str, dict]:
    """Returns the records of a metric by file name."""
    found = {path.relative_to(HERE).as_posix(): json.loads(path.read_text()) for path in sorted(HERE.rglob("*.json"))}
    return {name: record for name, record in found.items() if record.get("metric") == metric}


def modes() -> list[list[str]]:
    """Modes covered and share of samples near them, for each run on a mixture in the plane."""
    rows = [["data", "loss", "seed", "modes", "share", "record"]]
    for name, record in records("modes").items():
        experiment, beside = record["experiment"], record["beside"]
        loss = experiment["game"]["loss"]["name"]
        of = f"{record['value']} of {record['protocol']['modes']}"
        rows.append([experiment["data"]["name"], loss, str(experiment["seed"]), of, f"{beside['share']:.3f}", name])
    return rows


def univariate() -> list[list[str]]:
    """The Gaussian that each divergence leads to, beside the best one."""
    rows = [["divergence", "seed", "mean", "best mean", "std", "best std", "divergence of it", "of the best", "bound", "record"]]
    for name, record in records("gaussian_fit").items():
        experiment, beside = record["experiment"], record["beside"]
        spec = experiment["game"]["loss"]["divergence"]
        options = ", ".join(f"{value:g}" for key, value in spec.items() if key != "name")
        numbers = [
            beside["mean"],
            beside["best_mean"],
            beside["std"],
            beside["best_std"],
            record["value"],
            beside["best_value"],
            beside["bound"],
        ]
        told = [f"{number:.4f}" if number is not None else "infinite" for number in numbers]
        rows.append([spec["name"] + (f"({options})" if options else ""), str(experiment["seed"]), *told, name])
    return rows


TABLES = {"modes": modes, "univariate": univariate}

if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in TABLES:
        sys.exit(f"usage: python results/tables.py {'|'.join(TABLES)}")
    head, *rest = TABLES[sys.argv[1]]()
    for row in (head, ["---"] * len(head), *rest):
        print("| " + " | ".join(row) + " |")
