"""The page of each model that is served: when it is written, replaced and given up."""

import asyncio
import logging
import types

import pytest

from export.server import pages


class Model:
    """What the pages need to know of a model."""

    def __init__(self, path, version=1):
        self.path, self.version = path, version


def repository(model):
    return types.SimpleNamespace(models={"toy": {model.version: model}})


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Pages whose `zoo web` makes a folder of the version, or fails for version 13."""
    calls = []

    async def write(model, out):
        calls.append(model.version)
        if model.version == 13:
            return "zoo web: it has nothing to show"
        out.mkdir()
        (out / "index.html").write_text(f"version {model.version}")

    monkeypatch.setattr(pages, "_written", write)
    made = pages.Pages(tmp_path)
    return made, calls, lambda model: asyncio.run(made.refresh(repository(model)))


def test_a_page_is_written_once_and_replaced_with_its_model(written, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "_KEPT_SECONDS", 0)
    made, calls, refresh = written
    first, second = Model(tmp_path), Model(tmp_path, 2)
    for model in (first, first, second, second):
        refresh(model)
    assert calls == [1, 2]
    assert (made.folders["toy"] / "index.html").read_text() == "version 2"
    assert [*tmp_path.iterdir()] == [made.folders["toy"]]  # that of version 1 is removed


def test_a_page_that_was_replaced_stays_for_those_who_still_load_it(written, tmp_path, monkeypatch):
    made, _, refresh = written
    now = 100.0
    monkeypatch.setattr(pages.time, "monotonic", lambda: now)
    refresh(Model(tmp_path))
    old = made.folders["toy"]
    newest = Model(tmp_path, 2)
    refresh(newest)
    now += 59
    refresh(newest)
    assert (old / "index.html").read_text() == "version 1"
    now += 1
    refresh(newest)
    assert [*tmp_path.iterdir()] == [made.folders["toy"]] and made.folders["toy"] != old


def test_a_page_that_cannot_be_written_is_said_once(written, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(pages, "_KEPT_SECONDS", 0)
    made, calls, refresh = written
    kept = [Model(tmp_path), Model(tmp_path, 13)]
    with caplog.at_level(logging.WARNING):
        for model in [*kept, kept[1]]:
            refresh(model)
    assert calls == [1, 13] and made.folders == {} and not [*tmp_path.iterdir()]
    assert [r.getMessage() for r in caplog.records] == [
        "toy has no web page: zoo web: it has nothing to show"
    ]


def test_why_there_is_no_page_is_what_zoo_web_says(tmp_path, caplog):
    made = pages.Pages(tmp_path)
    with caplog.at_level(logging.WARNING):
        asyncio.run(made.refresh(repository(Model(tmp_path / "nothing"))))
    assert made.folders == {}
    assert "toy has no web page: zoo web: " in caplog.text and "Received: " in caplog.text
