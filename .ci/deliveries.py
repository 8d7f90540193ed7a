"""Webhooks in the deployed system: from a voice event to a receiver on this machine, and attempted again, and given up."""
import copy
import json
import sys
import time
import uuid

from receivers import Receiver, Shop, check_signed, verify
from system import STACK, executable, expect
from voice_events import Producer, until

# A function in the place of another, with its role: it gives back what AWS says to each of these.
PROBE = """#!{python}
import json, os, urllib.request
import boto3, botocore.exceptions
invocation = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(invocation + "next") as response:
        tried, invoked = json.load(response), response.headers["Lambda-Runtime-Aws-Request-Id"]
    said = []
    # A batch of a queue or a stream is none of the test's.
    for service, name, parameters in tried.get("tried", []):
        try:
            getattr(boto3.client(service), name)(**parameters)
            said.append("done")
        except botocore.exceptions.ClientError as error:
            said.append("denied" if "AccessDenied" in error.response["Error"]["Code"] else str(error))
    urllib.request.urlopen(invocation + invoked + "/response", json.dumps({{"said": said}}).encode())
"""


def allow_loopback(template):
    """The template with functions that take endpoints on this machine, as `dev` does."""
    changed = copy.deepcopy(template)
    for name in ("WebhooksFunction", "DeliverFunction"):
        variables = changed["Resources"][name]["Properties"]["Environment"]["Variables"]
        variables["WEBHOOK_ALLOW_LOOPBACK"] = "true"
    return changed


def check_told(shop, producer, receiver):
    """A call, its lead and its appointment are delivered to who chose them, once, and to be read as the same bodies."""
    everything = shop.endpoint(receiver.url("/everything"), "call.completed", "call.transferred", "appointment.booked",
                               "lead.created", "webhook.disabled")
    shop.endpoint(receiver.url("/leads"), "lead.created")
    call = str(uuid.uuid4())
    ended = producer.call("15:05:00", call, lead={"interest": "brakes", "urgency": "high"},
                          appointment={"service_type": "brakes", "date": "2026-11-24"})
    producer.send(producer.call("15:00:00", call, "in-progress"), ended, ended)
    for path, number in (("/everything", 3), ("/leads", 1)):
        until(lambda: len(receiver.at(path)) >= number, f"{number} events at {path}, not {len(receiver.at(path))}")
    told = {name: check_signed(shop, everything, *receiver.at("/everything", name))
            for name in ("call.completed", "lead.created", "appointment.booked")}
    expect(told["call.completed"]["data"]["call_id"] == call, str(told))
    expect({told[name]["data"]["call_id"] for name in told} == {call}, str(told))
    expect(receiver.at("/leads")[0][1]["X-InboundFlow-Event"] == "lead.created", "another event than was chosen")
    listed = shop.stack.ask(f"/v1/events?webhook_id={everything}", shop.key)[2]
    for *_, body, _ in receiver.at("/everything"):
        expect(body.decode() in listed, f"GET /v1/events has not {body.decode()}: {listed}")
    # A change that says nothing new, and the same once more.
    late = producer.call("15:06:00", call)
    late["call"]["summary"] = "Wants new brakes"
    producer.send(ended, late)
    until(lambda: shop.ask(f"/v1/calls/{call}")["data"]["summary"], "the late summary is there")
    return everything, call


def check_again(shop, producer, receiver):
    """A receiver that is down is asked again after some seconds, with the same bytes and another time."""
    endpoint = shop.endpoint(receiver.url("/later"), "call.completed")
    receiver.answers["/later"] = [500, 200]
    producer.send(producer.call("16:00:00", str(uuid.uuid4())))
    first, second = until(lambda: receiver.at("/later")[1:] and receiver.at("/later"), "a second try")
    check_signed(shop, endpoint, first)
    delivery = check_signed(shop, endpoint, second)["delivery_id"]
    expect(first[2] == second[2] and first[1]["webhook-id"] == second[1]["webhook-id"], "the attempts differ")
    expect(4 <= second[3] - first[3] <= 30, f"the second try came after {second[3] - first[3]} s")
    until(lambda: shop.delivery(endpoint, delivery)["status"] == "succeeded", "the delivery is noted as taken")
    attempts = shop.delivery(endpoint, delivery)["attempts"]
    expect([(one["number"], one["status_code"], one["response_body"]) for one in attempts] ==
           [(1, 500, "answered 500"), (2, 200, "answered 200")], f"the log has {attempts}")
    return endpoint, delivery


