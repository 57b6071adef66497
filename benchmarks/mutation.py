"""Breaks one line of the library at a time and says which errors the tests would not notice.

    python benchmarks/mutation.py --out=results/mutation/mutants.json

A mutant is the project with one small error. It is killed if a test fails. It survives if all tests
pass that call the function with the error, and those of the file's own test module. The project is
copied to a temporary folder first; the working tree is only read.

The record is written after each mutant. A second call continues it: it runs what the record lacks,
what lies in a function that has changed since, and what `--again` names. benchmarks/README.md says
how the mutants are made and chosen.
"""

import argparse
import ast
import hashlib
import importlib
import json
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable

import forked_tests
import mutants
import mutation_table

ROOT = pathlib.Path(__file__).resolve().parents[1]
# loaded once, before the first child is made; the project itself is imported by each child
LIBRARIES = (
    *("tensorflow", "keras", "numpy", "scipy.optimize", "scipy.special", "scipy.stats"),
    *("sklearn.datasets", "sklearn.linear_model", "sklearn.neighbors", "mpmath", "PIL.Image"),
)
ROOMS = {  # files, and number of mutants
    "losses": (("zoo/losses/*.py",), 30),
    "divergences": (("zoo/divergences/*.py",), 45),
    "games": (("zoo/games/*.py",), 75),
    "penalties, priors and other flat parts": (
        tuple(
            f"zoo/{name}.py"
            for name in (
                *("penalties", "constraints", "priors", "likelihoods", "contrasts", "gaussian"),
                *("categorical", "cycles", "gradients", "noise", "replicas", "shapes"),
                *("tempering", "seeds"),
            )
        ),
        45,
    ),
    "metrics": (("zoo/metrics/*.py",), 45),
    "networks": (("zoo/networks/*.py",), 45),
}
TESTS = ("tests/zoo", "tests/test_examples.py")
# what cannot be noted: tests that start processes of their own, or read signatures; survivors
# meet them all
APART = (
    "tests/zoo/games/test_defaults.py",
    "tests/zoo/test_zoo.py",
    "tests/zoo/games/test_replicas.py",
    "tests/conformance/test_plan.py",
)
NEAR = 25.0  # seconds of processor time for the tests that are tried first
FAR = 100.0  # and for all others that call the function
SLACK, FACTOR = 60.0, 4.0  # a mutant's limit: seconds, and times the duration of its tests


