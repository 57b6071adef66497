"""Templates: all that they show is escaped, and they are shipped with the package."""

import configparser
import fnmatch
import pathlib
import re

import jinja2
import pytest

from train.report import pages, plots

ROOT = pathlib.Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "train" / "report" / "templates").iterdir())


def test_what_a_template_shows_is_escaped():
    template = pages.ENVIRONMENT.from_string("{{ text | plain }}")
    assert template.render(text=["<script>", "\"'&"]) == "&lt;script&gt;; &#34;&#39;&amp;"


def test_a_macro_escapes_what_it_is_called_with():
    macros = pages.ENVIRONMENT.get_template("macros.html").module
    evil = "<script>"
    chart = plots.chart(evil, evil, [plots.Series(evil, [1, 2], [1.0, 2.0])])
    for text in (
        macros.note(evil),
        macros.warning(evil),
        macros.table([evil], [[evil]], caption=evil),
        macros.tree({evil: {evil: [evil]}}),
        macros.chart(chart),
        macros.chart(plots.chart(evil, evil, [])),
        macros.breakable(f"a_{evil}"),
    ):
        assert evil not in text and "&lt;script&gt;" in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_turns_escaping_off(path):
    assert not re.search(r"\|\s*safe\b|autoescape", path.read_text())


def test_a_name_that_a_template_is_not_given_is_an_error(tmp_path):
    with pytest.raises(jinja2.UndefinedError, match="'title' is undefined"):
        pages.write(tmp_path / "page.html", "page.html")


def test_the_style_sheet_has_every_colour_of_a_line():
    style = (ROOT / "train" / "report" / "templates" / "style.css").read_text()
    numbers = [str(number) for number in range(plots.PALETTE)]
    assert re.findall(r"^\.s(\d) { stroke: var\(--s\1\); }", style, re.MULTILINE) == numbers
    assert re.findall(r"\.f(\d) { background: var\(--s\1\); }", style) == numbers


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_the_package_ships_every_template(path):
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    patterns = setup["options.package_data"]["train"].split()
    assert any(fnmatch.fnmatch(str(path.relative_to(ROOT / "train")), p) for p in patterns)


def test_a_name_breaks_after_underscores_only():
    macros = pages.ENVIRONMENT.get_template("macros.html").module
    assert macros.breakable("a_b c") == "a_<wbr>b c"