def check_given_up(stack, shop, producer, receiver, everything):
    """Who answers 410 is disabled; the organization's other endpoint is told, and the log that an alarm watches."""
    endpoint = shop.endpoint(receiver.url("/gone"), "call.completed")
    receiver.answers["/gone"] = [410]
    producer.send(producer.call("16:10:00", str(uuid.uuid4())))
    until(lambda: shop.ask(f"/v1/webhooks/{endpoint}")["data"]["status"] == "disabled", "the endpoint is disabled")
    expect(shop.ask(f"/v1/webhooks/{endpoint}")["data"]["disabled_reason"] == "gone", "not as gone")
    until(lambda: receiver.at("/everything", "webhook.disabled"), "the other endpoint is told")
    told = check_signed(shop, everything, *receiver.at("/everything", "webhook.disabled"))
    expect((told["data"]["webhook_id"], told["data"]["reason"]) == (endpoint, "gone"), str(told))
    # The emulator counts no lines of a log; this is the one that the alarm's metric filter is for.
    logs, group = stack.client("logs"), f"/aws/lambda/{STACK}-fanout"
    filters = logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    pattern = next(one["filterPattern"] for one in filters
                   if one["metricTransformations"][0]["metricName"] == "WebhooksDisabled")
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    lines = [line for line in lines if endpoint in line]
    line = next((line for line in map(json.loads, lines) if f'{{ $.message = "{line["message"]}" }}' == pattern), None)
    expect(line and (line["organization_id"], line["reason"]) == (shop.organization, "gone"), f"{pattern}: {lines}")
    expect("127.0.0.1" not in str(lines), f"a receiver's address is in the log: {lines}")
    before = len(receiver.at("/everything"))
    producer.send(producer.call("16:20:00", str(uuid.uuid4())))
    until(lambda: len(receiver.at("/everything")) > before, "the next event is published")
    expect(len(receiver.at("/gone")) == 1, "a disabled endpoint was asked again")


def check_lost(stack, shop, receiver, endpoint, delivery):
    """A delivery of whose message nothing was heard is brought up by the schedule."""
    tables, before = stack.client("dynamodb"), len(receiver.at("/later"))
    tables.update_item(
        TableName=f"{STACK}-Deliveries", Key={"organization_id": {"S": shop.organization}, "id": {"S": delivery}},
        UpdateExpression="SET #status = :pending, due_shard = :shard, due_at = :past",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":pending": {"S": "pending"}, ":shard": {"S": "0"},
                                   ":past": {"S": "2026-11-21T00:00:00.000Z"}})
    until(lambda: len(receiver.at("/later")) > before, "the sweep brings it up", 100)
    until(lambda: shop.delivery(endpoint, delivery)["status"] == "succeeded", "and it is taken")
    expect(receiver.at("/later")[-1][2] == receiver.at("/later")[0][2], "what was brought up has another body")


def check_parked(stack, shop, producer, receiver):
    """An item that nobody could have written becomes a dead letter; what comes after it is published."""
    queue = stack.client("sqs")
    stack.client("dynamodb").put_item(TableName=f"{STACK}-Leads", Item={
        "organization_id": {"S": shop.organization}, "id": {"S": "no id"}, "revision": {"N": "1"}})
    before = len(receiver.at("/leads"))
    producer.send(producer.call("17:00:00", str(uuid.uuid4()), lead={"interest": "tyres"}))
    until(lambda: len(receiver.at("/leads")) > before, "the lead after it is published")
    taken = until(lambda: queue.receive_message(
        QueueUrl=stack.outputs["FanoutDeadLetterQueueUrl"], MessageAttributeNames=["All"]).get("Messages"), "it is a dead letter")
    expect(len(taken) == 1 and taken[0]["MessageAttributes"]["kind"]["StringValue"] == "unreadable_record", str(taken))
    expect("no id" in taken[0]["Body"], taken[0]["Body"])


def check_command(stack, shop, receiver, everything, call):
    """What the operators' page says one can do by the command."""
    def run(*arguments):
        return stack.command("webhooks", *arguments, "--organization", shop.organization).stdout
    expect(everything in run("list"), "webhooks list lacks an endpoint")
    expect("succeeded" in run("deliveries", everything), "webhooks deliveries has none")
    before = len(receiver.at("/everything"))
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    run("replay", everything, "--since", since)
    run("backfill", "--since", since)
    # Everything was told and taken: neither has anything to do.
    time.sleep(3)
    expect(len(receiver.at("/everything")) == before, "what was taken was sent again")
    ids = [got[1]["X-InboundFlow-Delivery-Id"] for got in receiver.at("/everything")]
    expect(len(ids) == len(set(ids)), f"a delivery came twice: {ids}")
    # An event that was never made, as after an outage: it is made of the record as that is now.
    missed, = (told for told in map(json.loads, (got[2] for got in receiver.at("/everything", "call.completed")))
               if told["data"]["call_id"] == call)
    tables, key = stack.client("dynamodb"), lambda name: {"organization_id": {"S": shop.organization}, "id": {"S": name}}
    delivery = tables.delete_item(TableName=f"{STACK}-Deliveries", Key=key(missed["delivery_id"]), ReturnValues="ALL_OLD")
    tables.delete_item(TableName=f"{STACK}-Events", Key=key(delivery["Attributes"]["event_id"]["S"]))
    run("backfill", "--since", since)
    until(lambda: len(receiver.at("/everything")) > before, "backfill makes the missing event")
    late = check_signed(shop, everything, receiver.at("/everything")[-1])
    expect((late["delivery_id"], late["data"]["summary"]) == (missed["delivery_id"], "Wants new brakes"), str(late))


