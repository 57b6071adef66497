"""Which part of the project may import, name or use what, read from the source."""

import ast
import configparser
import importlib.metadata
import importlib.util
import pathlib
import re
import subprocess
import sys

import pytest

from zoo import games, losses

spec = importlib.util.spec_from_file_location("rooms", pathlib.Path(__file__).with_name("rooms.py"))
rooms = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rooms)

ROOT, PACKAGES = rooms.ROOT, rooms.PACKAGES
LEVELS = {title: level for level, line in enumerate(rooms.LINES) for title in line}


def label(path):
    return path.relative_to(ROOT).as_posix()


def dotted(node):
    """Returns `tf.distribute.Strategy` for that expression, None for what is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return inner and f"{inner}.{node.attr}"


def uses(path, pattern):
    """Returns the lines of a file on which a chain of names matches."""
    chains = (
        (node.lineno, dotted(node))
        for node in ast.walk(rooms.tree(path))
        if isinstance(node, (ast.Attribute, ast.Name))
    )
    return [
        f"{label(path)}:{line} {chain}"
        for line, chain in chains
        if chain and re.search(pattern, chain)
    ]


def users(pattern, *folders):
    return {label(path) for path in rooms.sources(*folders) if uses(path, pattern)}


EDGES = rooms.modules()


def backward(name, target):
    own, other = rooms.room(name), rooms.room(target)
    return own != other and LEVELS[other] >= LEVELS[own]


def test_imports_run_one_way():
    pairs = [(name, target) for name, targets in EDGES.items() for target in targets]
    assert [(name, target) for name, target in pairs if backward(name, target)] == []


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("zoo.losses.hinge", "zoo.laws.table"),
        ("zoo.networks.mlp", "zoo.games.gan"),
        ("zoo.games.gan", "zoo.networks.mlp"),
        ("zoo.priors", "zoo.losses"),
        ("export.bundles", "train.runs"),
        ("export.runtime.rules", "export.bundles"),
        ("train.data.sources", "train.runs"),
        ("train.callbacks", "train.loop"),
    ],
)
def test_a_backward_import_is_seen(name, target):
    assert backward(name, target) and not backward(target, "zoo.names")


def test_a_package_imports_only_what_it_may_know():
    pairs = [(name, target) for name, targets in EDGES.items() for target in targets]
    reach = rooms.REACH
    assert [
        pair for pair in pairs if not rooms.within(pair[1], *reach[pair[0].split(".")[0]])
    ] == []


def test_no_module_imports_itself_by_a_detour():
    assert rooms.circles(EDGES) == []


def test_the_picture_of_the_rooms_has_no_circle():
    assert rooms.circles(rooms.graph(EDGES)) == []


def test_a_circle_is_seen():
    assert rooms.circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


def test_each_module_of_train_is_in_a_line():
    """Elsewhere the folder is the room; a new file that lies flat in train/ is named in one."""
    named = {prefix for line in rooms.LINES for prefixes in line.values() for prefix in prefixes}
    of_train = [name for name in EDGES if name.startswith("train.")]
    assert [name for name in of_train if not rooms.within(name, *(named - {"train"}))] == []


def test_the_graph_prints_each_room_once():
    lines = rooms.mermaid().splitlines()
    assert lines[0] == "graph TD"
    assert sorted(re.findall(r"\[(.*)\]", "\n".join(lines))) == sorted(LEVELS)


def test_the_maths_and_the_games_load_neither_laws_nor_scipy():
    program = """
import sys, tensorflow, keras
before = set(sys.modules)
import zoo.losses, zoo.divergences, zoo.penalties, zoo.games
after = set(sys.modules) - before
print(sorted(name for name in after if name.startswith(("zoo.laws", "scipy", "sklearn"))))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_games_are_handed_their_networks():
    made = "zoo.networks", "zoo.build", "zoo.optimizers"
    of_games = {path: rooms.imported(path) for path in rooms.sources("zoo/games")}
    assert [
        (label(path), name)
        for path, names in of_games.items()
        for name in names
        if rooms.within(name, *made)
    ] == []


def test_the_library_reads_no_flags_and_no_data_sets():
    read = {label(path): outside_of(path) for path in rooms.sources("zoo")}
    assert {name: modules for name, modules in read.items() if modules} == {}


def outside_of(path):
    """Returns what a file of the library imports that belongs to the programs."""
    forbidden = {"tensorflow_datasets", "sklearn", "PIL", "argparse", "csv"}
    # scikit-learn has the classifiers and the neighbours; its data sets stay out
    if label(path) in ("zoo/metrics/probes.py", "zoo/metrics/neighbors.py"):
        forbidden -= {"sklearn"}
        forbidden |= {"sklearn.datasets"} if uses(path, r"\bdatasets\b") else set()
    if rooms.room(rooms.module(path)) == "zoo/command":
        forbidden -= {"argparse"}
    # Keras's save_weights takes a path; where the packages next to `zoo` lie is one
    elif label(path) not in ("zoo/games/saving.py", "zoo/siblings.py"):
        forbidden |= {"absl", "pathlib", "os"}
    roots = {name.partition(".")[0] for name in rooms.imported(path)}
    return forbidden & (roots | {"sklearn.datasets"})


