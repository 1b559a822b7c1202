"""Control messages: what is written is read again, what does not fit is named."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from host.errors import MallError
from host.gateway import codec, schema

OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-codec.MAX_INT, codec.MAX_INT),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "str": st.text(max_size=40),
    "bool": st.booleans(),
    "object": st.dictionaries(st.text(max_size=5), st.integers(0, 9), max_size=3),
    "any": st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.lists(st.integers(0, 9), max_size=3)),
}
for _item in ("int", "float", "object"):
    OF_TYPE[f"list[{_item}]"] = st.lists(OF_TYPE[_item], max_size=3)
OF_TYPE["list[str]"] = st.lists(st.text(max_size=5), max_size=3)
OF_TYPE["list[list]"] = st.lists(st.lists(st.integers(0, 9), max_size=3), max_size=3)

BOTH = [*schema.CLIENT_MESSAGES.items(), *schema.HOST_MESSAGES.items()]


@pytest.mark.parametrize(("kind", "fields"), BOTH, ids=[kind for kind, _ in BOTH])
@settings(deadline=None)
@given(data=st.data())
def test_every_message_of_the_schema_is_read_as_it_was_written(
    kind: str, fields: dict[str, str], data: st.DataObject
) -> None:
    message = {name: data.draw(OF_TYPE[wanted.removesuffix("?")]) for name, wanted in fields.items()}
    read = codec.decode(codec.encode({"t": kind, **message}), {kind: fields})
    assert read is not None
    present = {
        name: value for name, value in message.items() if value is not None or not fields[name].endswith("?")
    }
    assert read == (kind, present)


@pytest.mark.parametrize(("kind", "fields"), BOTH, ids=[kind for kind, _ in BOTH])
def test_a_field_that_is_missing_or_of_another_type_is_named(kind: str, fields: dict[str, str]) -> None:
    good = {"t": kind, **{name: _example(wanted) for name, wanted in fields.items()}}
    assert codec.decode(codec.encode(good), {kind: fields}) is not None
    for name, wanted in fields.items():
        spoilt = [] if wanted.startswith("any") else [{**good, name: _wrong(wanted)}]
        if not wanted.endswith("?"):
            spoilt.append({key: value for key, value in good.items() if key != name})
        for message in spoilt:
            with pytest.raises(MallError) as refusal:
                codec.decode(codec.encode(message), {kind: fields})
            assert refusal.value.code == "wire.bad_field"
            assert refusal.value.facts["field"] == name


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    refused = None
    read = None
    try:
        read = codec.decode(text, schema.CLIENT_MESSAGES)
    except MallError as refusal:
        refused = refusal.code
    assert refused in (None, "wire.bad_json", "wire.bad_field")
    assert read is None or read[0] in schema.CLIENT_MESSAGES


def _example(wanted: str) -> Any:
    wanted = wanted.removesuffix("?")
    plain: dict[str, Any] = {"int": 1, "float": 1.5, "str": "a", "bool": True, "object": {}, "any": 1}
    return plain.get(wanted, [])


def _wrong(wanted: str) -> Any:
    return True if wanted.removesuffix("?") in ("int", "float", "str", "object") else 7
