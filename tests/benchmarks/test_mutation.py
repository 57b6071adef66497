"""The mutation pass: mutants are errors of the code alone; each is reported as what it is."""

import ast
import importlib.util
import json
import pathlib
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "benchmarks"


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


small_errors = loaded("small_errors")
mutants = loaded("mutants")
mutation_table = loaded("mutation_table")
forked_tests = loaded("forked_tests")
mutation = loaded("mutation")

TOY = '''
"""A toy with 1 sum."""

__all__ = ["count"]


def count(n: int = 3, *, low: float = 0.0) -> int:
    """Counts n + 1 times; see `1.0 < 2.0`."""
    if n < low:
        raise ValueError(f"`n` must be {1 + 1} above {low}. Received: {n * 2}")
    total = 0
    while n > 0:
        n = n - 1
        total = max(total, 0) + 1
    return total
'''
TESTS = """
import toy

def test_count_of_a_positive_number():
    assert toy.count(2) == 2
"""
PROGRAM = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import forked_tests, mutants, mutation

mutation.SLACK = 8.0
folder = pathlib.Path(sys.argv[2])
tests = mutation.measured(folder, ["tests"], folder / "measured.json")
every = mutants.mutants("toy.py", (folder / "toy.py").read_text())
chosen = [m for m in every if [m.before, m.after] in json.loads(sys.argv[3])]
results = {m.after: mutation.tried(m, folder, tests, []) for m in chosen}
print(json.dumps({"tests": tests, "results": results}))
"""


def changes(source):
    return {(m.before, m.after) for m in mutants.mutants("toy.py", source)}


def test_a_mutant_is_killed_survives_or_runs_out_of_time(tmp_path):
    (tmp_path / "toy.py").write_text(TOY)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_toy.py").write_text(TESTS)
    wanted = [("n < low", "(n >= low)"), ("n < low", "(n <= low)"), ("n - 1", "(n + 1)")]
    assert set(wanted) <= changes(TOY)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(FOLDER), str(tmp_path), json.dumps(wanted)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    name = "tests/test_toy.py::test_count_of_a_positive_number"
    assert answer["tests"][name]["calls"] == [["toy.py", "count"]]
    assert answer["results"] == {
        "(n >= low)": {"status": "killed", "by": name, "tests": 0},
        "(n <= low)": {"status": "survived", "by": "", "tests": 1},
        "(n + 1)": {"status": "timed out", "by": "the process", "tests": 0},
    }
    assert (tmp_path / "toy.py").read_text() == TOY


def test_mutants_are_of_the_code_and_not_of_its_texts():
    for mutant in mutants.mutants("toy.py", TOY):
        changed = mutant.of(TOY)
        ast.parse(changed)
        assert mutant.function == "count"
        assert changed != TOY
        for text in ('"""A toy with 1 sum."""', "Counts n + 1 times", "{1 + 1}", "{n * 2}"):
            assert text in changed
        assert "n: int = " in changed and '__all__ = ["count"]' in changed


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("y = a - b * c", {"(a + b * c)", "(b / c)"}),
        ("y = a if b else c", {"(c if b else a)"}),
        ("y = -a", {"(a)"}),
        ("y = a <= b", {"(a < b)", "(a > b)"}),
        ("y = not a or b", {"(not a and b)", "(a)"}),
        ("y = [True, 2, 0.5, 0.0]", {"False", "3", "1.0"}),
        ("y = tf.reduce_mean(a, axis=b)", {"tf.reduce_sum(a, axis=b)", "tf.reduce_mean(a)"}),
        ("y = f(a, b)", {"f(b, a)"}),
        ("y = tf.stop_gradient(a)", {"(a)"}),
        ("check(a)", {"pass"}),
        ("y += a", {"pass"}),
        ("import a", set()),
        ("x: float = a", set()),
        ("raise ValueError(a + b)", set()),
    ],
)
def test_changes_of_a_line(line, expected):
    assert {after for _, after in changes(line)} == expected


def test_a_key_stays_where_another_line_changes():
    longer = TOY.replace("    total = 0\n", "    # counts\n    total = 0\n    low = n + 1\n")
    old = {m.key for m in mutants.mutants("toy.py", TOY)}
    assert old < {m.key for m in mutants.mutants("toy.py", longer)}
    assert len(old) == len(mutants.mutants("toy.py", TOY))


def test_the_choice_is_spread_over_files_and_lines():
    candidates = [m for name in ("a.py", "b.py") for m in mutants.mutants(name, TOY)]
    some = mutants.chosen(candidates, 6, seed=0)
    assert some == mutants.chosen(candidates[::-1], 6, seed=0) != mutants.chosen(candidates, 6, 1)
    assert [m.file for m in some].count("a.py") == 3
    assert len({(m.file, m.line) for m in some}) == 6


def test_a_mutant_meets_the_tests_that_call_its_function_the_quick_ones_first():
    called = {"own": "toy.py", "slow": "toy.py", "other": "toy.py", "next_to_it": "toy.py"}
    function = {"next_to_it": "other"}
    seconds = {"slow": 2.0 * mutation.NEAR, "next_to_it": 0.1, "apart": 0.1}
    tests = {
        name: {
            "seconds": seconds.get(name, 1.0),
            "calls": [[called.get(name, "apart.py"), function.get(name, "count")]],
        }
        for name in ("slow", "other", "own", "next_to_it", "apart")
    }
    mutant = mutants.mutants("toy.py", TOY)[0]
    assert mutation.exercising(mutant, tests) == (["other", "own"], ["slow"])
    # where no test calls the function, those of the file
    assert mutation.exercising(mutant._replace(function="count.new"), tests)[0][0] == "next_to_it"


@pytest.mark.parametrize(
    ("file", "test", "expected"),
    [
        ("zoo/priors.py", "tests/zoo/test_priors.py::test", True),
        ("zoo/games/gan.py", "tests/zoo/games/test_gan.py::test[a]", True),
        ("zoo/losses/hinge.py", "tests/zoo/test_losses.py::test", True),
        ("zoo/games/gan.py", "tests/zoo/games/test_vae.py::test", False),
        ("zoo/priors.py", "tests/train/test_priors.py::test", False),
    ],
)
def test_the_test_module_that_mirrors_a_file(file, test, expected):
    assert mutation.mirrored(file, test) is expected


def test_the_tests_and_the_files_that_the_pass_names_exist():
    root = FOLDER.parent
    assert all((root / place).exists() for place in (*mutation.TESTS, *mutation.APART))
    for patterns, count in mutation.ROOMS.values():
        assert count > 0 and all(list(root.glob(pattern)) for pattern in patterns)


def test_the_table_counts_and_gives_reasons():
    common = {"file": "toy.py", "function": "count", "line": 9, "statement": "a < b"}
    common |= {"before": "<", "after": "<=", "room": "toy", "commit": "c0ffee"}
    rows = {
        "a": common | {"status": "killed", "by": "test_toy.py::test", "survived": False},
        "b": common | {"status": "survived", "by": "", "survived": False},
        "c": common | {"status": "killed", "by": "test_toy.py::new", "survived": True},
    }
    page = mutation_table.page(rows, {"b": "a is never b"})
    assert "| toy | 3 | 2 | 0 | 1 |" in page
    lines = page.splitlines()
    assert [line for line in lines if line.endswith("| a is never b |")][0].startswith("| b | toy")
    assert [line for line in lines if line.endswith("| `test_toy.py::new` |")]
