"""The routes of the server, and what is done around each of them: key, bounds, errors, counts."""

import asyncio
import hmac
import http
import logging
import pathlib
import time

import jinja2
from starlette import (
    applications,
    convertors,
    exceptions,
    requests,
    responses,
    routing,
    staticfiles,
)

from export.server import (
    answers,
    bodies,
    faults,
    inference,
    limits,
    metrics,
    open_inference,
    openapi,
    people,
    repository,
    tf_serving,
)

_LOG = logging.getLogger("zoo.serve")
_OPEN = ("/v2/health/live", "/v2/health/ready")  # what a load balancer asks, without a key
_TEMPLATES = pathlib.Path(__file__).with_name("templates")


class _Name(convertors.StringConvertor):
    """A name of a model in an address: no slash, and no colon, which ends it."""

    regex = "[A-Za-z0-9][A-Za-z0-9_.-]*"


convertors.register_url_convertor("model", _Name())


def routes() -> list[routing.Route]:
    """Returns the routes; those that are asked most come first."""
    table = []
    for base in ("/v1/models/{name:model}", "/v1/models/{name:model}/versions/{version}"):
        version = "{version:model}" if base.endswith("{version}") else ""
        base = base.replace("{version}", version)
        table += [
            routing.Route(f"{base}:predict", tf_serving.predict, methods=["POST"]),
            routing.Route(f"{base}:sample", people.sample),
            routing.Route(f"{base}/metadata", tf_serving.metadata),
            routing.Route(f"{base}/card", people.card),
            routing.Route(base, tf_serving.status),
        ]
    for base in ("/v2/models/{name:model}", "/v2/models/{name:model}/versions/{version:model}"):
        table += [
            routing.Route(f"{base}/infer", inference.infer, methods=["POST"]),
            routing.Route(f"{base}/ready", open_inference.model_ready),
            routing.Route(base, open_inference.metadata),
        ]
    repository_model = "/v2/repository/models/{name:model}/load"
    return table + [
        routing.Route("/v2/health/live", open_inference.live),
        routing.Route("/v2/health/ready", open_inference.ready),
        routing.Route("/v2/repository/index", open_inference.index, methods=["GET", "POST"]),
        routing.Route(repository_model, open_inference.load, methods=["POST"]),
        routing.Route("/v2", open_inference.server),
        routing.Route("/metrics", _metrics),
        routing.Route("/openapi.json", _openapi),
        routing.Route("/", people.index),
    ]


def build(
    models: repository.Repository,
    *,
    bounds: limits.Limits | None = None,
    counts: metrics.Metrics | None = None,
    key: str | None = None,
    web: dict[str, pathlib.Path] | None = None,
    lifespan=None,
) -> "Guard":
    """Returns the application.

    Args:
        models: The models.
        bounds: The limits.
        counts: What the server counts.
        key: The key that requests must carry; none if None.
        web: Folder of the web page of each model; pages may be added and replaced.
        lifespan: What runs around the application, as Starlette has it.
    """
    application = applications.Starlette(
        routes=[*routes(), routing.Mount("/web/{name}", _page)],
        exception_handlers={
            faults.Fault: _fault,
            exceptions.HTTPException: _http,
            requests.ClientDisconnect: _gone,
            Exception: _ours,
        },
        lifespan=lifespan,
    )
    application.router.redirect_slashes = False
    state = application.state
    state.repository, state.key, state.web = models, key, {} if web is None else web
    state.limits = bounds or limits.Limits()
    state.held = limits.Held(state.limits.held_bytes)
    state.metrics = counts or metrics.Metrics()
    state.draining = False
    state.parsing = asyncio.Lock()
    state.refresh = lambda: asyncio.to_thread(models.refresh)
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    state.page = jinja2.Environment(loader=loader, autoescape=True).get_template("index.html")
    return Guard(application)


class Guard:
    """What is done around every request: its key, what it holds, how its answer ends, its count.

    Args:
        application: The application inside.
    """

    def __init__(self, application: applications.Starlette):
        self.application, self.state = application, application.state

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        state, began, status = self.state, time.perf_counter(), 500
        holding = bodies.Holding(state.held)
        scope.setdefault("state", {})["holding"] = holding

        async def sent(message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                headers.append((b"x-content-type-options", b"nosniff"))
                if state.draining:
                    headers.append((b"connection", b"close"))
            await send(message)

        try:
            if state.key is not None and scope["path"] not in _OPEN:
                refused = _refused(scope, state.key)
                if refused is not None:
                    await answers.error(refused)(scope, receive, sent)
                    return
            await self.application(scope, receive, sent)
        finally:
            holding.release()
            route = scope.get("route")
            path = getattr(route, "path", "none").replace(":model}", "}")
            state.metrics.answered(path, status, time.perf_counter() - began)


class _Page(staticfiles.StaticFiles):
    """A folder of `zoo web`, with the headers under which wasm may use threads."""

    def file_response(self, *positional, **named) -> responses.Response:
        response = super().file_response(*positional, **named)
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        return response


def _refused(scope, key: str) -> faults.Fault | None:
    """Returns why a request without the right key is refused."""
    headers = dict(scope["headers"])
    received = headers.get(b"x-api-key")
    if received is None:
        kind, _, received = headers.get(b"authorization", b"").partition(b" ")
        received = received.strip() if kind.lower() == b"bearer" else b""
    if hmac.compare_digest(received, key.encode()):
        return None
    sentence = "A request needs the API key: `Authorization: Bearer KEY` or `X-API-Key: KEY`"
    return faults.Fault(401, sentence, {"WWW-Authenticate": "Bearer"})


async def _page(scope, receive, send) -> None:
    """GET /web/NAME/PATH"""
    name = scope["path_params"]["name"]
    folder = scope["app"].state.web.get(name)
    if folder is None:
        raise faults.Fault(404, f"{name[:60]!r} has no web page")
    await _Page(directory=folder, html=True)(scope, receive, send)


async def _metrics(request: requests.Request) -> responses.Response:
    """GET /metrics"""
    text, kind = request.app.state.metrics.text(request.app.state)
    return responses.Response(text, headers={"Content-Type": kind})


async def _openapi(request: requests.Request) -> answers.Answer:
    """GET /openapi.json"""
    return answers.of(openapi.document(request.app.state))


async def _fault(request: requests.Request, fault: faults.Fault) -> answers.Answer:
    return answers.error(fault)


async def _http(request: requests.Request, error: exceptions.HTTPException) -> answers.Answer:
    """Answers what Starlette refuses: an address or a method that does not exist."""
    phrase = http.HTTPStatus(error.status_code).phrase
    sentence = f"{phrase}: {request.method} {request.url.path[:200]}"
    return answers.of({"error": sentence}, error.status_code, error.headers)


async def _gone(request: requests.Request, error: requests.ClientDisconnect) -> answers.Answer:
    return answers.of({"error": "The client has gone before its body arrived"}, 400)


async def _ours(request: requests.Request, error: Exception) -> answers.Answer:
    return answers.of({"error": "The server failed on this request; its log says why"}, 500)
