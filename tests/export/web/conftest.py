"""The page of a small bundle, made once; a browser and onnxruntime-web where they can be had."""

import importlib.util
import pathlib

import pytest

from export.web import onnxruntime_web, pages

ROOT = pathlib.Path(__file__).parents[3]
spec = importlib.util.spec_from_file_location("browser", ROOT / "benchmarks" / "browser.py")
browser = importlib.util.module_from_spec(spec)
spec.loader.exec_module(browser)


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """A folder that looks like the npm package, and the hashes of what is in it."""
    folder, hashes = tmp_path_factory.mktemp("npm"), {}
    for name, (inner, _) in onnxruntime_web.FILES.items():
        (folder / inner).parent.mkdir(exist_ok=True)
        (folder / inner).write_text(f"the bytes of {name}")
        hashes[name] = inner, onnxruntime_web.files.digest(folder / inner)
    return folder, hashes


@pytest.fixture(scope="session")
def page(bundle, package, tmp_path_factory):
    """The page of `bundle`, with the folder in place of the 14 MB."""
    folder, hashes = package
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnxruntime_web, "FILES", hashes)
        out = tmp_path_factory.mktemp("page") / "out"
        return pages.write(bundle, out, onnxruntime_package=folder)


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Writes the page of a bundle as users have it; skips where onnxruntime-web is not at hand."""
    if not onnxruntime_web.cached():
        pytest.skip(
            f"onnxruntime-web is not in {onnxruntime_web.cache()}; `zoo web BUNDLE --out=DIR`, "
            "with a network, puts it there"
        )
    return lambda bundle: pages.write(bundle, tmp_path_factory.mktemp("real_page") / "out")


@pytest.fixture(scope="session")
def real_page(bundle, written):
    return written(bundle)


@pytest.fixture(scope="session")
def started():
    if browser.executable() is None:
        pytest.skip("Chromium is not installed")
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def chromium(started):
    """A page of a headless browser, without the events of other tests."""
    started.open("about:blank")
    started.events.clear()
    return started


@pytest.fixture
def served():
    return browser.served
