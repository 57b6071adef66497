"""Overrides of an experiment by path: `path.to.field=value`, each cast by the field's type."""

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence

from zoo import build, names


def assign(target, path: list[str], text: str, whole: str):
    """Returns a copy of `target` in which the field at `path` holds the value that `text` spells.

    Args:
        target: An experiment, or one of the values inside it.
        path: The names on the way to the field.
        text: The value as the command line has it.
        whole: The whole path, for messages.

    Raises:
        ValueError: If a path does not exist, with the nearest one that does, or a value does not
            fit the type.
    """
    key, rest = path[0], path[1:]
    if isinstance(target, build.Spec):
        return _set_option(target, "game", path, text, whole)
    if isinstance(target, Mapping):  # the optimizers
        if key not in target:
            raise ValueError(names.unknown(f"entry in {whole!r}:", key, target))
        if rest:
            return {**target, key: _set_option(target[key], "optimizer", rest, text, whole)}
        build.factory("optimizer", text)
        return {**target, key: build.Spec(text)}
    fields = {field.name: field for field in dataclasses.fields(target)}
    if key not in fields:
        raise ValueError(names.unknown(f"field in {whole!r}:", key, fields))
    value = getattr(target, key)
    if rest:
        if not (isinstance(value, (build.Spec, Mapping)) or dataclasses.is_dataclass(value)):
            raise ValueError(
                f"{key!r} in {whole!r} has no fields. Received: {'.'.join(rest)!r} below it"
            )
        return dataclasses.replace(target, **{key: assign(value, rest, text, whole)})
    if isinstance(value, build.Spec):
        build.factory(key, text)
        return dataclasses.replace(target, **{key: build.Spec(text)})
    if isinstance(value, Mapping) or dataclasses.is_dataclass(value):
        raise ValueError(f"{whole!r} holds several fields; set one of them. Received: {text!r}")
    annotation = typing.get_type_hints(type(target))[key]
    return dataclasses.replace(target, **{key: cast(text, annotation, whole)})


def _set_option(spec: build.Spec, role: str, path: list[str], text: str, whole: str) -> build.Spec:
    key, rest = path[0], path[1:]
    accepted = build.parameters(role, spec.name)
    if key not in accepted:
        raise ValueError(names.unknown(f"option in {whole!r}:", key, accepted))
    value = spec.options.get(key)
    if rest:
        if not isinstance(value, build.Spec):
            raise ValueError(
                f"{key!r} in {whole!r} is not set to a named part, so nothing lies below it. "
                f"Received: {value!r}"
            )
        return spec.replace(**{key: _set_option(value, key, rest, text, whole)})
    if text.lower() == "none":
        return spec.replace(**{key: None})
    if (
        key in build.ROLES
        and not _number(text)
        and typing.get_origin(accepted[key].annotation) is not typing.Literal
    ):
        build.factory(key, text)  # an unknown name is an error here, not after the data is loaded
        return spec.replace(**{key: build.Spec(text)})
    annotation = accepted[key].annotation
    if annotation is accepted[key].empty:
        annotation = (
            type(accepted[key].default)
            if accepted[key].default not in (accepted[key].empty, None)
            else float
        )
    return spec.replace(**{key: cast(text, annotation, whole)})


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def cast(text: str, annotation, path: str):
    """Returns a command line's text as a value of the annotated type.

    Raises:
        ValueError: If the text does not fit.
    """
    options = typing.get_args(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        if text.lower() == "none" and type(None) in options:
            return None
        failures = []
        # text fits every string, so that one is tried last
        for option in sorted(
            (option for option in options if option is not type(None)),
            key=lambda option: option is str,
        ):
            try:
                return cast(text, option, path)
            except ValueError as failure:
                failures.append(failure)
        raise failures[0]
    if typing.get_origin(annotation) in (tuple, Sequence):
        parts = text.strip("()[]").split(",")
        kinds = (
            [options[0]] * len(parts) if len(options) == 1 or options[-1] is Ellipsis else options
        )
        if len(kinds) != len(parts):
            raise ValueError(
                f"{path!r} takes {len(kinds)} comma-separated values. Received: {text!r}"
            )
        return tuple(cast(part.strip(), kind, path) for part, kind in zip(parts, kinds))
    if annotation is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{path!r} takes true or false. Received: {text!r}")
        return text.lower() == "true"
    if annotation in (int, float):
        try:
            return annotation(text)
        except ValueError:
            raise ValueError(
                f"{path!r} takes a number of type {annotation.__name__}. Received: {text!r}"
            ) from None
    if annotation is tuple:
        return tuple(
            float(part) if _number(part) else part for part in text.strip("()[]").split(",")
        )
    return text
