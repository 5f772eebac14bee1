"""Hold the client and the sandbox to the examples in the vendor's OpenAPI file.

    python scripts/check_openapi_examples.py path/to/fullscript-openapi.json

1. Every example of a good answer is served to the client over HTTP, and the client reads all of it: no key is
   unknown to it, no value is lost, no dosage or date misunderstood.
2. The sandbox, started for this, is asked through the same client; its answers have every key that the
   examples have. Lists that are empty there, because only patients or Fullscript fill them, are named and
   passed over.

Ends with 1 and a list when something is wrong. `--no-sandbox` leaves out the second part.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fullscript_embed.api import (  # noqa: E402  # the path has to be set first
    AppCredentials,
    FullscriptClient,
    Listing,
    RateLimit,
    Transport,
)
from fullscript_embed.api.answers import Answer  # noqa: E402
from fullscript_embed.api.endpoints import ENDPOINTS, Endpoint  # noqa: E402
from fullscript_embed.api.parsing import Record  # noqa: E402
from fullscript_embed.api.transport import Call  # noqa: E402
from fullscript_embed.testing import Sandbox, start_sandbox  # noqa: E402
from tests import api_client, frame_actors  # noqa: E402
from tests.contract.test_client_endpoints import CASES, Case  # noqa: E402

# For arguments that cannot be just any text, by their name.
ARGUMENTS: dict[str, Any] = {
    "recommendations": [],
    "state": "draft",
    "attachment": BytesIO(api_client.PDF),
    "file_name": "x.pdf",
    "save_to_library": True,
}
# Keys that the guides of today have under another name (field notes, 1.9): the guides win on that.
RENAMED = {
    "recommended_amount": "amount",
    "recommended_frequency": "frequency",
    "recommended_duration": "duration",
}
PARAMETER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Example:
    """One good answer in the vendor's file."""

    endpoint: Endpoint
    status: int
    body: Any


def read_examples(path: Path) -> tuple[list[Example], list[str]]:
    """Every example of a 2xx answer, and the operations that our table of endpoints lacks."""
    table = {(row.method, PARAMETER.sub("{}", row.path)): row for row in ENDPOINTS}
    examples, unknown = [], []
    for url, operations in json.loads(path.read_text())["paths"].items():
        for method, operation in operations.items():
            endpoint = table.get((method.upper(), PARAMETER.sub("{}", url)))
            if endpoint is None:
                unknown.append(f"{method.upper()} {url} is not in our table of endpoints")
                continue
            examples += [
                Example(endpoint, int(status), content["example"])
                for status, answer in operation["responses"].items()
                for content in answer.get("content", {}).values()
                if status.startswith("2") and "example" in content
            ]
    return examples, unknown


