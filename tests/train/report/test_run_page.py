"""A run's page: what it holds, what it survives, and that it opens anywhere."""

import base64
import html.parser
import io
import json
import re
import signal

import pytest
from PIL import Image

import configs
from train import loop, runs
from train.report import curves, pages, run_page
from zoo import __main__
from zoo.games import GAN

HISTORY = """epoch,step,critic_loss,generator_loss,critic_gradient_norm,generator_gradient_norm,\
diversity,images_per_second,seconds,verdict
1,10,1.5,0.5,2.0,1.0,0.5,nan,60.5,healthy
2,20,1.25,0.75,2.0,1.0,0.5,1000,40,healthy
3,30,,0.875,,1.0,0.5,1500,20,critic saturated
"""
EMPTY = {"img", "meta", "path", "br", "wbr"}  # tags without an end


class Page(html.parser.HTMLParser):
    """The tags, texts and attributes of a page, whose tags must be closed in order."""

    def __init__(self, words):
        super().__init__()
        self.tags, self.text, self._open = [], "", []
        self.feed(words)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] != "style":
            self.text += data

    def attributes(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def read(path):
    return Page(path.read_text(encoding="utf-8"))


def measured(**fields):
    actual = {
        "metric": "parzen",
        "value": 185.34649,
        "standard_error": 2.34098,
        "step": 30,
        "protocol": {},
        "beside": {},
        "seconds": 1.0,
    }
    return actual | fields


def write_lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def write_grid(path, size=(40, 20)):
    path.parent.mkdir(exist_ok=True)
    Image.new("L", size, 128).save(path)


@pytest.fixture
def run(tmp_path):
    """A run of three epochs without samples, metrics or a checkpoint."""
    run = runs.Run(tmp_path / "some run")
    run.start(
        configs.load("dcgan_digits").override(["train.epochs=40"]),
        {"shape": [8, 8, 1], "count": 1797, "value_range": [-1.0, 1.0]},
    )
    run.history.write_text(HISTORY)
    return run


@pytest.fixture
def start(untrained):
    """A function (directory, *assignments) -> Run that saves dcgan_digits at its first weights."""

    def tiny(directory, *assignments):
        chosen = configs.load("dcgan_digits").override([*TINY, *assignments])
        return untrained(directory, chosen, shape=[8, 8, 1], value_range=[-1.0, 1.0])

    return tiny


TINY = [
    "game.generator=mlp_generator",
    "game.generator.units=4",
    "game.critic=mlp_critic",
    "game.critic.units=4",
    "game.prior.size=5",
]


def test_a_page_loads_nothing_and_runs_nothing(run):
    write_grid(run.samples / "step_00000030.png")
    page = read(run_page.write(run))
    assert {tag for tag, _ in page.tags} & {
        "script",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    } == set()
    loaded = [
        value
        for _, attrs in page.tags
        for key, value in attrs.items()
        if key in ("src", "href", "srcset", "data", "action")
    ]
    assert loaded and all(value.startswith(("data:image/png;base64,", "#")) for value in loaded)
    assert not re.search(r"url\(|@import|https?:", run.report.read_text().partition("</style>")[0])


def test_the_page_is_for_light_and_dark(run):
    style = run_page.write(run).read_text().partition("</style>")[0]
    assert "@media (prefers-color-scheme: dark)" in style
    used, (light, dark) = (
        set(re.findall(r"var\((--\w+)\)", run.report.read_text())),
        style.split("@media", 1),
    )
    assert all(f"{name}:" in light and f"{name}:" in dark.partition("* {")[0] for name in used)


def test_the_state_of_a_run_stands_in_one_line(run):
    run.checkpoints.mkdir()
    (run.checkpoints / "step-37.index").touch()
    text = read(run_page.write(run)).text
    for words in (
        "dcgan_digits",
        "Radford et al.",
        "run some run",
        "step 37",
        "epoch 3 of 40",
        "trained 2 min",
        "1,500 images/s",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59.4, "59 s"), (61, "1 min"), (3599, "1 h 0 min"), (17_900, "4 h 58 min")],
    ids=["s", "min", "hour", "hours"],
)
def test_durations(seconds, text):
    assert pages.duration(seconds) == text


def test_verdicts_are_shown_by_runs_of_equal_ones(run):
    page = read(run_page.write(run))
    assert "epochs 1–2 healthy" in page.text and "epoch 3 critic saturated" in page.text
    ribbon = [
        attrs["style"] for attrs in page.attributes("span") if "flex" in attrs.get("style", "")
    ]
    assert ribbon == ["flex: 2; background: var(--good)", "flex: 1; background: var(--high)"]


