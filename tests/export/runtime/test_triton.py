"""Triton's description of an endpoint."""

from export.runtime import triton


def test_triton_s_config_names_every_tensor():
    described = {
        "inputs": {"seed": {"dtype": "int64", "shape": [None], "range": None}},
        "outputs": {"image": {"dtype": "float32", "shape": [None, 8, 8, 1], "range": [-1, 1]}},
    }
    config = triton.config(described)
    # the model's name is that of its folder
    assert not [line for line in config.splitlines() if line.startswith("name")]
    assert "max_batch_size: 64" in config
    assert (
        'input [ { name: "seed" data_type: TYPE_INT64 dims: [ 1 ] reshape: { shape: [ ] } } ]'
        in config
    )
    assert 'output [ { name: "image" data_type: TYPE_FP32 dims: [8, 8, 1] } ]' in config
