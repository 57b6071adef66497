"""The command's help and its errors: quick, without TensorFlow, with the nearest right word."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import configs
from zoo import __main__
from zoo.command import verbs

ROOT = pathlib.Path(__file__).parents[1]
VERBS = sorted(verbs.VERBS)


def python(*words):
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def helped():
    """What every verb printed for --help in one fresh process, and what was imported by then."""
    program = """
import contextlib, io, json, sys
from zoo import __main__
from zoo.command import verbs
printed = {}
for words in [[], ["--help"], ["help"], *[[verb, "--help"] for verb in verbs.VERBS]]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = __main__.main(words)
    frameworks = ("tensorflow", "keras", "sklearn", "onnx", "tf2onnx")
    loaded = sorted(name for name in frameworks if name in sys.modules)
    printed[" ".join(words)] = [code, out.getvalue(), loaded]
print(json.dumps(printed))
"""
    done = python("-c", program)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("words", ["", "--help", "help"])
def test_the_command_alone_lists_its_verbs(helped, words):
    code, out, _ = helped[words]
    assert code == 0
    for name, verb in verbs.VERBS.items():
        assert f"  {name:11} {verb.text}" in out.splitlines()


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_says_its_usage_and_nothing_more(helped, verb):
    code, out, _ = helped[f"{verb} --help"]
    assert code == 0
    assert out.startswith(f"usage: zoo {verb} ")


@pytest.mark.parametrize("verb", VERBS)
def test_help_imports_no_framework(helped, verb):
    assert helped[f"{verb} --help"][2] == []


def test_python_m_zoo_is_the_command():
    done = python("-m", "zoo")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: zoo VERB")


def refused(words, capsys):
    assert __main__.main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["trian"], "Unknown verb 'trian'."),
        (["train", "--config=dcgan_digit"], "Unknown config 'dcgan_digit'."),
        (["train", "--config=dcgan_digits", "--set=trian.epochs=1"], "Did you mean 'train'?"),
        (["train", "--config=dcgan_digits", "--set=game.los=hinge"], "Did you mean 'loss'?"),
        (["train", "--config=dcgan_digits", "--set=game.loss=hing"], "Did you mean 'hinge'?"),
        (["train", "--confg=dcgan_digits"], "Did you mean '--config'?"),
        (["train", "--confg", "dcgan_digits"], "Did you mean '--config'?"),
        (["train", "--conf=dcgan_digits"], "Unknown option '--conf'."),
        (["sample", "--nmu=3"], "Unknown option '--nmu'."),
        (["encode", "run", "--input=digits", "--by=encodr"], "Did you mean 'encoder'?"),
        (["verify", "hing"], "Did you mean 'hinge'?"),
        (["sample", "run", "--num=0"], "--num: the value must be an integer of at least 1."),
        (["sample", "run", "--num=x"], "--num: the value must be an integer of at least 1."),
        (["sample", "run", "--seed=x"], "--seed: invalid int value: 'x'"),
        (["doctor", "digits", "--size=64,x"], "must be a height and a width, as in 64,48,"),
        (["train", "dcgan_digits"], "These arguments are too many: dcgan_digits."),
        (["train", "--dry_run=yes"], "--dry_run/--nodry_run: ignored explicit argument 'yes'"),
        (["train"], "`--config` must name a config: "),
        (["sample"], "The following arguments are required: RUN"),
    ],
    ids=[
        "verb",
        "config",
        "section",
        "field",
        "value",
        "option",
        "option_and_word",
        "part_of_an_option",
        "option_before_positional",
        "choice",
        "objective",
        "bound",
        "no_number",
        "no_seed",
        "size",
        "word",
        "switch",
        "nothing",
        "no_run",
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest(words, expected, capsys):
    assert expected in refused(words, capsys)


@pytest.mark.parametrize(
    ("words", "near"), [(["trian"], "train"), (["train", "--config=dcgan_digit"], "dcgan_digits")]
)
def test_the_nearest_name_is_offered(words, near, capsys):
    assert refused(words, capsys).endswith(f"Did you mean {near!r}?\n")


def test_a_refusal_is_one_line_that_begins_with_the_verb(capsys):
    for words in (["train", "--confg=x"], ["sample"], ["sample", "a", "b"], ["list", "x"]):
        error = refused(words, capsys)
        assert error.startswith(f"zoo {words[0]}: ") and error.count("\n") == 1


def test_a_directory_that_is_no_run_is_refused(tmp_path, capsys):
    assert f"Received: {tmp_path}" in refused(["sample", str(tmp_path)], capsys)


def test_list_prints_every_config(capsys):
    assert __main__.main(["list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == configs.available()


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    monkeypatch.setitem(verbs.VERBS, "list", verbs.Verb("json", ""))
    with pytest.raises(AttributeError):
        __main__.main(["list"])
