"""Which part of the project may import, name or use what: read from the source, without running it."""

import ast
import configparser
import functools
import importlib.metadata
import pathlib
import re
import sys

import pytest

from zoo import games, losses

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("zoo", "train", "export", "configs")


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def label(path):
    return path.relative_to(ROOT).as_posix()


def module(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def tree(path):
    return ast.parse(path.read_text())


def is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def imported(path):
    """Returns the modules that a file imports, in functions too; `from zoo import names` is zoo.names."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{label(path)}:{node.lineno} imports relatively"
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {
                name if name.startswith(PACKAGES) and is_module(name) else node.module
                for name in below
            }
    return found


def within(name, *packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def dotted(node):
    """Returns `tf.distribute.Strategy` for the expression of that text, None for what is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return inner and f"{inner}.{node.attr}"


def uses(path, pattern):
    """Returns the lines of a file on which a chain of names matches."""
    chains = (
        (node.lineno, dotted(node))
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.Attribute, ast.Name))
    )
    return [
        f"{label(path)}:{line} {chain}"
        for line, chain in chains
        if chain and re.search(pattern, chain)
    ]


def users(pattern, *folders):
    return {label(path) for path in sources(*folders) if uses(path, pattern)}


def refused(path, allowed):
    return sorted(name for name in imported(path) if within(name, *PACKAGES) and not allowed(name))


@pytest.mark.parametrize("path", sources("zoo"), ids=label)
def test_zoo_imports_none_of_the_programs(path):
    assert refused(path, lambda name: within(name, "zoo")) == []


@pytest.mark.parametrize("path", sources("configs"), ids=label)
def test_configs_import_only_what_holds_names(path):
    # zoo.names makes the sentence for a wrong name; neither module imports TensorFlow
    assert refused(path, lambda name: within(name, "configs", "zoo.build", "zoo.names")) == []


@pytest.mark.parametrize("path", sources("train"), ids=label)
def test_train_imports_configs_and_zoo(path):
    assert refused(path, lambda name: within(name, "train", "configs", "zoo")) == []


@pytest.mark.parametrize("path", sources("export"), ids=label)
def test_export_knows_runs_and_no_other_part_of_train(path):
    assert refused(path, lambda name: within(name, "export", "configs", "zoo", "train.runs")) == []


@pytest.mark.parametrize(
    "path", [path for path in sources("zoo") if not within(module(path), "zoo.games")], ids=label
)
def test_only_games_import_games(path):
    assert [name for name in imported(path) if within(name, "zoo.games")] == []


@pytest.mark.parametrize("path", sources("zoo/games"), ids=label)
def test_games_are_handed_their_networks(path):
    assert [
        name
        for name in imported(path)
        if within(name, "zoo.networks", "zoo.build", "zoo.optimizers")
    ] == []


@pytest.mark.parametrize("path", sources("zoo"), ids=label)
def test_the_library_reads_no_flags_and_no_data_sets(path):
    forbidden = {"tensorflow_datasets", "sklearn", "PIL", "argparse", "csv"}
    if label(path) in (
        "zoo/metrics/probes.py",
        "zoo/metrics/neighbors.py",
    ):  # whose classifiers are scikit-learn's; its data sets stay out
        forbidden -= {"sklearn"}
        assert uses(path, r"\bdatasets\b") == []
    if label(path) not in (
        "zoo/__main__.py",
        "zoo/command/options.py",
        "zoo/command/demo.py",
        "zoo/command/verify.py",
    ):  # the command and two of its verbs
        forbidden |= {"absl", "pathlib", "os"}
    assert forbidden & {name.partition(".")[0] for name in imported(path)} == set()


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
    modules = {name.partition(".")[0] for path in sources(*PACKAGES) for name in imported(path)}
    # google.protobuf comes with TensorFlow, which says which version
    missing = modules - set(sys.stdlib_module_names) - set(PACKAGES) - {"google"}
    owners = importlib.metadata.packages_distributions()
    missing = {
        name
        for name in missing
        if not {owner.lower() for owner in owners.get(name, [name])} & declared
    }
    assert missing == set()


# the slope of a critic by its input inside a loss, of a user's f, of a likelihood by latents: they move no weight
BY_DATA = ("zoo/penalties.py", "zoo/divergences/from_function.py", "zoo/games/latent_models.py")


def test_tapes_are_in_the_engine_alone():
    assert users(r"GradientTape$|\btf\.gradients$|ForwardAccumulator$", *PACKAGES) <= {
        "zoo/games/game.py",
        *BY_DATA,
    }


@pytest.mark.parametrize("path", BY_DATA)
def test_other_tapes_differentiate_by_data_only(path):
    watching = [
        node
        for node in ast.walk(tree(ROOT / path))
        if isinstance(node, ast.Call) and "GradientTape" in ast.unparse(node.func)
    ]
    assert watching
    for call in watching:
        assert {k.arg: ast.unparse(k.value) for k in call.keywords} == {
            "watch_accessed_variables": "False"
        }


def test_optimizers_move_weights_in_the_engine_alone():
    assert users(r"optimizer\w*\.(apply|minimize)$|apply_gradients$", *PACKAGES) == {
        "zoo/games/game.py"
    }
    # the other file is the table of optimizers
    assert users(r"\bkeras\.optimizers\b", *PACKAGES) == {"zoo/games/game.py", "zoo/optimizers.py"}


def test_strategies_are_known_to_four_files():
    engine = {"zoo/games/game.py", "zoo/games/fitting.py"}
    allowed = engine | {"zoo/noise.py", "zoo/replicas.py", "train/loop.py"}
    found = users(
        r"\btf\.distribute\b|get_replica_context$|MirroredStrategy$|num_replicas_in_sync$",
        *PACKAGES,
    )
    assert found <= allowed
    assert "zoo/replicas.py" in found  # the pattern finds what it is meant to


def words(path):
    """Yields (line, word) of every identifier and every string of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.alias):
            yield node.lineno, (node.asname or node.name).rpartition(".")[2]
        for field in ("id", "attr", "arg", "name", "value"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield node.lineno, value


@pytest.mark.parametrize("path", sources("train", "export"), ids=label)
def test_programs_name_no_objective(path):
    names = {*games.GAMES, *losses.LOSSES, *(game.__name__ for game in games.GAMES.values())}
    assert [f"{label(path)}:{line} {word}" for line, word in words(path) if word in names] == []


@pytest.mark.parametrize("path", sources(*PACKAGES, "benchmarks"), ids=label)
def test_no_assert_outside_tests(path):
    assert [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Assert)] == []


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=label)
def test_draws_are_functions_of_their_keys(path):
    stateful = r"\btf\.random\.(?!experimental$)(?!\S*stateless)|\bkeras\.random\b|SeedGenerator$|\bnp\.random\.(?!default_rng)"
    assert uses(path, stateful) == []


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=label)
def test_no_layer_draws_on_its_own(path):
    # Keras's layers draw the same on every replica; zoo/networks/dropout.py derives one that does not
    calls = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    found = [
        node.lineno
        for node in calls
        if re.search(
            r"\bkeras\.layers\.(\w*Dropout\w*|Gaussian\w*|Random\w*)$", dotted(node.func) or ""
        )
    ]
    assert found == []


def test_tests_are_no_package():
    assert [label(path) for path in (ROOT / "tests").rglob("__init__.py")] == []
