# SPDX-License-Identifier: Apache-2.0
"""openapi.json, and requests whose answers have to be as it says."""
import json
import re

import jsonschema

from localui import HOST, PROJECT

DOC = json.loads((PROJECT / "localui/openapi.json").read_text())
METHODS = ("get", "put", "post", "patch", "delete")
OPERATIONS = {(method.upper(), path): operation for path, item in DOC["paths"].items()
              for method, operation in item.items() if method in METHODS}
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
checker = jsonschema.FormatChecker(())


@checker.checks("date-time")
def is_date(value):
    return not isinstance(value, str) or bool(DATE.match(value))


def resolve(item):
    while "$ref" in item:
        node = DOC
        for part in item["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        item = node
    return item


def validate(value, schema):
    jsonschema.Draft202012Validator(schema | {"components": DOC["components"]},
                                    format_checker=checker).validate(value)


def check_reply(method, template, reply):
    """The status is one of the operation's, the body has its schema, the headers every answer has."""
    responses = OPERATIONS[method, template]["responses"]
    assert str(reply.status) in responses, f"{method} {template}: {reply} is not in openapi.json"
    response = resolve(responses[str(reply.status)])
    content = response.get("content")
    if not content:
        assert reply.body == b"", reply
    else:
        kind = (reply.headers["Content-Type"] or "").split(";")[0]
        assert kind in content, f"{method} {template}: {kind}"
        schema = content[kind].get("schema")
        if schema is not None:
            validate(reply.json, schema)
    if reply.status >= 400:
        assert reply.json["ref"] == reply.headers["X-Request-Ref"]
        assert reply.json["message"]
    for name, value in {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
                        "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}.items():
        assert reply.headers[name] == value, (name, reply.headers[name])
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["Strict-Transport-Security"] is None
    return reply


class Contract:
    seen = {}  # (method, template): statuses, of all files of tests

    def __init__(self, ui, token):
        self.ui = ui
        self.token = token

    def __call__(self, method, template, *params, status=None, body=None, query="", good=True, token=None,
                 **more):
        """@good: the body is one the file allows."""
        template = template if template.startswith("/v1") else HOST + template
        path = template
        for param in params:
            path = re.sub(r"\{\w+\}", str(param), path, count=1)
        operation = OPERATIONS[method, template]
        if body is not None and good and not isinstance(body, bytes):
            validate(body, operation["requestBody"]["content"]["application/json"]["schema"])
        reply = self.ui.request(method, path + query, body, token=token or self.token, **more)
        check_reply(method, template, reply)
        Contract.seen.setdefault((method, template), set()).add(reply.status)
        if status:
            assert reply.status == status, reply
        return reply
