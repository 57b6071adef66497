"""Every part is in its table, every row and every config can be used, and the laws see them all."""

import importlib
import inspect
import json
import pathlib
import pkgutil

import keras
import pytest

import configs
import zoo.laws.table
from configs import schema
from train.data import toys
from zoo import (
    augmentations,
    build,
    constraints,
    contrasts,
    divergences,
    games,
    likelihoods,
    losses,
    networks,
    optimizers,
    penalties,
    priors,
)

ROOT = pathlib.Path(__file__).parents[1]
TABLES = {
    "game": games.GAMES,
    "loss": losses.LOSSES,
    "divergence": divergences.DIVERGENCES,
    "likelihood": likelihoods.LIKELIHOODS,
    "contrast": contrasts.CONTRASTS,
    "prior": priors.PRIORS,
    "penalty": penalties.PENALTIES,
    "constraint": constraints.CONSTRAINTS,
    "critic": networks.NETWORKS,
    "optimizer": optimizers.OPTIMIZERS,
    "learning_rate": optimizers.SCHEDULES,
}
ROWS = [(role, name) for role, table in TABLES.items() for name in sorted(table)]
OURS = [(role, name) for role, name in ROWS if TABLES[role][name].__module__.startswith("zoo.")]


def public_functions(module):
    every = vars(module).items()
    return {
        value
        for name, value in every
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


def modules(package):
    return [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    ]


def returns(function, annotation):
    return inspect.signature(function).return_annotation == annotation


def test_every_loss_is_in_the_table():
    constructors = {losses.zero_sum, losses.swapped}
    made = {
        f
        for module in modules(losses)
        for f in public_functions(module)
        if returns(f, losses.AdversarialLoss)
    }
    assert made - constructors == set(losses.LOSSES.values())


def test_every_divergence_is_in_the_table():
    made = {
        f
        for module in modules(divergences)
        for f in public_functions(module)
        if returns(f, divergences.Divergence)
    }
    assert made - {divergences.from_function} == set(divergences.DIVERGENCES.values())


def test_every_loss_penalty_divergence_and_game_has_laws():
    names = {name.partition("(")[0].removeprefix("f_gan.") for name in zoo.laws.table.LAWS}
    objectives = {*losses.LOSSES, *penalties.PENALTIES, *divergences.DIVERGENCES, *games.GAMES}
    objectives |= set(augmentations.AUGMENTATIONS)
    # f_gan's laws are its divergences'; gan is a divergence too; ais estimates log p(x); noise is
    # what all of them draw from
    assert names == (objectives - {"f_gan"}) | {"ais", "noise"}


def test_every_network_is_in_the_table():
    made = {
        f
        for module in modules(networks)
        for f in public_functions(module)
        if returns(f, keras.Model)
    }
    assert made == set(networks.NETWORKS.values())


def test_every_game_is_in_the_table():
    computed = {
        value
        for module in modules(games)
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, games.Game)
    }
    assert computed - {games.Game} == set(games.GAMES.values())


def test_every_game_has_a_config():
    """The laws of conformance walk the configs."""
    used = {configs.load(config).game.name for config in configs.available()}
    assert used == set(games.GAMES)


@pytest.mark.parametrize("package", ["games", "metrics"])
def test_every_game_and_metric_has_its_test_file(package):
    tested = {path.name for path in (ROOT / "tests/zoo" / package).glob("test_*.py")}
    if package == "games":
        names = {game.__module__.rpartition(".")[2] for game in games.GAMES.values()}
    else:
        names = {path.stem for path in (ROOT / "zoo/metrics").glob("*.py")} - {"__init__"}
    assert {f"test_{name}.py" for name in names} - tested == set()


@pytest.mark.parametrize(
    ("module", "annotation", "table"),
    [
        (priors, priors.Prior, priors.PRIORS),
        (penalties, penalties.Penalty, penalties.PENALTIES),
        (constraints, constraints.Constraint, constraints.CONSTRAINTS),
        (likelihoods, likelihoods.Likelihood, likelihoods.LIKELIHOODS),
        (contrasts, contrasts.Contrast, contrasts.CONTRASTS),
    ],
    ids=["priors", "penalties", "constraints", "likelihoods", "contrasts"],
)
def test_every_part_of_a_module_is_in_its_table(module, annotation, table):
    assert {f for f in public_functions(module) if returns(f, annotation)} == set(table.values())


@pytest.mark.parametrize(("role", "name"), OURS, ids="-".join)
def test_a_row_cites_its_source(role, name):
    assert "\nReference: " in inspect.getdoc(TABLES[role][name])


@pytest.mark.parametrize("role", sorted(set(TABLES) - {"critic"}))
def test_a_row_is_named_after_its_function(role):
    functions = {name: value for name, value in TABLES[role].items() if inspect.isfunction(value)}
    assert list(functions) == [function.__name__ for function in functions.values()]


@pytest.mark.parametrize("role", sorted(TABLES))
def test_the_builder_looks_in_the_same_table(role):
    module, table = build.ROLES[role].split(":")
    assert getattr(importlib.import_module(module), table) is TABLES[role]


@pytest.mark.parametrize("role", sorted(build.ROLES))
def test_the_error_for_an_unknown_name_gives_the_nearest(role):
    module, table = build.ROLES[role].split(":")
    name = min(getattr(importlib.import_module(module), table))
    with pytest.raises(
        ValueError, match=f"Unknown {role} '{name}x'. Available: .*{name}.* Did you mean '{name}'"
    ):
        build.factory(role, f"{name}x")


