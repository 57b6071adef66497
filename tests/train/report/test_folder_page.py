"""The page of a folder of records: which records share a table, their order, what is refused."""

import json
import pathlib
import re

import pytest
from PIL import Image

from train.report import folder_page
from zoo import __main__

ROOT = pathlib.Path(__file__).parents[3]


def record(value, **protocol):
    return {
        "metric": "modes",
        "value": value,
        "standard_error": None,
        "step": 6000,
        "protocol": {"data": "ring", "seed": 0} | protocol,
        "beside": {"share": 0.97, "data": {"share": 0.9996}},
        "command": "zoo evaluate ring_hinge --metrics=modes",
        "experiment": {"name": "wgan_gp_ring", "seed": 4},
    }


@pytest.fixture
def folder(tmp_path):
    """A function that writes a folder of JSON files by name."""

    def make(**files):
        made = tmp_path / "results"
        for name, content in files.items():
            path = made / f"{name.replace('__', '/')}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return made

    return make


def tables(path):
    """Returns the rows of text of every table with a head, but that of what does best."""
    text = re.sub(
        '<section id="which-does-best">.*?</section>', "", path.read_text(), flags=re.DOTALL
    )
    bodies = re.findall(r"<thead>.*?</thead><tbody>(.*?)</tbody>", text, flags=re.DOTALL)
    # a row of details has tables of its own, which have no head
    rows = [
        re.findall(r"<tr><td>.*?</tr>\n?(?=<tr><td>|$)", body, flags=re.DOTALL) for body in bodies
    ]
    return [
        [
            [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
            for row in table
        ]
        for table in rows
    ]


def test_rows_are_sorted_by_value_within_a_table(folder):
    (rows,) = tables(
        folder_page.write(folder(a=record(2), b=record(8), c=record(None), d=record(-1)))
    )
    assert [(row[3], row[5]) for row in rows] == [
        ("8", "b.json"),
        ("2", "a.json"),
        ("-1", "d.json"),
        ("none", "c.json"),
    ]


def test_a_row_has_config_run_data_seed_value_step_file_and_beside(folder):
    path = folder_page.write(folder(below__a=record(2) | {"standard_error": 0.125}))
    ((row,),) = tables(path)
    assert row[:6] == [
        "wgan_gp_ring (ring_hinge)",
        "ring",
        "4",
        "2.00 ± 0.12",
        "6,000",
        "below/a.json",
    ]
    assert "0.9996" in path.read_text()


def test_the_page_begins_with_what_does_best(folder):
    hinge = {"name": "ring", "game": {"loss": "hinge"}}
    path = folder_page.write(folder(a=record(2), b=record(8) | {"experiment": hinge}))
    text = path.read_text()
    assert text.index("Which does best") < text.index('<p class="status">')
    best = text[text.index('id="which-does-best"') : text.index('<p class="status">')]
    assert re.findall(r"<div>(.*?) <span", best) == ["b", "a"]
    assert "Which does best" not in folder_page.write(folder(a=record(2), b="{}")).read_text()


def test_protocols_have_tables_of_their_own_and_name_their_differences(folder):
    path = folder_page.write(
        folder(
            a=record(2, samples=10),
            b=record(8, samples=20),
            c=record(3, samples=10, seed=1, bandwidth=0.2),
        )
    )
    shown = tables(path)
    assert [[row[5] for row in rows] for rows in shown] == [["c.json", "a.json"], ["b.json"]]
    assert "2 protocols, which differ in: samples." in path.read_text()
    assert re.findall('<p class="caption">(.*?)</p>', path.read_text()) == [
        "samples: 10",
        "samples: 20",
    ]


def test_a_field_that_only_one_protocol_has_is_a_difference(folder):
    path = folder_page.write(folder(a=record(2), b=record(8, near="x")))
    assert re.findall('<p class="caption">(.*?)</p>', path.read_text()) == [
        "near: not said",
        "near: x",
    ]


def test_metrics_have_sections_of_their_own(folder):
    path = folder_page.write(folder(a=record(2), b=record(8) | {"metric": "parzen"}))
    assert re.findall('<section id="(.*?)">', path.read_text()) == ["modes", "parzen"]
    assert re.findall('href="(.*?)"', path.read_text()) == ["#modes", "#parzen"]


def test_warnings_stand_in_their_row(folder):
    path = folder_page.write(
        folder(a=record(2, warnings=["seen before"]), b=record(3, warnings=[]))
    )
    ((first, second),) = tables(path)
    assert "seen before" in second[5] and "seen before" not in first[5]
    assert '<p class="warning">' in path.read_text()


def test_other_records_are_listed_with_their_command_only(folder):
    shown = tables(
        folder_page.write(
            folder(
                a=record(2), step_time={"command": "python time.py", "ratios": [1]}, other={"x": 1}
            )
        )
    )
    assert shown[1] == [["step_time.json", "python time.py"]]


def test_pictures_are_shown_with_their_names(folder):
    made = folder(a=record(2))
    (made / "below").mkdir()
    Image.new("L", (8, 8)).save(made / "below" / "grid.png")
    (made / "broken.png").write_bytes(b"PNG")
    text = folder_page.write(made).read_text()
    assert 'alt="below/grid.png" src="data:image/png;base64,' in text
    assert "broken.png cannot be read." in text


def test_damaged_records_are_named(folder):
    text = folder_page.write(folder(a=record(2), b='{"metric": "mo')).read_text()
    assert "b.json cannot be read." in text


def test_texts_are_escaped(folder):
    evil = "<script>x</script>"
    made = folder(
        a=record(2, data=evil) | {"metric": evil, "experiment": {"name": evil}},
        b={"command": evil},
        c=record(2, x=evil),
    )
    for name in ("<script>.json", "<script>cut.json", "<script>.png"):
        (made / name).write_text(json.dumps(record(1)) if name == "<script>.json" else "{")
    Image.new("L", (8, 8)).save(made / "<script>grid.png")
    text = folder_page.write(made).read_text()
    assert "<script" not in text
    for name in ("&lt;script&gt;.json", "&lt;script&gt;grid.png", "&lt;script&gt;cut.json cannot"):
        assert name in text


def test_a_record_of_no_run_has_its_command(folder):
    bundle = {key: value for key, value in record(2).items() if key != "experiment"}
    ((row,),) = tables(folder_page.write(folder(a=bundle)))
    assert row[0] == "ring_hinge"


@pytest.mark.parametrize("files", [{}, {"settings": {"endpoints": {}}}], ids=["empty", "none"])
def test_a_folder_without_records_is_refused_with_the_rule(folder, files, tmp_path, capsys):
    folder(**files)
    assert __main__.main(["report", str(tmp_path / "results")]) == 2
    error = capsys.readouterr().err
    assert "holds JSON files with `metric` or `command`" in error
    assert f"Received: {tmp_path}/results with {len(files)} other JSON files" in error


def test_zoo_report_writes_into_the_folder_or_to_a_given_path(folder, tmp_path, capsys):
    made = folder(a=record(2))
    assert __main__.main(["report", str(made)]) == 0
    assert __main__.main(["report", str(made), f"--out={tmp_path}/page.html"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{made}/report.html", f"{tmp_path}/page.html"]
    assert (made / "report.html").read_bytes() == (tmp_path / "page.html").read_bytes()


def test_every_published_record_is_on_the_page(tmp_path):
    path = folder_page.write(ROOT / "results", tmp_path / "page.html")
    names = [
        file.relative_to(ROOT / "results").as_posix() for file in (ROOT / "results").rglob("*.json")
    ]
    assert [name for name in names if f"<code>{name}</code>" not in path.read_text()] == []