@contextmanager
def serving(example: Example) -> Iterator[str]:
    """A server on this machine that answers everything with *example*; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps(example.body).encode()
            self.send_response(example.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815  # http.server names them

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def call_with_anything(client: FullscriptClient, name: str) -> list[Record]:
    """Call a method of the client with arguments that fit, and give the records that it read."""
    group, _, method_name = name.partition(".")
    method = getattr(getattr(client, group), method_name)
    needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
    ids = ["x" for one in needed if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = {one.name: ARGUMENTS.get(one.name, "x") for one in needed if one.kind is one.KEYWORD_ONLY}
    if "file_name" in inspect.signature(method).parameters:
        named["file_name"] = ARGUMENTS["file_name"]
    result = method(*ids, **named)
    return list(result) if isinstance(result, Listing) else [result] if isinstance(result, Record) else []


def unread(example: Example) -> list[str]:
    """What of *example* the client does not understand, by each method that can get it."""
    problems = []
    with serving(example) as url:
        client = FullscriptClient(url, "t", app=AppCredentials("id", "secret", "https://x.example"))
        with client:
            for name in example.endpoint.calls:
                try:
                    records = call_with_anything(client, name)
                except Exception as error:  # noqa: BLE001  # whatever it is, it is what this looks for
                    problems.append(f"{name}: {type(error).__name__}: {error}")
                    continue
                problems += [] if records or not example.body else [f"{name}: nothing was read"]
                problems += [f"{name}: {problem}" for one in records for problem in api_client.misread(one)]
    return problems


class Recording(Transport):
    """A transport that keeps the last answer of each endpoint."""

    def __init__(self) -> None:
        super().__init__(retries=api_client.QUICK, rate_limit=RateLimit())
        self.answers: dict[str, Any] = {}

    def send(self, call: Call) -> Answer:
        """Send it as usual, and remember what came."""
        answer = super().send(call)
        self.answers[call.endpoint.route] = answer.data
        return answer


def activation(world: api_client.World) -> str:
    """The id of the event of a plan that a practitioner sent in the Embed frame."""
    frame = frame_actors.Partner(world.sandbox).opens()
    frame.sends(str(uuid.uuid4()), frame.plan()).raise_for_status()
    event = world.client.events.treatment_plans().first()
    return event.id if event else ""


# What the examples show and REST alone cannot bring about.
PREPARED: dict[str, Case] = {
    "events.treatment_plans": lambda world: (
        lambda: list(world.client.events.treatment_plans() if activation(world) else [])
    ),
    "events.retrieve": lambda world: lambda: world.client.events.retrieve(activation(world)),
    "events.orders": lambda world: (
        lambda: list(world.client.events.orders() if world.sandbox.emit("order.placed") else [])
    ),
    "events.products": lambda world: (
        lambda: list(world.client.events.products() if world.sandbox.emit("product.updated") else [])
    ),
}


def answer_of(sandbox: Sandbox, endpoint: Endpoint) -> Any:
    """What the sandbox, in the state of its seed, answers at *endpoint*."""
    sandbox.reset()
    app = api_client.approved_app(sandbox)
    transport = Recording()
    token = api_client.access_token(sandbox, app)
    credentials = AppCredentials(app.client_id, app.client_secret, app.redirect_uris[0])
    name = endpoint.calls[0]
    with FullscriptClient(sandbox.url, token, app=credentials, transport=transport) as client:
        result = (PREPARED.get(name) or CASES[name])(api_client.World(sandbox, app, client))()
        list(result if isinstance(result, Listing) else [])
    return transport.answers[endpoint.route]


def missing(example: Any, answer: Any, path: str = "") -> Iterator[str]:
    """Keys of *example* that *answer* lacks; of a list, any member may have them."""
    if isinstance(example, Mapping):
        for key, value in example.items():
            if not isinstance(answer, Mapping) or not {key, RENAMED.get(key)} & set(answer):
                yield f"{path}.{key}"
            elif value is not None and answer.get(key) is not None:
                yield from missing(value, answer[key], f"{path}.{key}")
    elif isinstance(example, list) and example and isinstance(answer, list) and answer:
        found = [set(missing(example[0], member, f"{path}[]")) for member in answer]
        yield from sorted(set.intersection(*found))


def is_empty(body: Any) -> bool:
    """True for an answer whose list has nothing in it."""
    lists = [value for value in body.values() if isinstance(value, list)] if isinstance(body, Mapping) else []
    return bool(lists) and not any(lists)


def lacking(examples: list[Example]) -> list[str]:
    """What the sandbox's answers lack; says which it could not compare."""
    problems, empty = [], []
    with start_sandbox() as sandbox:
        for example in examples:
            answer = answer_of(sandbox, example.endpoint)
            if is_empty(answer) and not is_empty(example.body):
                empty.append(example.endpoint.route)
            problems += [
                f"sandbox, {example.endpoint.route}: no {key}" for key in missing(example.body, answer)
            ]
    if empty:
        print(f"not compared, for they are empty in the sandbox's seed: {', '.join(empty)}")
    return problems


def main(arguments: list[str] | None = None) -> int:
    """Check all, print what is wrong, and give the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, help="the vendor's OpenAPI file")
    parser.add_argument("--no-sandbox", action="store_true", help="check the client alone")
    chosen = parser.parse_args(arguments)
    examples, problems = read_examples(chosen.path)
    for example in examples:
        problems += unread(example)
    if not chosen.no_sandbox:
        problems += lacking(examples)
    print(*problems, sep="\n")
    print(f"{len(examples)} examples, {len(problems)} problems")
    return 1 if problems or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
