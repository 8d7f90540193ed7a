"""Mistakes that a type checker finds by the document, read by mypy and never run: an `ignore` without a mistake is an
error as well."""
from inbound_flow_api_client import AuthenticatedClient
from inbound_flow_api_client.api.calls import get_call, list_calls
from inbound_flow_api_client.models import Call, Error, NewContact


def a_field_that_no_call_has(call: Call) -> object:
    return call.caller_number  # type: ignore[attr-defined]


def a_number_that_may_be_withheld(call: Call) -> str:
    return call.caller_phone  # type: ignore[return-value]


def a_contact_without_a_number() -> NewContact:
    return NewContact(name="Ada Example")  # type: ignore[call-arg]


def a_status_that_no_call_has(client: AuthenticatedClient) -> None:
    list_calls.sync(client=client, status="ringing")  # type: ignore[arg-type]


def an_id_that_is_none(client: AuthenticatedClient) -> None:
    get_call.sync(7, client=client)  # type: ignore[arg-type]


def a_record_where_there_may_be_an_error(client: AuthenticatedClient, call: Call) -> object:
    answer = get_call.sync(call.id, client=client)
    assert answer
    return answer.data  # type: ignore[union-attr]


def a_field_that_no_error_has(error: Error) -> object:
    return error.error.kind  # type: ignore[attr-defined]
