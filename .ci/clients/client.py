"""A program of somebody who has nothing but the package that openapi-python-client made of the document, and its types.
`client.py URL`, and the key in INBOUNDFLOW_API_KEY."""
import json
import os
import sys
from collections.abc import Iterator
from urllib.request import Request, urlopen

from inbound_flow_api_client import AuthenticatedClient
from inbound_flow_api_client.api.calls import get_call, list_calls
from inbound_flow_api_client.api.contacts import create_contact
from inbound_flow_api_client.api.leads import list_leads
from inbound_flow_api_client.models import (
    Call, CallList, CallWithMessagesResponse, ContactResponse, Error, LeadList, LeadStatus, NewContact,
)
from inbound_flow_api_client.types import UNSET

URL, KEY = sys.argv[1], os.environ["INBOUNDFLOW_API_KEY"]
LIMIT = 7


def all_calls(client: AuthenticatedClient) -> Iterator[list[Call]]:
    page = list_calls.sync(client=client, limit=LIMIT)
    while True:
        assert isinstance(page, CallList), page
        assert len(page.data) <= LIMIT and page.has_more == (page.next_cursor is not None), page
        yield page.data
        if page.next_cursor is None:
            return
        page = list_calls.sync(client=client, limit=LIMIT, cursor=page.next_cursor)


def all_calls_as_json() -> list[dict[str, object]]:
    records: list[dict[str, object]] = []
    cursor = ""
    while True:
        request = Request(f"{URL}/v1/calls?limit=100{cursor}", headers={"Authorization": f"Bearer {KEY}"})
        with urlopen(request, timeout=10) as answer:
            page = json.load(answer)
        records += page["data"]
        if not page["has_more"]:
            return records
        cursor = f"&cursor={page['next_cursor']}"


def same(record: object, original: object) -> bool:
    """Python writes UTC as +00:00, and a fraction of a second with six digits."""
    if isinstance(record, dict) and isinstance(original, dict):
        return record.keys() == original.keys() and all(same(record[name], original[name]) for name in record)
    if isinstance(record, str) and isinstance(original, str) and record.endswith("+00:00"):
        return record.removesuffix("+00:00").rstrip("0") == original.removesuffix("Z").rstrip("0")
    return record == original


def reads(client: AuthenticatedClient) -> None:
    pages = list(all_calls(client))
    calls = [call for page in pages for call in page]
    originals = all_calls_as_json()
    assert len(pages) > 2, "too few calls to turn pages"
    assert [str(call.id) for call in calls] == [original["id"] for original in originals], "other calls"
    for call, original in zip(calls, originals):
        assert same(call.to_dict(), original), f"{call} was {original}"
        assert not call.additional_properties, f"the document does not name {call.additional_keys}"
    print(f"  {len(calls)} calls on {len(pages)} pages, each as in the API's own JSON")

    talked = next(call for call in calls if call.transcript)
    single = get_call.sync(talked.id, client=client)
    assert isinstance(single, CallWithMessagesResponse), single
    assert single.data.messages and single.data.summary == talked.summary, single
    print(f"  a call with {len(single.data.messages)} messages, the first by {single.data.messages[0].role.value}")

    leads = list_leads.sync(client=client, status=LeadStatus.NEW)
    assert isinstance(leads, LeadList) and leads.data, leads
    assert {lead.status.value for lead in leads.data} == {"new"}, leads
    print(f"  {len(leads.data)} leads with the status {LeadStatus.NEW}")


def writes(client: AuthenticatedClient) -> None:
    contact = NewContact(phone="+1 (212) 555-0187", name="Ada Example", company=None)
    made = create_contact.sync_detailed(client=client, body=contact)
    assert isinstance(made.parsed, ContactResponse) and made.status_code == 201, made
    assert made.parsed.data.phone == "+12125550187" and made.parsed.data.email is None, made
    again = create_contact.sync_detailed(client=client, body=contact)
    assert isinstance(again.parsed, Error) and again.status_code == 409, again
    assert again.parsed.error.code.value == "conflict", again
    assert again.parsed.error.existing_id == made.parsed.data.id, again
    print("  a contact (201), and the conflict with it (409), which names it")


def is_refused() -> None:
    stranger = AuthenticatedClient(base_url=URL, token="sk_live_your_key_here")
    answer = list_calls.sync_detailed(client=stranger, cursor=UNSET)
    assert isinstance(answer.parsed, Error) and answer.status_code == 401, answer
    assert answer.parsed.error.code.value == "unauthorized", answer
    print(f"  a wrong key (401): {answer.parsed.error.message}")


with AuthenticatedClient(base_url=URL, token=KEY) as owner:
    reads(owner)
    writes(owner)
is_refused()