def test_metrics_have_value_error_protocol_beside_and_warnings(run):
    protocol = {"data": "digits", "unit": "nats", "warnings": ["the bandwidth is at the end"]}
    write_lines(
        run.metrics,
        measured(value=9.0, step=10),
        measured(protocol=protocol, beside={"training": {"value": 243.38}}),
    )
    page = read(run_page.write(run))
    assert "185.3 ± 2.3" in page.text and "nats" in page.text and "243.38" in page.text
    warnings = re.findall(r'<p class="warning">(.*?)</p>', run.report.read_text())
    assert len(warnings) == 1 and "the bandwidth is at the end" in warnings[0]


def test_the_newest_of_a_protocol_is_in_the_table_and_others_have_their_own_row(run):
    write_lines(
        run.metrics,
        measured(value=1.0, protocol={"samples": 50, "seed": 0}),
        measured(value=2.0, protocol={"samples": 50, "seed": 1}),
        measured(value=3.0, protocol={"samples": 99, "seed": 0}),
    )
    text = read(run_page.write(run)).text
    assert "parzen (samples 50)2.0 ± 2.3" in text and "parzen (samples 99)3.0 ± 2.3" in text
    assert "1.0 ± 2.3" not in text


def test_a_metric_of_several_steps_is_a_curve_with_error_bars(run):
    write_lines(
        run.metrics,
        measured(step=10, value=1.0),
        measured(step=30),
        measured(metric="modes", value=8, standard_error=None),
    )
    run_page.write(run)
    metrics = run.report.read_text().partition('<section id="metrics">')[2]
    assert len(re.findall(r'<figure class="chart">', metrics)) == 1
    (bars,) = re.findall(r'class="bars s0" d="([^"]*)"', metrics)
    assert bars.count("M") == 2


def test_the_best_checkpoint_is_shown(run):
    assert "best checkpoint" not in read(run_page.write(run)).text
    (run.checkpoints / "best").mkdir(parents=True)
    (run.checkpoints / "best" / "best.json").write_text(
        '{"metric": "sliced_wasserstein", "value": 0.125, "step": 20}'
    )
    assert (
        "The best checkpoint has sliced_wasserstein 0.125, at step 20."
        in read(run_page.write(run)).text
    )


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (185.34649, 2.34098, "185.3 ± 2.3"),
        (7.7227, 0.01562, "7.723 ± 0.016"),
        (1234.5, 250.0, "1234 ± 250"),
        (8, None, "8"),
        (0.5, 0.0, "0.5"),
    ]
    + [(None, None, "none"), (0.123456789, float("nan"), "0.123457")],
)
def test_numbers_are_rounded_to_their_error(value, error, text):
    assert pages.measured(value, error) == text


def test_texts_of_files_are_escaped(run):
    evil = '<script>alert("1")</script><img src=http://x>&amp;'
    record = json.loads(run.experiment_file.read_text())
    record["experiment"] |= {"name": evil, "paper": evil, evil: {evil: evil}}
    run.experiment_file.write_text(json.dumps(record))
    write_lines(
        run.metrics,
        measured(metric=evil, protocol={evil: evil, "warnings": [evil]}, beside={evil: [evil]}),
    )
    run.history.write_text(
        f'epoch,"{evil.replace(chr(34), chr(34) * 2)}",verdict\n1,2,"{evil.replace(chr(34), "")}"\n'
    )
    write_grid(run.samples / "step_00000030.png")
    write_grid(run.samples / "step_00000030_<script>.png")
    (run.samples / "step_00000030_<script>broken.png").touch()
    page = read(run_page.write(run))
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script> at step 30" in page.text
    assert "step_00000030_<script>broken.png cannot be read." in page.text
    assert all(attrs["src"].startswith("data:") for attrs in page.attributes("img"))
    assert page.text.count(evil) >= 6


def test_a_broken_line_leaves_the_others_and_is_shown(run):
    run.metrics.write_text(json.dumps(measured()) + "\n" + json.dumps(measured(value=3.0))[:40])
    text = read(run_page.write(run)).text
    assert "185.3 ± 2.3" in text
    assert "1 of 2 lines of metrics.jsonl cannot be read" in text


def test_a_run_that_has_just_begun_says_what_is_not_there(run):
    run.history.unlink()
    text = read(run_page.write(run)).text
    for words in (
        "No samples yet.",
        "No epoch has ended yet.",
        "Nothing has been measured yet",
        "step 0",
        "epoch 0 of 40",
    ):
        assert words in text
    assert "dcgan_generator" in text  # the settings


