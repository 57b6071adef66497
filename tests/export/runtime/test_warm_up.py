"""Warm-up requests have the bytes of TF Serving's messages."""

import numpy as np
from tensorflow.core.framework import tensor_pb2

from export.runtime import warm_up


def test_a_request_without_inputs_has_the_bytes_of_a_prediction_log():
    # predict_log = 6 { request = 1 { model_spec = 1 { signature_name = 3 "s" } } }
    assert warm_up.encode("s", {}) == b"\x32\x07\x0a\x05\x0a\x03\x1a\x01s"


def test_an_input_is_an_entry_of_a_map_to_a_tensor():
    encoded = warm_up.encode("s", {"z": np.float32([[1.0, 2.0]])})
    # inputs = 2 { key = 1 "z", value = 2 TensorProto }, after model_spec
    request = encoded[4:]
    assert (
        request[:5] == b"\x0a\x03\x1a\x01s"
        and request[5:6] == b"\x12"
        and request[7:11] == b"\x0a\x01z\x12"
    )
    tensor = tensor_pb2.TensorProto.FromString(request[12:])
    assert [d.size for d in tensor.tensor_shape.dim] == [1, 2]
    assert np.frombuffer(tensor.tensor_content, np.float32).tolist() == [1.0, 2.0]


def test_a_request_comes_back():
    name, inputs = warm_up.decode(
        warm_up.encode("sample", {"seed": np.int64([2**63 - 1]), "x": np.float32([[0.5]])})
    )
    assert name == "sample" and set(inputs) == {"seed", "x"}
    assert inputs["seed"].dtype == np.int64 and inputs["seed"].tolist() == [2**63 - 1]
    assert inputs["x"].tolist() == [[0.5]]
