"""The parts of TensorFlow's messages that a bundle's SavedModel may have.

Reference: the field numbers are those of saved_model.proto, meta_graph.proto, graph.proto,
function.proto, node_def.proto, attr_value.proto, tensor.proto, saved_object_graph.proto and
tensor_bundle.proto in tensorflow/core. Fields that are left out, such as assets of an object graph,
are refused where they stand.
"""

from export.runtime import messages

_TEXT = """
message SavedModel {
    int64 saved_model_schema_version = 1;
    repeated MetaGraphDef meta_graphs = 2;
}
message MetaGraphDef {
    MetaInfoDef meta_info_def = 1;
    GraphDef graph_def = 2;
    SaverDef saver_def = 3;
    repeated CollectionEntry collection_def = 4;
    repeated SignatureEntry signature_def = 5;
    repeated Skipped asset_file_def = 6;
    SavedObjectGraph object_graph_def = 7;
}
message MetaInfoDef {
    string meta_graph_version = 1;
    Skipped stripped_op_list = 2;
    repeated string tags = 4;
    string tensorflow_version = 5;
    string tensorflow_git_version = 6;
    bool stripped_default_attrs = 7;
}
message GraphDef {
    repeated NodeDef node = 1;
    FunctionDefLibrary library = 2;
    Skipped versions = 4;
    Skipped debug_info = 5;
}
message FunctionDefLibrary {
    repeated FunctionDef function = 1;
    repeated Skipped gradient = 2;
    repeated Skipped registered_gradients = 3;
}
message FunctionDef {
    OpDef signature = 1;
    repeated NodeDef node_def = 3;
    repeated TextEntry ret = 4;
    repeated AttrEntry attr = 5;
    repeated TextEntry control_ret = 6;
    repeated Skipped arg_attr = 7;
    repeated Skipped resource_arg_unique_id = 8;
}
message OpDef {
    string name = 1;
    repeated ArgDef input_arg = 2;
    repeated Skipped output_arg = 3;
    repeated Skipped attr = 4;
    string summary = 5;
    string description = 6;
    bool is_stateful = 17;
    bool is_commutative = 18;
    repeated string control_output = 20;
}
message ArgDef {
    string name = 1;
    string description = 2;
    int32 type = 3;
    string type_attr = 4;
    string number_attr = 5;
    string type_list_attr = 6;
    repeated Skipped handle_data = 7;
    bool is_ref = 16;
    Skipped experimental_full_type = 17;
}
message TextEntry {
    string key = 1;
    string value = 2;
}
message NodeDef {
    string name = 1;
    string op = 2;
    repeated string input = 3;
    string device = 4;
    repeated AttrEntry attr = 5;
    Skipped experimental_debug_info = 6;
    Skipped experimental_type = 7;
}
message AttrEntry {
    string key = 1;
    AttrValue value = 2;
}
message AttrValue {
    ListValue list = 1;
    bytes s = 2;
    int64 i = 3;
    float f = 4;
    bool b = 5;
    int32 type = 6;
    TensorShapeProto shape = 7;
    TensorProto tensor = 8;
    NameAttrList func = 10;
}
message ListValue {
    repeated bytes s = 2;
    repeated int64 i = 3;
    repeated float f = 4;
    repeated bool b = 5;
    repeated int32 type = 6;
    repeated TensorShapeProto shape = 7;
    repeated NameAttrList func = 9;
}
message NameAttrList {
    string name = 1;
    repeated AttrEntry attr = 2;
}
message TensorShapeProto {
    repeated Dim dim = 2;
    bool unknown_rank = 3;
}
message Dim {
    int64 size = 1;
    string name = 2;
}
message TensorProto {
    int32 dtype = 1;
    TensorShapeProto tensor_shape = 2;
    int32 version_number = 3;
    bytes tensor_content = 4;
    repeated float float_val = 5;
    repeated double double_val = 6;
    repeated int32 int_val = 7;
    repeated bytes string_val = 8;
    repeated int64 int64_val = 10;
    repeated bool bool_val = 11;
    repeated int32 half_val = 13;
}
message SaverDef {
    string filename_tensor_name = 1;
    string save_tensor_name = 2;
    string restore_op_name = 3;
    int32 max_to_keep = 4;
    bool sharded = 5;
    float keep_checkpoint_every_n_hours = 6;
    int32 version = 7;
}
message CollectionEntry {
    string key = 1;
    CollectionDef value = 2;
}
message CollectionDef {
    NodeList node_list = 1;
}
message NodeList {
    repeated string value = 1;
}
message SignatureEntry {
    string key = 1;
    SignatureDef value = 2;
}
message SignatureDef {
    repeated TensorEntry inputs = 1;
    repeated TensorEntry outputs = 2;
    string method_name = 3;
}
message TensorEntry {
    string key = 1;
    TensorInfo value = 2;
}
message TensorInfo {
    string name = 1;
    int32 dtype = 2;
    TensorShapeProto tensor_shape = 3;
}
message SavedObjectGraph {
    repeated SavedObject nodes = 1;
    repeated ConcreteEntry concrete_functions = 2;
}
message SavedObject {
    repeated ObjectReference children = 1;
    SavedUserObject user_object = 4;
    Skipped asset = 5;
    Skipped function = 6;
    SavedVariable variable = 7;
    Skipped bare_concrete_function = 8;
    Skipped constant = 9;
    Skipped resource = 10;
    Skipped captured_tensor = 12;
    repeated ObjectReference dependencies = 15;
}
message ObjectReference {
    int32 node_id = 1;
    string local_name = 2;
}
message SavedUserObject {
    string identifier = 1;
    Skipped version = 2;
    string metadata = 3;
}
message SavedVariable {
    int32 dtype = 1;
    TensorShapeProto shape = 2;
    bool trainable = 3;
    int32 synchronization = 4;
    int32 aggregation = 5;
    string name = 6;
    string device = 7;
}
message ConcreteEntry {
    string key = 1;
    Skipped value = 2;
}
message BundleHeaderProto {
    int32 num_shards = 1;
    int32 endianness = 2;
    Skipped version = 3;
}
message BundleEntryProto {
    int32 dtype = 1;
    TensorShapeProto shape = 2;
    int32 shard_id = 3;
    int64 offset = 4;
    int64 size = 5;
    fixed32 crc32c = 6;
}
message Skipped {
}
"""
CLASSES = messages.classes("zoo.saved_model", _TEXT)
# DataType of tensorflow/core/framework/types.proto
DTYPES = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "string": 7, "int64": 9, "bool": 10}
DTYPES |= {"int16": 5, "float16": 19}
BYTES = {1: 4, 2: 8, 3: 4, 4: 1, 5: 2, 9: 8, 10: 1, 19: 2}  # of an element
