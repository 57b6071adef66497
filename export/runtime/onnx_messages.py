"""The parts of ONNX's messages that a bundle's graphs may have.

Reference: the field numbers are those of onnx/onnx.proto, IR version 8. Fields that are left out,
such as training steps and sparse weights, are refused where they stand. `Initializer` is a
TensorProto as `onnx_files` reads one: with the length of its `raw_data` instead of long ones.
"""

from export.runtime import messages

_TEXT = """
message ModelProto {
    int64 ir_version = 1;
    string producer_name = 2;
    string producer_version = 3;
    string domain = 4;
    int64 model_version = 5;
    string doc_string = 6;
    GraphProto graph = 7;
    repeated OperatorSetIdProto opset_import = 8;
    repeated StringStringEntryProto metadata_props = 14;
    repeated Skipped functions = 25;
}
message GraphProto {
    repeated NodeProto node = 1;
    string name = 2;
    repeated Initializer initializer = 5;
    string doc_string = 10;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
}
message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    string name = 3;
    string op_type = 4;
    repeated AttributeProto attribute = 5;
    string doc_string = 6;
    string domain = 7;
}
message AttributeProto {
    string name = 1;
    float f = 2;
    int64 i = 3;
    bytes s = 4;
    TensorProto t = 5;
    Skipped g = 6;
    repeated float floats = 7;
    repeated int64 ints = 8;
    repeated bytes strings = 9;
    repeated Skipped graphs = 11;
    string doc_string = 13;
    int32 type = 20;
}
message TensorProto {
    repeated int64 dims = 1;
    int32 data_type = 2;
    repeated float float_data = 4;
    repeated int32 int32_data = 5;
    repeated int64 int64_data = 7;
    string name = 8;
    bytes raw_data = 9;
    repeated Skipped external_data = 13;
    int32 data_location = 14;
}
message Initializer {
    repeated int64 dims = 1;
    int32 data_type = 2;
    repeated float float_data = 4;
    repeated int32 int32_data = 5;
    repeated int64 int64_data = 7;
    string name = 8;
    bytes raw_data = 9;
    repeated Skipped external_data = 13;
    int32 data_location = 14;
    int64 raw_bytes = 1000;
}
message ValueInfoProto {
    string name = 1;
    TypeProto type = 2;
    string doc_string = 3;
}
message TypeProto {
    TensorTypeProto tensor_type = 1;
    string denotation = 6;
}
message TensorTypeProto {
    int32 elem_type = 1;
    TensorShapeProto shape = 2;
}
message TensorShapeProto {
    repeated DimensionProto dim = 1;
}
message DimensionProto {
    int64 dim_value = 1;
    string dim_param = 2;
    string denotation = 3;
}
message OperatorSetIdProto {
    string domain = 1;
    int64 version = 2;
}
message StringStringEntryProto {
    string key = 1;
    string value = 2;
}
message Skipped {
}
"""
CLASSES = messages.classes("zoo.onnx", _TEXT)
# TensorProto.DataType: number -> (name, bytes of an element)
DTYPES = {
    1: ("float32", 4),
    2: ("uint8", 1),
    5: ("int16", 2),
    6: ("int32", 4),
    7: ("int64", 8),
    9: ("bool", 1),
    10: ("float16", 2),
    11: ("float64", 8),
}