@pytest.fixture(params=configs.available())
def config(request):
    return request.param


def test_a_config_is_named_after_its_file(config):
    assert configs.load(config).name == config


def test_every_config_file_is_available():
    files = {path.stem for path in (ROOT / "configs").glob("*.py")} - {"__init__"}
    assert set(configs.available()) == files


def test_the_error_for_an_unknown_config_gives_the_nearest():
    with pytest.raises(
        ValueError, match="Unknown config 'dcgan_digit'.*Did you mean 'dcgan_digits'"
    ):
        configs.load("dcgan_digit")


def test_a_config_survives_json(config):
    experiment = configs.load(config)
    again = schema.Experiment.from_dict(json.loads(json.dumps(experiment.as_dict())))
    assert again == experiment
    assert again.as_dict() == experiment.as_dict()


def options(spec, role):
    """Yields (role, name, option) for a Spec and the Specs in it."""
    for key, value in spec.options.items():
        yield role, spec.name, key
        if isinstance(value, build.Spec):
            yield from options(value, key)


def test_a_config_sets_options_that_exist(config):
    experiment = configs.load(config)
    specs = [
        (experiment.game, "game"),
        *((spec, "optimizer") for spec in experiment.optimizers.values()),
    ]
    for spec, role in specs:
        for inner, name, option in options(spec, role):
            assert option in build.parameters(inner, name), (inner, name, option)


def narrow(spec):
    """Returns the Spec with few units, so that a network is built in no time."""
    small = {"width": 2, "units": (3, 3), "basis_units": (3,)}
    computed = {}
    for key, value in spec.options.items():
        computed[key] = narrow(value) if isinstance(value, build.Spec) else small.get(key, value)
    return build.Spec(spec.name, **computed)


def test_a_config_builds_its_game_and_an_optimizer_for_each_player(config):
    experiment = configs.load(config)
    points = experiment.data.name in toys.TOYS
    shape, value_range = (
        (toys.points(experiment.data.name, 1).shape[1:], None)
        if points
        else ((8, 8, 1), experiment.data.value_range)
    )
    data = {"shape": shape, "value_range": value_range, "classes": None if points else 10}
    game = build.build(narrow(experiment.game), **data, seed=0, mean_image=None)
    game.compile(
        {
            player: build.build(spec, role="optimizer")
            for player, spec in experiment.optimizers.items()
        }
    )
    assert set(game.optimizers) == set(game.players())


def test_a_config_cites_its_paper(config):
    assert "arXiv:" in configs.load(config).paper
    assert importlib.import_module(f"configs.{config}").__doc__


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/conformance").glob("test_*.py")), ids=lambda path: path.stem
)
def test_the_two_passes_of_conformance_see_every_config(path, monkeypatch):
    seen = set()
    for which in ("first", "second"):
        monkeypatch.setenv("ZOO_PASS", which)
        spec = importlib.util.spec_from_file_location(f"{which}_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        seen |= {config.partition(" ")[0] for config in getattr(module, "CONFIGS", [])}
    assert sorted(seen) == (configs.available() if seen else [])


def test_the_two_passes_of_conformance_train_every_config_in_every_way(monkeypatch):
    ways = {config: set() for config in configs.available()}
    for which in ("first", "second"):
        monkeypatch.setenv("ZOO_PASS", which)
        path = ROOT / "tests/conformance/test_training.py"
        spec = importlib.util.spec_from_file_location(f"{which}_training", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for config, (compared, killed) in module.PASS.items():
            ways[config.partition(" ")[0]] |= {f"compared {n}" for n in compared} | {
                f"killed {n}" for n in killed
            }
    assert all(way == {"compared 2", "compared 4", "killed 1", "killed 2"} for way in ways.values())


def test_the_first_pass_of_conformance_trains_every_game_and_loss_family(monkeypatch):
    monkeypatch.setenv("ZOO_PASS", "first")
    path = ROOT / "tests/conformance/test_training.py"
    spec = importlib.util.spec_from_file_location("first_training", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    trained = [configs.load(config).game for config in module.PASS]
    used = {game.options["loss"].name for game in trained if "loss" in game.options}
    assert used >= {"f_gan", "hinge", "least_squares", "non_saturating", "wasserstein"}
    # TAN is a GAN, with and without its lens
    assert {game.name for game in trained} == set(games.GAMES)
    assert any(game.options.get("conditional") for game in trained)


def test_ci_makes_both_passes():
    first, second = [
        line for line in (ROOT / ".ci/run").read_text().splitlines() if "-m pytest" in line
    ]
    assert "ZOO_PASS" not in first
    tests = "tests/conformance tests/zoo/games/test_saving.py tests/export/runtime/test_checks.py"
    assert second.startswith("ZOO_PASS=second ") and second.endswith(f"-m pytest {tests}")


def test_every_table_is_walked_by_a_law():
    """A test that is parametrised over `sorted(...TABLE)` sees a new row without an edit."""
    text = "".join(path.read_text() for path in (ROOT / "tests/zoo").rglob("test_*.py"))
    for role in sorted(
        set(TABLES) - {"game"}
    ):  # games are walked by conformance, through the configs
        table = build.ROLES[role].partition(":")[2]
        assert f"sorted({table})" in text or f".{table})" in text, table
