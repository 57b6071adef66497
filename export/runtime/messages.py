"""Protocol buffers from a short text of their fields, without the packages that own them.

TensorFlow's and ONNX's own messages need these packages; protobuf alone does not.
"""

import re
from collections.abc import Iterator

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message,
    message_factory,
    unknown_fields,
)

from export.runtime import documents

_FIELD = descriptor_pb2.FieldDescriptorProto
_MESSAGE = re.compile(r"message (\w+) \{([^}]*)\}")
_LINE = re.compile(r"(repeated )?(\w+) (\w+) = (\d+);")
_SCALARS = {
    name: getattr(_FIELD, f"TYPE_{name.upper()}")
    for name in ("bool", "bytes", "double", "fixed32", "float", "int32", "int64", "string")
} | {"uint64": _FIELD.TYPE_UINT64}


def classes(package: str, text: str) -> dict[str, type[message.Message]]:
    """Returns the classes of messages by name.

    Args:
        package: Name of the messages' package; any name that no other text has.
        text: The messages in the language of .proto files: `message NAME { TYPE FIELD = 1; }`. A
            map is a repeated message with the fields `key = 1` and `value = 2`, and an enumeration
            an int32: both are the same when serialized. A message without fields is a part whose
            inside is not looked at.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto", package=package, syntax="proto3"
    )
    for name, body in _MESSAGE.findall(text):
        declared = file.message_type.add(name=name)
        for repeated, kind, field, number in _LINE.findall(body):
            label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            added = declared.field.add(name=field, number=int(number), label=label)
            if kind in _SCALARS:
                added.type = _SCALARS[kind]
            else:
                added.type, added.type_name = _FIELD.TYPE_MESSAGE, f".{package}.{kind}"
    # a pool of its own, so that the packages that own the messages can be imported as well
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        declared.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"{package}.{declared.name}")
        )
        for declared in file.message_type
    }


def parse(made: type[message.Message], data: bytes, name: str) -> message.Message:
    """Returns a parsed message.

    Args:
        made: Class of the message.
        data: The message, serialized.
        name: What it is, for the errors.

    Raises:
        ValueError: If it cannot be parsed, or holds a field that the class does not declare: a
            part that nobody has looked at.
    """
    try:
        parsed = made.FromString(data)
    except message.DecodeError as error:
        raise ValueError(f"{name} must be a protocol buffer. Received: {error}") from None
    for part in _every(parsed):
        unknown = {field.field_number for field in unknown_fields.UnknownFieldSet(part)}
        if unknown and part.DESCRIPTOR.fields:
            raise ValueError(
                f"{name} must hold the known fields of {part.DESCRIPTOR.name} only. "
                f"Received: number {', '.join(map(str, sorted(unknown)[:8]))}"
            )
    return parsed


def read(made: type[message.Message], path, most: int) -> message.Message:
    """Returns the message that a file holds, of at most `most` bytes, as `parse` does."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(
            f"{documents.shown(path.name)} must have at most {most} bytes. Received: more"
        )
    return parse(made, data, path.name)


def _every(parsed: message.Message) -> Iterator[message.Message]:
    """Yields a message and all messages in it."""
    waiting = [parsed]
    while waiting:
        part = waiting.pop()
        yield part
        for field, value in part.ListFields():
            if field.message_type is not None:
                waiting += value if field.is_repeated else [value]
