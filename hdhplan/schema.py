"""The JSON Schema of a plan file, as a file may write it: for editors, and for other programs.

It is made from the models of `hdhplan.plan`, and accepts what a file holds before it is resolved:
variants, defaults, lists and mappings, short and long forms. It says less than `check`, which alone
judges ids, units and what belongs together.
"""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from typing import Any

from hdhplan.layers import DEFAULTS
from hdhplan.plan import Keyed, Plan
from hdhplan.quantities import Strict

Schema = dict[str, Any]
#: Models that stand in lists without ids: they are replaced whole, so what they need is there.
_WHOLE = ("SizeBin", "DatedPrice", "CalendarPeriod")
_NULL = {"type": "null"}
#: What a number of a quantity may be written as: ``5`` or ``5 d``.
_AMOUNT = {"anyOf": [{"type": "number"}, {"type": "string"}]}


def plan_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a plan file."""
    made = Plan.model_json_schema(by_alias=True, mode="validation")
    models = made.pop("$defs")
    texts = _field_texts()
    for name, model in {"Plan": made, **models}.items():
        for field, text in texts.get(name, {}).items():
            model["properties"].get(field, {})["description"] = text
    for name, model in models.items():
        if name not in _WHOLE and "properties" in model:
            _merges(model)
    models["Range"] = _range(models["Range"])
    made |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Plan"}
    properties = made["properties"]
    properties["defaults"] = _defaults(properties)
    for name, field in Plan.model_fields.items():
        if Keyed in field.metadata:
            properties[name] = _things(properties[name])
    properties["capabilities"]["anyOf"].append({"type": "string"})  # the name of a table
    _merges(made)
    made["properties"]["extends"] = {"type": "string"}
    # A variant may leave out what its base says.
    whole = {"required": ["schema", "name", "start"]}
    return made | {"if": {"required": ["extends"]}, "then": {}, "else": whole, "$defs": models}


def _field_texts() -> dict[str, dict[str, str]]:
    """What the string under each field of a model says, by model and field as files spell it.

    Read here and not when the models are made: it parses their source, which takes longer than the
    rest of them, and only a schema needs it.
    """
    found: dict[str, dict[str, str]] = {}
    for model in Strict.__subclasses__():
        for field, after in pairwise(ast.parse(inspect.getsource(model)).body[0].body):
            text = after.value if isinstance(after, ast.Expr) else None
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Constant):
                name = field.target.id
                spelt = model.model_fields[name].alias or name
                found.setdefault(model.__name__, {})[spelt] = inspect.cleandoc(text.value)
    return found


def _merges(model: Schema) -> None:
    """Let a variant write less of a model, take a key away with null, and a thing with `remove`."""
    model.pop("required", None)
    properties = model["properties"]
    if "id" in properties:
        properties["remove"] = {"const": True}
    model["properties"] = {name: _or_null(field) for name, field in properties.items()}


def _or_null(field: Schema) -> Schema:
    described = {key: field[key] for key in ("title", "description", "default") if key in field}
    rest = {key: item for key, item in field.items() if key not in described}
    options = [_emptied(x) for x in (rest["anyOf"] if rest.keys() == {"anyOf"} else [rest])]
    return described | {"anyOf": [*options, *[_NULL] * (_NULL not in options)]}


def _emptied(option: Schema) -> Schema:
    """Let null take an item out of a mapping."""
    items = option.get("additionalProperties")
    if not isinstance(items, dict):
        return option
    return option | {"additionalProperties": _or_null(items)}


def _range(model: Schema) -> Schema:
    """Let the numbers of a written-out quantity carry their unit."""
    amounts = dict.fromkeys(("low", "likely", "high"), _or_null(_AMOUNT))
    values = _or_null({"type": "array", "items": _AMOUNT})
    return model | {"properties": model["properties"] | amounts | {"values": values}}


def _things(field: Schema) -> Schema:
    """A list of things with ids, or a mapping of things by id."""
    by_id = {key: field[key] for key in ("type", "additionalProperties")}
    items = {"allOf": [field["additionalProperties"], {"required": ["id"]}]}
    rest = {key: item for key, item in field.items() if key not in by_id}
    return rest | {"anyOf": [{"type": "array", "items": items}, by_id]}


def _defaults(properties: Schema) -> Schema:
    """What is laid under every dataset and every wave."""
    kinds = {name: properties[group]["additionalProperties"] for name, group in DEFAULTS.items()}
    options = {name: _or_null(kind) for name, kind in kinds.items()}
    return {"type": "object", "properties": options, "additionalProperties": False}
