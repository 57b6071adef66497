"""Which private parts of a dependency the project uses: these, and no other."""

import ast
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[1]
FOLDERS = ("zoo", "export", "train", "configs", "benchmarks", "tests")
INTERNAL = re.compile(r"^(tensorflow\.python|keras\.src|tensorflow_gan)\b")
# documented in spite of the underscore: named tuples and `os`
PUBLIC = {"_replace", "_asdict", "_fields", "_make", "_exit"}

USED = {
    # there is no public map from a variable to its slot, which Keras's own optimizers look up thus
    ("zoo/optimizers.py", "_get_variable_index"),
    # Keras's optimizers add up gradients over replicas, and offer no way to give them the sum
    ("zoo/games/summing.py", "_all_reduce_sum_gradients"),
    # `import tensorflow_gan` fails on TensorFlow 2.16 and later; its parts load
    ("zoo/metrics/tf_gan.py", "tensorflow_gan"),
    ("tests/zoo/metrics/test_tf_gan.py", "tensorflow_gan"),
    # the name of a module that an extra brings
    ("zoo/extras.py", "tensorflow_gan"),
    # a schedule's value at a step; `learning_rate` gives that of the present step alone
    ("tests/configs/test_schema.py", "_learning_rate"),
    ("tests/zoo/test_build.py", "_learning_rate"),
    # no public option keeps TensorFlow's optimizer of graphs from changing the order of sums
    ("zoo/games/summing.py", "tensorflow.python.eager"),
    # graphs after TensorFlow's optimizer of graphs have no public door
    ("tests/conformance/ordering.py", "tensorflow.python.eager"),
    # TensorFlow takes a worker's CPU for one device, into however many it is divided
    ("train/devices.py", "tensorflow.python.distribute"),
    # the command saved_model_cli, which users run
    ("tests/export/test_rows.py", "tensorflow.python.tools"),
    # finds an average that a checkpoint might lack
    ("tests/train/test_checkpoints.py", "_model_variables_moving_average"),
}


def private(name):
    return name.startswith("_") and not name.endswith("__") and name not in PUBLIC


def trees():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def own(tree):
    """Yields the private names that a file defines: functions, variables, attributes, fields."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def used(tree):
    """Yields the private names and the internal modules that a file reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and private(node.attr):
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and INTERNAL.match(node.module or ""):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if INTERNAL.match(alias.name))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr"):
            name = ast.literal_eval(node.args[1]) if isinstance(node.args[1], ast.Constant) else ""
            yield from [name] if private(name) else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # the name of a module that is imported by name
            if re.fullmatch(r"[\w.]+", node.value) and INTERNAL.match(node.value):
                yield node.value.rstrip(".")


def test_no_private_part_of_a_dependency_is_used_but_those_in_the_list():
    files = dict(trees())
    files.pop("tests/test_private.py")
    mine = {name for tree in files.values() for name in own(tree)}
    uses = {(path, name) for path, tree in files.items() for name in used(tree)}
    assert {(path, name) for path, name in uses if name not in mine} == USED


def test_the_search_finds_what_it_is_meant_to():
    code = "import keras.src.models\nfrom tensorflow.python import ops\nx = a.b._clip\n"
    code += "y = getattr(a, '_lr')\nmodule = f'tensorflow_gan.python.{name}'\n"
    assert set(used(ast.parse(code))) == {
        "keras.src.models",
        "tensorflow.python",
        "_clip",
        "_lr",
        "tensorflow_gan.python",
    }
