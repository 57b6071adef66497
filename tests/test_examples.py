"""Every example in a docstring runs and prints what it says.

An example may use `tf`, `np` and `keras`, the names of its own module and those of its package.
"""

import ast
import doctest
import importlib
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

ROOT = pathlib.Path(__file__).parents[1]
PATHS = sorted(
    path
    for package in ("zoo", "train", "export", "configs")
    for path in (ROOT / package).rglob("*.py")
    if ">>> " in path.read_text()
)


def label(path):
    return path.relative_to(ROOT).as_posix()


def loaded(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts).removesuffix(".__init__"))


def examples(path):
    """Returns the doctests of a file, by the name of the function or class, without its module."""
    module = loaded(path)
    package = importlib.import_module(module.__package__)
    names = vars(package) | vars(module) | {"tf": tf, "np": np, "keras": keras}
    computed = doctest.DocTestFinder(exclude_empty=True).find(module, globs=names)
    return {test.name.removeprefix(module.__name__).lstrip("."): test for test in computed}


@pytest.mark.parametrize("path", PATHS, ids=label)
def test_examples_print_what_they_say(path, capsys):
    for name, test in examples(path).items():
        result = doctest.DocTestRunner().run(test, clear_globs=False)
        assert result.failed == 0, f"{name}\n{capsys.readouterr().out}"


def documented(tree, prefix=""):
    """Yields (name, docstring) of a module's functions and classes, and of the classes' methods."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield prefix + node.name, ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef):
            yield from documented(node, f"{prefix}{node.name}.")


@pytest.mark.parametrize("path", PATHS, ids=label)
def test_no_example_is_left_out(path):
    written = {name for name, text in documented(ast.parse(path.read_text())) if ">>> " in text}
    assert written
    assert written <= {name for name, test in examples(path).items() if test.examples}


def test_every_example_has_something_to_run():
    empty = [
        f"{label(path)}: {name}"
        for package in ("zoo", "train", "export", "configs")
        for path in sorted((ROOT / package).rglob("*.py"))
        for name, text in documented(ast.parse(path.read_text()))
        if "Example:" in text and ">>> " not in text
    ]
    assert empty == []
