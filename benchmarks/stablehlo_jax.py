"""Runs a written training step in JAX: once for its parity, and many times for its speed.

It needs jax and numpy, and none of this project's packages.
"""

import dataclasses
import os
import pathlib
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # PyTorch needs memory too

import jax
import jax.export
import jax.extend.mlir
import numpy as np
import stablehlo_files

jax.config.update("jax_enable_x64", True)  # steps and labels are integers of 64 bits
# The oldest version of the format that this project's modules were seen to fit.
VERSION = "1.0.0"


def device() -> dict[str, str]:
    """Returns the platform and the name of the device that JAX computes on."""
    one = jax.devices()[0]
    return {"platform": one.platform, "kind": one.device_kind}


def versions() -> dict[str, str]:
    """Returns the versions that speed and rounding depend on."""
    return {"jax": jax.__version__, "jaxlib": jax.lib.__version__, "numpy": np.__version__}


class Step:
    """A training step that JAX has compiled.

    Args:
        folder: Folder of the step.
        tf32: Whether factors of float32 products may be rounded; see `stablehlo_files.module`.
        inner: Steps in one call, when it is timed.
    """

    def __init__(self, folder: pathlib.Path, *, tf32: bool = False, inner: int = 10):
        self.about, self.inner = stablehlo_files.about(folder), inner
        self.before = stablehlo_files.arrays(folder / "before.npz")
        self.expected = stablehlo_files.arrays(folder / "after.npz")
        self.main = called(stablehlo_files.module(folder, tf32=tf32))
        self.state = jax.device_put(self.beginning())
        self.others = [
            None if argument["kind"] == "state" else jax.device_put(value)
            for argument, value in zip(self.about["arguments"], self.before)
        ]
        self._many = jax.jit(self._steps, donate_argnums=0)
        self._key = jax.random.key(0, impl="rbg")

    def beginning(self) -> list[np.ndarray]:
        """Returns the state before the step; what the step does not read is as it is after it."""
        state = list(self.expected)
        for argument, value in zip(self.about["arguments"], self.before):
            if argument["kind"] == "state":
                state[argument["state"]] = value
        return state

    def differences(self) -> dict[str, float | None]:
        """Makes the step once and says how far it is from the CPU's; see `stablehlo_files`."""
        results = jax.jit(self.main)(*self.before)
        count, logs = len(self.expected), self.about["logs"]
        values = dict(zip(logs, map(float, results[count:])))
        state = [np.asarray(value) for value in results[:count]]
        return stablehlo_files.differences(self.about, self.expected, state, values)

    def seconds(self, steps: int) -> float:
        """Makes `steps` steps, a multiple of `inner`, and returns the seconds that they took."""
        began = time.perf_counter()
        for call in range(steps // self.inner):
            self.state = self._many(self.state, self.others, jax.random.fold_in(self._key, call))
        jax.block_until_ready(self.state)
        return time.perf_counter() - began

    def _steps(self, state: list, others: list, key) -> list:
        """Makes some steps on one batch, with new random draws in each."""

        def one(number, state):
            return self._one(state, others, jax.random.fold_in(key, number))

        return jax.lax.fori_loop(0, self.inner, one, state)

    def _one(self, state: list, others: list, key) -> list:
        values = []
        for place, (argument, value) in enumerate(zip(self.about["arguments"], others)):
            if argument["kind"] == "state":
                value = state[argument["state"]]
            elif argument["kind"] == "draw":
                value = drawn(argument, value, jax.random.fold_in(key, place))
            values.append(value)
        return list(self.main(*values)[: len(state)])


def drawn(argument: dict, like, key):
    """Returns new random numbers of the shape and the type of `like`."""
    if argument["distribution"] == "normal":
        return jax.random.normal(key, like.shape, like.dtype)
    low, high = argument["low"], argument["high"]
    return jax.random.uniform(key, like.shape, like.dtype, low, high)


def called(module: str):
    """Returns a function of JAX that is a StableHLO module's `main`.

    JAX has no public way from the text of a module to a function. But it has one from a function to
    its module and back, `jax.export`; here another function of the same arguments and results is
    exported, and its module is replaced.
    """
    arguments, results = (
        [jax.ShapeDtypeStruct(*entry) for entry in entries]
        for entries in stablehlo_files.signature(module)
    )

    def same(*_):
        return [jax.numpy.zeros(result.shape, result.dtype) for result in results]

    exported = jax.export.export(jax.jit(same))(*arguments)
    return dataclasses.replace(
        exported,
        mlir_module_serialized=jax.extend.mlir.serialize_portable_artifact(module, VERSION),
        module_kept_var_idx=tuple(range(len(arguments))),
    ).call
