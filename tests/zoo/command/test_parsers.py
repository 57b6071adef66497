"""How a verb's arguments may be written: every spelling gives the same values."""

import argparse

import pytest

from zoo.command import parsers


@pytest.fixture
def parser():
    made = parsers.Parser("verb", "Do what a test needs.")
    made.add_argument("place")
    made.add_argument("others", nargs="*")
    made.add_argument("--set", action="append", default=[])
    made.add_argument("--metrics", type=parsers.words, default=[])
    made.add_argument("--size", type=parsers.size)
    made.add_argument("--num", type=parsers.integer(1), default=64)
    made.add_argument("--dry_run", action=parsers.Switch)
    made.add_argument("--progress", action=parsers.Switch, default=True)
    return made


DEFAULTS = {
    "place": "run",
    "others": [],
    "set": [],
    "metrics": [],
    "size": None,
    "num": 64,
    "dry_run": False,
    "progress": True,
}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("run", {}),
        ("run --num=3", {"num": 3}),
        ("--num 3 run", {"num": 3}),
        ("run a --num=3 b", {"num": 3, "others": ["a", "b"]}),
        ("--set=a=b run --set=c.d=1,2", {"set": ["a=b", "c.d=1,2"]}),
        ("run --metrics=a,b", {"metrics": ["a", "b"]}),
        ("run --metrics a,b --metrics=c", {"metrics": ["c"]}),
        ("run --size=64,48", {"size": (64, 48)}),
        ("run --dry_run", {"dry_run": True}),
        ("--dry_run --nodry_run run", {}),
        ("--noprogress run", {"progress": False}),
        ("--noprogress run --progress", {}),
        ("--num=3 -- run", {"num": 3}),
    ],
)
def test_every_spelling_is_read(parser, words, values):
    assert vars(parser.parse(words.split())) == DEFAULTS | values


def test_defaults_are_not_shared(parser):
    parser.parse(["run", "--set=a=b"])
    assert parser.parse(["run"]).set == []


def test_a_file_holds_options(parser, tmp_path):
    file = tmp_path / "options.txt"
    file.write_text("--num=3\n--noprogress\n")
    values = vars(parser.parse([f"--flagfile={file}", "run"]))
    assert values == DEFAULTS | {"num": 3, "progress": False}


@pytest.mark.parametrize("word", ["-h", "--help", "-help"])
def test_help_is_printed_wherever_it_is_asked_for(parser, word, capsys):
    with pytest.raises(SystemExit) as ended:
        parser.parse(["run", word])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: zoo verb ")


@pytest.mark.parametrize("text", ["64,64,3", "64,x", "0,64", "-1,64", ""])
def test_a_size_is_two_positive_integers(text):
    with pytest.raises(argparse.ArgumentTypeError, match="must be a height and a width"):
        parsers.size(text)


def test_one_number_is_a_square():
    assert parsers.size("32") == (32, 32)