def check_owner(shop, receiver):
    """What an owner does with an endpoint, each by the permissions that the function has for it."""
    endpoint = shop.endpoint(receiver.url("/owner"), "lead.created")
    path, old = f"/v1/webhooks/{endpoint}", shop.secrets[endpoint]
    expect(shop.ask(path, "PATCH", {"description": "Mine"})["data"]["description"] == "Mine", "it is not changed")
    expect(any(one["id"] == endpoint for one in shop.ask("/v1/webhooks")["data"]), "it is not listed")
    test = shop.ask(f"{path}/test", "POST", status=202)["data"]["id"]
    until(lambda: receiver.at("/owner"), "the test comes")
    new = shop.ask(f"{path}/rotate-secret", "POST")["data"]["secret"]
    until(lambda: shop.delivery(endpoint, test)["status"] == "succeeded", "the test is noted as taken")
    shop.ask(f"{path}/deliveries/{test}/replay", "POST", status=202)
    until(lambda: len(receiver.at("/owner")) > 1, "the test comes again")
    _, headers, body, _ = receiver.at("/owner")[1]
    standard = [headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
    expect(all(verify.verify_standard(secret, *standard, body) for secret in (old, new)), "not signed with both secrets")
    expect(verify.verify_documented(old, headers["X-InboundFlow-Signature"], body), "the old secret ended at once")
    expect([one["id"] for one in shop.ask(f"{path}/deliveries")["data"]] == [test], "the log has not the test alone")
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    again = shop.ask(f"{path}/replay", "POST", {"since": since, "include_succeeded": True}, 202)["data"]["replayed"]
    until(lambda: len(receiver.at("/owner")) == 2 + again, f"{again} earlier leads come")
    expect(again > 0, "no lead of before the endpoint was replayed")
    shop.ask(path, "DELETE")
    shop.ask(path, status=404)


def check_refused(shop):
    """What is no receiver's address is refused before it is stored."""
    for url in ("http://example.com/", "https://10.0.0.1/", "https://169.254.169.254/", "https://example.com:8443/"):
        refused = shop.ask("/v1/webhooks", "POST", {"url": url, "events": ["lead.created"]}, 400)
        expect(refused["error"]["param"] == "url", f"{url}: {refused}")


def check(stack):
    shop, receiver = Shop(stack, stack.organization("Webhook Shop")), Receiver()
    producer = Producer(stack, shop.organization, "webhook-pipeline")
    check_refused(shop)
    everything, call = check_told(shop, producer, receiver)
    endpoint, delivery = check_again(shop, producer, receiver)
    check_given_up(stack, shop, producer, receiver, everything)
    check_lost(stack, shop, receiver, endpoint, delivery)
    check_parked(stack, shop, producer, receiver)
    check_command(stack, shop, receiver, everything, call)
    check_owner(shop, receiver)
    receiver.server.shutdown()


def probed(template):
    """In the places of fanout and deliver run, with their roles, functions that try what they should not."""
    changed = copy.deepcopy(template)
    for name in ("fanout", "deliver"):
        code = executable(f"probe-{name}", PROBE.format(python=sys.executable))
        changed["Resources"][f"{name.capitalize()}Function"]["Properties"]["CodeUri"] = code
    return changed


def check_roles(stack):
    table, key = f"{STACK}-{{}}".format, {"organization_id": {"S": "x"}, "id": {"S": "x"}}
    read = lambda name: ("dynamodb", "get_item", {"TableName": table(name), "Key": key})
    write = lambda name: ("dynamodb", "put_item", {"TableName": table(name), "Item": key})
    query = lambda name: ("dynamodb", "query", {
        "TableName": table(name), "KeyConditionExpression": "organization_id = :x",
        "ExpressionAttributeValues": {":x": {"S": "x"}}})
    scan = lambda name: ("dynamodb", "scan", {"TableName": table(name)})
    send = lambda output: ("sqs", "send_message", {"QueueUrl": stack.outputs[output], "MessageBody": "{}"})
    allowed = {"fanout": [query("Webhooks"), write("Events"), send("FanoutDeadLetterQueueUrl")],
               "deliver": [read("Webhooks"), read("WebhookSecrets"), read("Events")]}
    refused = {"fanout": [scan("Webhooks"), write("Webhooks"), read("WebhookSecrets"), read("Calls"), write("Calls"),
                          scan("Deliveries"), send("EventsQueueUrl")],
               "deliver": [write("Webhooks"), query("Webhooks"), write("Events"), scan("Deliveries"), read("Calls"),
                           send("FanoutDeadLetterQueueUrl"), send("EventsQueueUrl")]}
    for name in allowed:
        payload = json.dumps({"tried": [*allowed[name], *refused[name]]}).encode()
        answer = stack.client("lambda").invoke(FunctionName=f"{STACK}-{name}", Qualifier="live", Payload=payload)
        said = json.load(answer["Payload"])["said"]
        expect(said == ["done"] * len(allowed[name]) + ["denied"] * len(refused[name]), f"{name} was told {said}")
