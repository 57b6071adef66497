"""A stranger's manifest says what a manifest must say, in types, bounds and meaning."""

import pytest

from export.runtime import manifests, schema


def put(path, value):
    """Another value at a path of keys."""

    def change(manifest):
        *way, last = path.split("/")
        for key in way:
            manifest = manifest[key]
        manifest[last] = value

    return change


def renamed(path, name):
    """Another key for a value."""

    def change(manifest):
        *way, last = path.split("/")
        for key in way:
            manifest = manifest[key]
        manifest[name] = manifest.pop(last)

    return change


def pixels(manifest):
    """The images of a float bundle as pixels, in all that the manifest says of them."""
    for endpoint in manifest["endpoints"].values():
        endpoint["outputs"]["image"] |= {"dtype": "uint8", "range": [0, 255]}
    scaled = {"scale": 1.0, "offset": 0.0, "range": [0.0, 255.0]}
    manifest["preprocessing"] |= scaled


def first(manifest):
    """Images with the channels last as images with the channels first."""
    manifest["preprocessing"] |= {"layout": "NCHW", "size": [4, 1], "channels": 4}


Z, SEED = "endpoints/generate/inputs/z", "endpoints/sample/inputs/seed"
IMAGE = "endpoints/sample/outputs/image"
HASH = "0" * 64
MANIFESTS = {
    "a version that is a path": (put("version", "../../other"), "`version` must be in [1, 2**31)"),
    "a version that is true": (put("version", True), "`version` must be"),
    "a version that is a fraction": (put("version", 1.0), "`version` must be"),
    "version 0": (put("version", 0), "`version` must be"),
    "format 1": (put("format", 1), "of an earlier state of this program; export the model again"),
    "format 2.0": (put("format", 2.0), "must say format 2. Received: 2.0"),
    "a name that is a path": (put("name", "../x"), "`name` must be 1 to 100 letters"),
    "a name of two lines": (put("name", "x\ny"), "`name` must be"),
    "a name with a letter of another alphabet": (put("name", "t\u0456ny"), "`name` must be"),
    "an endpoint that is a path": (renamed("endpoints/sample", "../x"), "Names of endpoints"),
    "a tensor that is a path": (renamed(SEED, "a/b"), "Names of endpoints and tensors"),
    "no endpoints": (put("endpoints", {}), "`endpoints` must be an object of 1 to 32"),
    "10,000 endpoints": (put("endpoints", {f"e{n}": {} for n in range(10_000)}), "1 to 32"),
    "an unknown key": (put("hooks", ["rm"]), "Received: an unknown 'hooks'"),
    "a missing key": (lambda manifest: manifest.pop("limits"), "Received: no 'limits'"),
    "a shape that overflows": (put(f"{IMAGE}/shape", [None, 2**62, 4, 1]), "positive integers"),
    "a shape of 1 TB": (put(f"{IMAGE}/shape", [None, 2**14, 2**14, 4]), "at most 268435456 bytes"),
    "a negative shape": (put(f"{IMAGE}/shape", [None, -4, 4, 1]), "positive integers"),
    "an empty axis": (put(f"{IMAGE}/shape", [None, 0, 4, 1]), "positive integers"),
    "no free axis": (put(f"{IMAGE}/shape", [64, 4, 4, 1]), "must be null for the rows"),
    "objects": (put(f"{Z}/dtype", "object"), "must be one of float32, int32, int64, uint8"),
    "a dtype that is a list": (put(f"{Z}/dtype", ["float32"]), "must be one of float32"),
    "pixels where the graphs give values": (pixels, "must be {'image': ('uint8', [-1, 4, 4, 1])}"),
    "pixels in one endpoint": (
        lambda manifest: manifest["endpoints"]["sample"]["outputs"]["image"].update(
            dtype="uint8", range=[0, 255]
        ),
        "Images must be uint8 in every endpoint or in none",
    ),
    "pixels up to 1023": (
        lambda manifest: manifest["endpoints"]["sample"]["outputs"]["image"].update(
            dtype="uint8", range=[0, 1023]
        ),
        "must be an image with the range [0, 255]",
    ),
    "latents that are pixels": (
        lambda manifest: manifest["endpoints"]["generate"]["inputs"]["z"].update(
            dtype="uint8", range=[0, 255]
        ),
        "'z' of 'generate' is uint8 and must be an image",
    ),
    "channels first where the graphs have them last": (
        first,
        "The axes denoted DATA_CHANNEL must be [1] in the manifest's layout, NCHW",
    ),
    "another layout alone": (put("preprocessing/layout", "NCHW"), "`preprocessing` must be"),
    "an unknown layout": (put("preprocessing/layout", "CHWN"), "`preprocessing` must be"),
    "a range that is turned around": (put(f"{IMAGE}/range", [1.0, -1.0]), "the lower one first"),
    "a range of three": (put(f"{IMAGE}/range", [0.0, 0.5, 1.0]), "the lower one first"),
    "negative seeds": (put(f"{SEED}/range", [-1, 5]), "'seed' of 'sample' must be"),
    "seeds in floats": (put(f"{SEED}/range", [0.0, 5.0]), "must be two integers"),
    "another preprocessing": (put("preprocessing/scale", 2.0), "`preprocessing` must be"),
    "another sampler": (put("sampler/version", 2), "`sampler` must be"),
    "a sampler's version that is true": (put("sampler/version", True), "`sampler` must be"),
    "other limits": (put("limits/triton_max_batch_size", 4096), "`limits` must be"),
    "another prior": (put("prior/name", "sphere"), "must have the size and the bounds of its name"),
    "a prior of another size": (put("prior/size", 4), "must have the prior's size, 4"),
    "a prior in other bounds": (put("prior/bounds", [0.0, 1.0]), "the bounds of its name"),
    "classes that nothing takes": (put("classes", 10), "`classes` null if none does"),
    "weights of another kind": (put("weights", "stolen"), "`weights` must be one of"),
    "kernels of another format": (
        put("weights_format", "int16"),
        "Kernels must be stored as `weights_format` says, int16. Received: float32 [3, 16]",
    ),
    "an unknown format of kernels": (put("weights_format", "int4"), "`weights_format` must be one"),
    "a format that is a list": (
        put("weights_format", ["int16"]),
        "`weights_format` must be one of",
    ),
    "an end that is a word": (put("finished", "yes"), "`finished` must be true or false"),
    "a licence of two lines": (put("licence", "MIT\n# Run this"), "an SPDX expression or null"),
    "a commit that is a text": (put("commit", "abc"), "`commit` must be an object or null"),
    "data by a place on the disk": (
        put("data", {"name": "folder:/etc"}),
        "`data.name` must be a name without folders",
    ),
    "data above the folder": (put("data", {"name": "../x"}), "a name without folders"),
    "steps that are a text": (put("source/step", "1"), "`source.step` must be"),
    "measurements in an object": (put("metrics", {}), "`metrics` must be an array"),
    "a tolerance of 1": (put("golden/tolerance", 1.0), "`golden` must be"),
    "one golden row": (put("golden/rows", 1), "`golden` must be"),
    "golden values elsewhere": (put("golden/file", "../golden.npz"), "`golden` must be"),
    "a difference above the tolerance": (
        put("golden/largest_difference/onnx", 0.5),
        "The difference of onnx must be a number in [0, 1e-05]",
    ),
    "a runtime more": (put("golden/largest_difference/tvm", 0.0), "an unknown 'tvm'"),
    "variables of 1 TB": (put("sizes/variables", 2**40), "`sizes.variables` must be"),
    "a signature that is not there": (put("signed", True), "missing model.sig"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_other_manifests_are_refused(refused, name):
    change, sentence = MANIFESTS[name]
    assert sentence in refused(lambda directory, manifest: change(manifest))


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"sha256": "0" * 63, "bytes": 1}, "`sha256` of a must be 64 hexadecimal digits"),
        ({"sha256": HASH, "bytes": -1}, "`bytes` of a must be an integer"),
        ({"sha256": HASH, "bytes": True}, "`bytes` of a must be an integer"),
        ({"sha256": HASH}, "must have the keys"),
        ([HASH, 1], "The entry of a must be an object"),
    ],
    ids=["hash", "negative", "true", "no size", "array"],
)
def test_other_entries_of_files_are_refused(about, sentence):
    with pytest.raises(ValueError, match=sentence):
        schema.check_files({"a": about}, {"a"})


def test_a_file_outside_of_the_bundle_is_refused():
    with pytest.raises(ValueError, match="Received: missing README.md, extra ../../etc/passwd"):
        schema.check_files({"../../etc/passwd": {"sha256": HASH, "bytes": 1}}, {"README.md"})


def test_what_opens_a_bundle_reads_the_manifest_in_full(good, tmp_path):
    text = (good / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(text.replace('"version": 1,', '"version": "../x",', 1))
    for door in (manifests.read, manifests.verify):
        with pytest.raises(ValueError, match="`version` must be"):
            door(tmp_path)
