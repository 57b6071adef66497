"""What is uploaded to a model hub: a card that the hub reads, and the bundle as it was checked."""

import pytest

from export import hub
from export.runtime import folders, manifests


@pytest.fixture(scope="module")
def written(bundle, tmp_path_factory):
    return hub.write(bundle, tmp_path_factory.mktemp("hub") / "out")


def test_the_folder_holds_a_card_and_the_bundle(bundle, written):
    assert sorted(path.name for path in written.iterdir()) == ["README.md", "bundle"]
    assert folders.files(written / "bundle") == folders.files(bundle)
    manifests.verify(written / "bundle")


def test_the_card_is_the_bundle_s_under_the_hub_s_metadata(bundle, written):
    head, text = (written / "README.md").read_text()[4:].split("\n---\n", 1)
    assert 'library_name: "keras-generative-zoo"' in head.splitlines()
    assert text.endswith((bundle / "README.md").read_text())


def test_a_hub_s_own_reader_takes_the_card(written):
    huggingface_hub = pytest.importorskip("huggingface_hub", reason="it is not installed")
    card = huggingface_hub.ModelCard.load(written / "README.md")
    assert card.data.pipeline_tag == "unconditional-image-generation"
    assert [(result.metric_type, result.metric_value) for result in card.data.eval_results] == [
        ("a_number", 0.125)
    ]
    assert card.data.datasets == ["digits"]


def test_nothing_is_overwritten_and_nothing_is_left_behind(bundle, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError, match="must not exist"):
        hub.write(bundle, tmp_path / "out")
    with pytest.raises(FileNotFoundError, match="A bundle is a directory"):
        hub.write(tmp_path, tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_command_uploads_that_folder():
    assert hub.command("somewhere") == "hf upload USER/NAME somewhere"
