"""The models that are served: which bundles are there, and which of their versions is loaded."""

import hashlib
import logging
import os
import pathlib
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from export.runtime import manifests
from export.server import faults, served
from zoo import names

_LOG = logging.getLogger("zoo.serve")
_FILES = 10_000  # of one folder, so that a wrong path does not walk a whole disk
_CHECK_SECONDS = 600


class Candidate(NamedTuple):
    """A bundle on the disk.

    Attributes:
        path: Its directory.
        state: Changes with the name, size or time of any of its files.
        name: Name of the model.
        version: Version of the model.
    """

    path: pathlib.Path
    state: str
    name: str
    version: int


class Repository:
    """Loads the newest versions of each model and keeps them until better ones have passed.

    Args:
        paths: Directories of bundles, or directories that hold such directories.
        load: Returns a bundle that was loaded; raises ValueError or OSError if it does not pass.
        check: Whether each bundle passes `zoo check`, in a process of its own, before it loads.
        versions: How many versions of a model are loaded, the newest ones.
        retire: Is called with each model that was replaced.

    Attributes:
        models: What is loaded, by name and version; the newest version first.
        endpoints: Model and endpoint by the name of an endpoint as a model of its own.
        failures: A sentence for each directory whose bundle did not pass.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike],
        load: Callable[[pathlib.Path], served.Served] = served.load,
        *,
        check: bool = True,
        versions: int = 1,
        retire: Callable[[served.Served], None] = served.Served.retire,
    ):
        self.paths = [pathlib.Path(path) for path in paths]
        self.models: dict[str, dict[int, served.Served]] = {}
        self.endpoints: dict[str, tuple[str, str]] = {}
        self.failures: dict[pathlib.Path, str] = {}
        self._load, self._check, self._versions = load, check, versions
        self.retire = retire
        self._states: dict[pathlib.Path, str] = {}  # of what is loaded or failed
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Looks at the disk, loads what is new and replaces what it supersedes.

        A model stays as it is while nothing better has passed: when a new version fails, and when
        its bundle is gone and there is no other.
        """
        with self._lock:
            present = self._candidates()
            models = dict(self.models)
            for name in {candidate.name for candidate in present}:
                of_name = [candidate for candidate in present if candidate.name == name]
                models[name] = self._newest(of_name, self.models.get(name, {})) or models.get(name)
            self.publish({name: versions for name, versions in models.items() if versions})

    def publish(self, models: dict[str, dict[int, served.Served]]) -> None:
        """Serves these models, and retires those that they replace."""
        after = {id(model) for versions in models.values() for model in versions.values()}
        before = [model for versions in self.models.values() for model in versions.values()]
        self.models, self.endpoints = models, _endpoints(models)
        for model in before:
            if id(model) not in after:
                _LOG.info("Version %d of %s is no longer served", model.version, model.name)
                self.retire(model)

    def find(self, name: str, version: str | None = None) -> served.Served:
        """Returns a version of a model, the newest if none is named.

        Raises:
            Fault: 404 if it is not loaded.
        """
        versions = self.models.get(name)
        if versions is None:
            raise faults.Fault(404, names.unknown("model", name[:60], self.models))
        if version is None:
            return next(iter(versions.values()))
        if version not in map(str, versions):
            loaded = ", ".join(map(str, versions))
            raise faults.Fault(
                404, f"Model {name!r} has the loaded versions {loaded}. Received: {version[:20]!r}"
            )
        return versions[int(version)]

    def find_endpoint(self, name: str, version: str | None = None) -> tuple[served.Served, str]:
        """Returns the model and the endpoint that a protocol without signatures knows by one name.

        Raises:
            Fault: 404 if it is not loaded.
        """
        if name not in self.endpoints:
            raise faults.Fault(404, names.unknown("model", name[:80], self.endpoints))
        model, endpoint = self.endpoints[name]
        found = self.find(model, version)
        if endpoint not in found.endpoints:
            raise faults.Fault(404, names.unknown("endpoint", endpoint, found.endpoints))
        return found, endpoint

    def _newest(self, of_name: list[Candidate], loaded: dict[int, served.Served]) -> dict:
        """Returns the newest versions that pass, from those on the disk and those loaded."""
        good: dict[int, served.Served] = {}
        for candidate in sorted(of_name, key=lambda candidate: -candidate.version):
            if len(good) == self._versions or candidate.version in good:
                continue
            old = loaded.get(candidate.version)
            if self._states.get(candidate.path) == candidate.state:  # nothing new
                model = old
                if candidate.path not in self.failures:
                    same = old is not None and old.path == candidate.path
                    model = old if same else self._try(candidate)
            else:
                model = self._try(candidate) or old
            if model is not None:
                good[candidate.version] = model
        return good

    def _try(self, candidate: Candidate) -> served.Served | None:
        path = candidate.path
        self._states[path] = candidate.state
        self.failures.pop(path, None)
        try:
            taken = [
                other
                for other, versions in self.models.items()
                if other != candidate.name
                and served.endpoint_model(other, "") == served.endpoint_model(candidate.name, "")
            ]
            if taken:
                raise ValueError(
                    "Names of models must differ in letters and digits. "
                    f"Received: {candidate.name!r} next to {taken[0]!r}"
                )
            if self._check:
                _check(path)
            model = self._load(path)
        except Exception as error:  # whatever it makes of a parser: the other models stay
            self.failures[path] = str(error).strip() or type(error).__name__
            _LOG.error("%s was not loaded: %s", path, self.failures[path])
            return None
        _LOG.info("%s is version %d of %s", path, model.version, model.name)
        return model

    def _candidates(self) -> list[Candidate]:
        """Returns the bundles that are on the disk now."""
        candidates, seen = [], {}
        for path in _directories(self.paths):
            try:
                state = _state(path)
                manifest = manifests.read(path)
                candidate = Candidate(path, state, manifest["name"], manifest["version"])
            except Exception as error:
                self._note(path, str(error).strip() or type(error).__name__)
                continue
            first = seen.setdefault((candidate.name, candidate.version), path)
            if first != path:
                self._note(path, f"{first} is the same version of the same model")
                continue
            candidates.append(candidate)
        there = {candidate.path for candidate in candidates}
        for path in [path for path in self.failures if not path.exists()]:
            del self.failures[path]
        self._states = {path: state for path, state in self._states.items() if path in there}
        return candidates

    def _note(self, path: pathlib.Path, sentence: str) -> None:
        if self.failures.get(path) != sentence:
            _LOG.error("%s was not loaded: %s", path, sentence)
        self.failures[path] = sentence


