"""HACT's schema files become JSON Schema: references, dates, and properties that are called like keywords."""

import json

import jsonschema
import pytest

from app.errors import BadFile
from app.repairs.hact.schema import DRAFT, json_schema, read_schema

RAW = {
    "$schema": "http://example.org/own",
    "id": "http://example.org/own/Message",
    "definitions": {
        "Code": {"type": "string", "enum": ["01", "1"]},
        "Site": {"type": "object", "properties": {"Code": {"type": "#/definitions/Code"}}},
    },
    "Message": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "items": {"type": "array", "items": {"type": "#/definitions/Site"}},
            "When": {"type": "date-time", "$comment": "kept"},
            "Day": {"type": "date"},
            "Either": {"anyOf": [{"type": "#/definitions/Code"}, {"type": ["integer", "null"]}]},
            "Fixed": {"enum": [{"type": "#/definitions/Code"}]},
        },
        "required": ["When"],
    },
}


def test_references_and_dates_are_rewritten_and_nothing_else():
    made = json_schema(RAW, "Message")
    assert made["$schema"] == DRAFT
    assert "id" not in made
    properties = made["properties"]
    assert properties["type"] == {"type": "string"}
    assert properties["items"] == {"type": "array", "items": {"$ref": "#/definitions/Site"}}
    assert properties["When"] == {"$comment": "kept", "type": "string", "format": "date-time"}
    assert properties["Day"] == {"type": "string", "format": "date"}
    assert properties["Either"] == {"anyOf": [{"$ref": "#/definitions/Code"}, {"type": ["integer", "null"]}]}
    assert properties["Fixed"] == {"enum": [{"type": "#/definitions/Code"}]}
    assert made["definitions"]["Site"]["properties"]["Code"] == {"$ref": "#/definitions/Code"}
    jsonschema.Draft7Validator.check_schema(made)


def test_what_was_rewritten_judges_messages():
    checker = jsonschema.Draft7Validator(json_schema(RAW, "Message"))
    good = {"When": "2026-12-17T14:21:00Z", "items": [{"Code": "01"}]}
    assert list(checker.iter_errors(good)) == []
    assert [e.validator for e in checker.iter_errors({"items": [{"Code": "2"}]})] == ["enum", "required"]


def test_a_file_that_is_no_schema_gets_one_sentence():
    for data in (b"{", b"[1]", b"\xff\xfe", b"{}", b'{"Message": 1}', b"[" * 100_000):
        with pytest.raises(BadFile) as caught:
            read_schema(data, "Message")
        assert caught.value.advice
    deep = '{"Message": ' + '{"items": ' * 300 + "{}" + "}" * 300 + "}"
    with pytest.raises(BadFile, match="nested deeper"):
        read_schema(deep.encode(), "Message")
    with pytest.raises(BadFile, match="larger than 5 MB"):
        read_schema(b" " * 5_000_001, "Message")


def test_the_schema_of_hact_itself_is_read(inputs):
    made = read_schema((inputs / "repairs" / "RequestAppointment.json").read_bytes(), "RequestAppointment")
    jsonschema.Draft7Validator.check_schema(made)
    assert made["required"] == ["WorkOrderReference", "AppointmentReference"]
    assert '"type": "#' not in json.dumps(made)