DAMAGE = {
    "history_huge": (
        "history.csv",
        b"epoch,step,a_loss,seconds\n1,1e400,1e308,inf\n2,nan,-1e308,-inf\n",
        "No finite value.",
    ),
    "metrics_none": ("metrics.jsonl", json.dumps(measured(value=None, step=None)).encode(), "none"),
    "metrics_surrogate": ("metrics.jsonl", json.dumps(measured(metric="\ud800")).encode(), "185.3"),
    "samples_cut": ("samples/step_00000030.png", None, "step_00000030.png cannot be read."),
    "samples_empty": ("samples/step_00000030.png", b"", "step_00000030.png cannot be read."),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_leaves_a_part_out_and_is_shown(run, kind):
    name, content, warning = DAMAGE[kind]
    if content is None:
        write_grid(run.directory / name)
        content = (run.directory / name).read_bytes()[:-30]
    (run.directory / name).parent.mkdir(exist_ok=True)
    (run.directory / name).write_bytes(content)
    assert warning in read(run_page.write(run)).text


def test_a_gap_in_history_is_a_gap_in_the_curve(run):
    run.history.write_text("epoch,a_loss\n1,1\n2,2\n3,\n4,nan\n5,5\n6,4\n")
    run_page.write(run)
    (path,) = re.findall(r'class="line s0" d="([^"]*)"', run.report.read_text())
    assert path.count("M") == 2


def test_the_newest_grids_and_a_few_of_all_over_time(run):
    for step in range(10, 210, 10):
        write_grid(run.samples / f"step_{step:08d}.png")
        if step < 200:
            write_grid(run.samples / f"step_{step:08d}_lens.png")
    write_grid(run.samples / "step_00000200_reconstruct.png")
    page = read(run_page.write(run))
    captions = [attrs["alt"] for attrs in page.attributes("img")]
    assert captions[:2] == [
        "samples at step 200",
        "reconstruct at step 200: each example, and to its right what the model makes of it",
    ]
    assert len(captions[2:]) == 5 and captions[2] == "step 10" and captions[-1] == "step 200"
    large = page.attributes("img")[0]
    assert large["width"] == str(40 * 15)  # by a whole factor to at most 600


def test_real_examples_stand_next_to_the_samples_in_the_same_size(run):
    write_grid(run.samples / "step_00000030.png", size=(70, 70))
    write_grid(run.examples, size=(70, 70))
    images = read(run_page.write(run)).attributes("img")
    assert [attrs["alt"] for attrs in images] == [
        "samples at step 30",
        "real examples of the data",
    ]
    assert images[0]["width"] == images[1]["width"] == str(70 * 8)


@pytest.mark.parametrize(("side", "width"), [(250, 500), (350, 600), (700, 700)])
def test_samples_fill_half_of_a_desktop(run, side, width):
    write_grid(run.samples / "step_00000030.png", size=(side, side))
    assert read(run_page.write(run)).attributes("img")[0]["width"] == str(width)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ("mnist", "dcgan_digits"),
        ("folder:/some/where/cats", "cats (dcgan_digits)"),
        ("folder:/some/where/cats/train", "cats (dcgan_digits)"),
        ("npz:birds.npz", "birds (dcgan_digits)"),
    ],
)
def test_a_page_about_own_pictures_is_named_after_them(tmp_path, data, title):
    run = runs.Run(tmp_path / "run")
    run.start(configs.load("dcgan_digits").override([f"data.name={data}"]), {})
    assert f"<title>{title}" in run_page.write(run).read_text()


def test_losses_have_a_line_where_the_critic_cannot_tell(run):
    page = read(run_page.write(run, references={"critic_loss": 1.386294}))
    assert "1.386" in page.text
    assert "Dashed: where the critic cannot tell generated from real data." in page.text
    assert "Dashed" not in read(run_page.write(run)).text


def test_speed_is_the_last_of_the_curves_and_folded(run):
    text = run_page.write(run).read_text()
    assert text.index("<summary>Speed</summary>") < text.index("<h3>images per second</h3>")
    assert text.index("<h3>diversity</h3>") < text.index("<summary>Speed</summary>")


def test_grids_over_time_are_made_smaller(run):
    for step in (1, 2):
        write_grid(run.samples / f"step_{step:08d}.png", size=(1000, 500))
    images = re.findall(r"base64,([^\"]*)", run_page.write(run).read_text())
    sizes = [Image.open(io.BytesIO(base64.b64decode(data))).size for data in images]
    assert sizes == [(1000, 500), (440, 220), (440, 220)]


def test_a_page_is_written_whole_or_not_at_all(run, monkeypatch):
    run_page.write(run)
    before = run.report.read_bytes()

    def fail(*_):
        raise OSError("no")

    monkeypatch.setattr("os.replace", fail)
    run.history.unlink()
    with pytest.raises(OSError, match="no"):
        run_page.write(run)
    assert run.report.read_bytes() == before