def _endpoints(models: dict[str, dict[int, served.Served]]) -> dict[str, tuple[str, str]]:
    return {
        served.endpoint_model(name, endpoint): (name, endpoint)
        for name, versions in models.items()
        for model in reversed(versions.values())
        for endpoint in model.endpoints
    }


def _directories(paths: Sequence[pathlib.Path]) -> list[pathlib.Path]:
    """Returns the bundles among the paths and directly below them, without hidden folders."""
    found = []
    for path in paths:
        if (path / manifests.FILE).is_file():
            found.append(path)
        elif path.is_dir():
            found += sorted(
                inner
                for inner in path.iterdir()
                if not inner.name.startswith(".") and (inner / manifests.FILE).is_file()
            )
    return list(dict.fromkeys(found))


def _state(path: pathlib.Path) -> str:
    """Returns a text that changes with the name, size or time of any file of a bundle."""
    digest, count = hashlib.sha256(), 0
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            about = os.stat(os.path.join(folder, name), follow_symlinks=False)
            line = (folder, name, about.st_size, about.st_mtime_ns, about.st_ino)
            digest.update(repr(line).encode())
            count += 1
        if count > _FILES:
            raise ValueError(f"A bundle has at most {_FILES} files. Received: {path} with more")
    return digest.hexdigest()


def _check(path: pathlib.Path) -> None:
    """Runs `zoo check`, in a process of its own, whose memory and faults end with it."""
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "check", str(path)],
        capture_output=True,
        text=True,
        timeout=_CHECK_SECONDS,
    )
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
        failed = [line for line in lines if line.startswith("FAIL")] or lines[-1:]
        raise ValueError(f"`zoo check` must pass. Received: {'; '.join(failed)[:1000]}")