def copied(root: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """Copies what git knows or would add, without results, and returns the copy's folder."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.splitlines():
        if (root / name).is_file() and not name.startswith("results/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    return folder


def measured(copy: pathlib.Path, places: Iterable[str], kept: pathlib.Path) -> dict[str, dict]:
    """Runs each test file on the project as it is, and notes duration and calls of each test.

    Args:
        copy: Folder of the project.
        places: Files and folders of tests.
        kept: File that keeps the results by the digest of each test file.

    Returns:
        The tests that pass, by name, with `seconds` and `calls`.
    """
    results = json.loads(kept.read_text()) if kept.is_file() else {}
    files = sorted(
        path
        for place in places
        for path in ([copy / place] if place.endswith(".py") else (copy / place).rglob("test_*.py"))
    )
    tests = {}
    for path in files:
        name = path.relative_to(copy).as_posix()
        digest = f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        if digest not in results:
            result = forked_tests.run(copy, [name], seconds=3600.0, trace=True)
            if result["status"] != "passed":
                print(f"{name}: {result['status']} without an error: {result['test']}", flush=True)
            for row in result["tests"].values():
                row["calls"] = [call for call in row["calls"] if not call[0].startswith("tests/")]
            results[digest] = result["tests"]
            kept.write_text(json.dumps(results))
        tests |= {test: row for test, row in results[digest].items() if row["passed"]}
    return tests


def mirrored(file: str, test: str) -> bool:
    """Says whether a test lies in the module that mirrors the file, or its folder."""
    path = pathlib.PurePosixPath(file)
    folder = pathlib.PurePosixPath("tests") / path.parent
    names = {f"{folder}/test_{path.stem}.py", f"{folder}/test_{path.parent.name}.py"}
    names.add(f"{folder.parent}/test_{path.parent.name}.py")
    return test.partition("::")[0] in names


def exercising(mutant: mutants.Mutant, tests: dict[str, dict]) -> tuple[list[str], list[str]]:
    """Returns the tests to try first, and the others, each in the order in which to try them.

    Those that call the function come first; where none does, those that call one next to it.
    """

    def calling(fits) -> list[str]:
        return [
            test
            for test, row in tests.items()
            if any(file == mutant.file and fits(function) for file, function in row["calls"])
        ]

    callers = mutant.function and calling(lambda function: function == mutant.function)
    callers = callers or calling(lambda function: True)
    own = [test for test in tests if mirrored(mutant.file, test)]
    order = sorted(
        {*callers, *own},
        key=lambda t: (t not in callers, not mirrored(mutant.file, t), tests[t]["seconds"], t),
    )
    first, others, seconds = [], [], 0.0
    for test in order:
        seconds += tests[test]["seconds"]
        if seconds <= NEAR or not first:
            first.append(test)
        elif seconds <= FAR or test in own:
            others.append(test)
    return first, others


def tried(mutant: mutants.Mutant, copy: pathlib.Path, tests: dict, wider: list[str]) -> dict:
    """Runs the tests on a mutant and returns `status`, `by` and the number of `tests`."""
    path = copy / mutant.file
    right = path.read_text()
    for cache in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        cache.unlink()
    first, others = exercising(mutant, tests)
    path.write_text(mutant.of(right))
    try:
        for part in (first, others, wider):
            limit = SLACK + FACTOR * sum(tests.get(t, {"seconds": 300.0})["seconds"] for t in part)
            result = forked_tests.run(copy, part, seconds=limit) if part else {"status": "passed"}
            if result["status"] != "passed":
                word = "killed" if result["status"] == "failed" else result["status"]
                return {"status": word, "by": result["test"], "tests": 0}
    finally:
        path.write_text(right)
    return {"status": "survived", "by": "", "tests": len(first) + len(others)}


def digest(source: str, mutant: mutants.Mutant) -> str:
    """Returns eight digits of the function or class around a mutant."""
    for node in ast.parse(source).body:
        if node.lineno <= mutant.line <= node.end_lineno:
            return hashlib.sha256(ast.unparse(node).encode()).hexdigest()[:8]
    return ""


def selected(copy: pathlib.Path, rooms: dict, scale: float, seed: int) -> list[tuple]:
    """Returns (room, mutant, digest of its function) of the mutants to run."""
    rows = []
    for room, (patterns, count) in rooms.items():
        files = sorted({path for pattern in patterns for path in copy.glob(pattern)})
        sources = {path.relative_to(copy).as_posix(): path.read_text() for path in files}
        candidates = [m for name, text in sources.items() for m in mutants.mutants(name, text)]
        for mutant in mutants.chosen(candidates, round(count * scale), seed):
            rows.append((room, mutant, digest(sources[mutant.file], mutant)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="File of the record, which is continued.")
    parser.add_argument("--seed", type=int, default=0, help="Seed of the choice of mutants.")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="Factor of the number of mutants of each room."
    )
    parser.add_argument(
        "--again", default="", help="Keys of mutants, or `survived`, to run again; with commas."
    )
    parser.add_argument(
        "--wider",
        default=",".join(APART),
        help="Test files, with commas, that survivors of their own tests are run against.",
    )
    parser.add_argument(
        "--measured",
        default="",
        help="File that keeps which test calls which function from one call to the next.",
    )
    values = parser.parse_args()
    out = pathlib.Path(values.out)
    old = json.loads(out.read_text())["mutants"] if out.is_file() else {}
    commit = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    for library in LIBRARIES:
        importlib.import_module(library)
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(ROOT, pathlib.Path(folder).resolve())
        tests = measured(copy, TESTS, pathlib.Path(values.measured or f"{folder}.json"))
        rows, again = {}, values.again.split(",")
        plan = selected(copy, ROOMS, values.scale, values.seed)
        for room, mutant, state in plan:
            before = old.get(mutant.key)
            place = {"room": room, "file": mutant.file, "function": mutant.function}
            text = {"kind": mutant.kind, "before": mutant.before, "after": mutant.after}
            row = place | {"line": mutant.line} | text | {"statement": mutant.statement}
            if (
                before
                and before["digest"] == state
                and not {mutant.key, before["status"]} & {*again}
            ):
                rows[mutant.key] = before | {"line": mutant.line}
                continue
            result = tried(mutant, copy, tests, [w for w in values.wider.split(",") if w])
            survived = before is not None and (before["status"] == "survived" or before["survived"])
            row |= result | {"survived": survived, "digest": state, "commit": commit}
            rows[mutant.key] = row
            print(f"{len(rows)}/{len(plan)} {mutant.key} {row['status']}", flush=True)
            mutation_table.write(out, {**old, **rows}, values.seed)
        mutation_table.write(out, rows, values.seed)


if __name__ == "__main__":
    main()