def test_panels_hold_what_is_compared():
    columns = [
        "critic_loss",
        "generator_loss",
        "critic_accuracy",
        "kl_real",
        "kl_fake",
        "elbo",
        "top_real_share",
        "seconds",
        "diversity",
    ]
    assert curves.panels([*columns, "critic_gradient_norm", "images_per_second"]) == {
        "losses": ["critic_loss", "generator_loss"],
        "gradient norms": ["critic_gradient_norm"],
        "diversity": ["diversity"],
        "accuracies and fractions": ["critic_accuracy", "top_real_share"],
        "kl": ["kl_real", "kl_fake"],
        "elbo": ["elbo"],
        "images per second": ["images_per_second"],
        "seconds": ["seconds"],
    }


def interpolation(run):
    section = (
        run.report.read_text()
        .partition('<section id="latent-interpolation">')[2]
        .partition("</section>")[0]
    )
    return Page(section)


def test_zoo_report_draws_the_interpolation_and_prints_the_path(start, tmp_path, capsys):
    run = start(tmp_path / "run")
    assert __main__.main(["report", str(run.directory)]) == 0
    assert capsys.readouterr().out == f"{run.report}\n"
    (image,) = interpolation(run).attributes("img")
    assert image["width"] == "600"  # ten images of 32 pixels and the gaps, 338, do not fit twice


def test_zoo_report_of_a_run_without_a_checkpoint_has_all_but_the_interpolation(run, capsys):
    assert __main__.main(["report", str(run.directory)]) == 0
    assert (
        "The page has no latent interpolation. FileNotFoundError: A run needs a checkpoint"
        in capsys.readouterr().out
    )
    assert "it takes a checkpoint" in interpolation(run).text
    assert "epoch 3 of 40" in read(run.report).text


def test_zoo_report_writes_where_it_is_shown(run, tmp_path):
    assert __main__.main(["report", str(run.directory), f"--out={tmp_path}/there/page.html"]) == 0
    assert "epochs 1–2 healthy" in read(tmp_path / "there" / "page.html").text
    assert not run.report.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "The following arguments are required: RUN|BUNDLE|FOLDER"),
        (["a", "--out=a.pdf"], "`out` must end in .html. Received: 'a.pdf'"),
    ],
    ids=["nothing", "pdf"],
)
def test_what_does_not_fit_is_refused(words, message, capsys):
    assert __main__.main(["report", *words]) == 2
    assert message in capsys.readouterr().err


def tiny(*assignments):
    few = [
        "data.batch_size=4",
        "data.split=train[:64]",
        "train.samples=4",
        "train.steps_per_epoch=2",
    ]
    return configs.load("dcgan_digits").override([*TINY, *few, *assignments])


def test_training_writes_the_page_while_it_runs_and_after_its_last_checkpoint(
    tmp_path, capsys, monkeypatch
):
    run, written = runs.Run(tmp_path / "run"), []

    def noted(run, game=None, path=None, *, references=None):
        written.append(
            (game is not None, sorted(actual.name for actual in run.checkpoints.glob("*.index")))
        )
        return original(run, game, path)

    original = run_page.write
    monkeypatch.setattr(run_page, "write", noted)
    assert (
        loop.train(
            tiny("train.epochs=3", "train.sample_every=2", "train.checkpoint_every=3"),
            run,
            verbose=False,
        )
        == 0
    )
    assert written == [(False, []), (True, ["step-6.index"])]
    assert f"report: {run.report}" in capsys.readouterr().out
    page = read(run.report)
    assert "epoch 3 of 3" in page.text
    assert interpolation(run).attributes("img")


def test_a_run_that_is_stopped_has_its_page(tmp_path, capsys, monkeypatch):
    def stopped(game, x=None, *, callbacks, **_):
        game.step.assign(1)
        callbacks[0].signal = signal.SIGTERM

    monkeypatch.setattr(GAN, "fit", stopped)
    run = runs.Run(tmp_path / "run")
    assert loop.train(tiny("train.epochs=1"), run, verbose=False) == 128 + signal.SIGTERM
    assert f"report: {run.report}" in capsys.readouterr().out
    assert "step 1" in read(run.report).text and interpolation(run).attributes("img")


def test_a_run_that_is_not_finite_has_its_page(tmp_path, capsys, monkeypatch):
    def overflow(game, x=None, *, callbacks, **_):
        callbacks[0].failure = "Not finite: all"

    monkeypatch.setattr(GAN, "fit", overflow)
    run = runs.Run(tmp_path / "run")
    assert loop.train(tiny("train.epochs=1"), run, verbose=False) == 3
    assert f"report: {run.report}" in capsys.readouterr().out
    assert run.report.exists()