def test_every_imported_distribution_is_declared():
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg")
    lines = [parsed["options"]["install_requires"], *parsed["options.extras_require"].values()]
    declared = {
        re.match(r"[\w-]+", line)[0].lower()
        for text in lines
        for line in text.split("\n")
        if re.match(r"\w", line)
    }
    modules = {
        name.partition(".")[0] for path in rooms.sources(*PACKAGES) for name in rooms.imported(path)
    }
    missing = modules - set(sys.stdlib_module_names) - set(PACKAGES)
    owners = importlib.metadata.packages_distributions()
    missing = {
        name
        for name in missing
        if not {owner.lower() for owner in owners.get(name, [name])} & declared
    }
    assert missing == set()


# the slope of a critic by its input, of a user's f, of a likelihood by latents: it moves no weight
BY_INPUT = "zoo/gradients.py"


def test_tapes_are_in_the_engine_alone():
    assert users(r"GradientTape$|\btf\.gradients$|ForwardAccumulator$", *PACKAGES) <= {
        "zoo/games/game.py",
        BY_INPUT,
    }


def test_the_other_tape_differentiates_by_its_input_only():
    watching = [
        node
        for node in ast.walk(rooms.tree(ROOT / BY_INPUT))
        if isinstance(node, ast.Call) and "GradientTape" in ast.unparse(node.func)
    ]
    assert watching
    for call in watching:
        assert {k.arg: ast.unparse(k.value) for k in call.keywords} == {
            "watch_accessed_variables": "False"
        }


def test_optimizers_move_weights_in_the_engine_alone():
    assert users(r"optimizer\w*\.(apply|minimize)$|apply_gradients$", *PACKAGES) == {
        "zoo/games/game.py",
        "train/memory.py",  # looks at the graph of an update, which it never runs
    }
    # the others are the table of optimizers, and what scales the loss for one
    assert users(r"\bkeras\.optimizers\b", *PACKAGES) == {
        "zoo/games/compiling.py",
        "zoo/games/scaling.py",
        "zoo/optimizers.py",
    }


def test_strategies_are_known_to_few_files():
    engine = {"zoo/games/game.py", "zoo/games/fitting.py", "zoo/noise.py", "zoo/replicas.py"}
    files = users(
        r"\btf\.distribute\b|get_replica_context$|MirroredStrategy$|num_replicas_in_sync$",
        *PACKAGES,
    )
    assert files <= engine | {"train/devices.py", "train/workers.py"}
    assert "zoo/replicas.py" in files  # the pattern finds what it is meant to


def words(path):
    """Yields (line, word) of every identifier and every string of a file."""
    for node in ast.walk(rooms.tree(path)):
        if isinstance(node, ast.alias):
            yield node.lineno, (node.asname or node.name).rpartition(".")[2]
        for field in ("id", "attr", "arg", "name", "value"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield node.lineno, value


def test_programs_name_no_objective():
    names = {*games.GAMES, *losses.LOSSES, *(game.__name__ for game in games.GAMES.values())}
    assert [
        f"{label(path)}:{line} {word}"
        for path in rooms.sources("train", "export")
        for line, word in words(path)
        if word in names
    ] == []


def nodes(kind, *folders):
    """Yields (place, node) of every node of a kind."""
    for path in rooms.sources(*folders):
        for node in ast.walk(rooms.tree(path)):
            if isinstance(node, kind):
                yield f"{label(path)}:{node.lineno}", node


def test_no_assert_outside_tests():
    assert [place for place, _ in nodes(ast.Assert, *PACKAGES, "benchmarks")] == []


def test_draws_are_functions_of_their_keys():
    tensorflow = r"\btf\.random\.(?!experimental$)(?!\S*stateless)"
    others = r"\bkeras\.random\b|SeedGenerator$|\bnp\.random\.(?!default_rng|Philox)"
    paths = rooms.sources(*PACKAGES)
    assert [use for path in paths for use in uses(path, f"{tensorflow}|{others}")] == []


def test_no_layer_draws_on_its_own():
    # Keras's layers draw the same on every replica; zoo/networks/dropout.py derives one that
    # does not
    drawing = r"\bkeras\.layers\.(\w*Dropout\w*|Gaussian\w*|Random\w*)$"
    calls = nodes(ast.Call, *PACKAGES)
    assert [place for place, call in calls if re.search(drawing, dotted(call.func) or "")] == []


def test_tests_are_no_package():
    assert [label(path) for path in (ROOT / "tests").rglob("__init__.py")] == []
