"""Voice events in the deployed system: from the queue to the API, to the dead letters, and back from there."""
import copy
import itertools
import json
import random
import sys
import time
import uuid

import boto3

from system import STACK, executable, expect

# A function in the place of ingest, with its role: it gives back what AWS says to what ingest has no need of.
PROBE = """#!{python}
import json, os, urllib.request
import boto3, botocore.exceptions
invocation = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
key = {{"organization_id": {{"S": "x"}}, "id": {{"S": "x"}}}}
dead_letters, table = os.environ["DEAD_LETTER_QUEUE_URL"], os.environ["TABLE_PREFIX"] + "{{}}"
tried = [("dynamodb", "scan", {{"TableName": table.format("Calls")}}),
         ("dynamodb", "query", {{"TableName": table.format("Calls"), "KeyConditionExpression": "id = :id",
                               "ExpressionAttributeValues": {{":id": {{"S": "x"}}}}}}),
         ("dynamodb", "delete_item", {{"TableName": table.format("Contacts"), "Key": key}}),
         ("dynamodb", "get_item", {{"TableName": table.format("ApiKeys"), "Key": {{"key_hash": {{"S": "x"}}}}}}),
         ("sqs", "receive_message", {{"QueueUrl": dead_letters}}),
         ("sqs", "send_message", {{"QueueUrl": dead_letters.removesuffix("-dead-letters"), "MessageBody": "x"}}),
         ("s3", "put_object", {{"Bucket": "{bucket}", "Key": "x"}}),
         ("dynamodb", "put_item", {{"TableName": table.format("Leads"), "Item": key}})]
while True:
    with urllib.request.urlopen(invocation + "next") as response:
        invoked = response.headers["Lambda-Runtime-Aws-Request-Id"]
    said = {{}}
    for service, name, parameters in tried:
        try:
            getattr(boto3.client(service), name)(**parameters)
            said[name] = "done"
        except botocore.exceptions.ClientError as error:
            said[name] = "denied" if "AccessDenied" in error.response["Error"]["Code"] else str(error)
    urllib.request.urlopen(invocation + invoked + "/response", json.dumps(said).encode())
"""


class Producer:
    """Somebody with the policy that the stack has for producers, and nothing else."""

    def __init__(self, stack, organization, name="voice-pipeline"):
        iam = stack.client("iam")
        iam.create_user(UserName=name)
        iam.attach_user_policy(UserName=name, PolicyArn=stack.outputs["EventsProducerPolicyArn"])
        key = iam.create_access_key(UserName=name)["AccessKey"]
        session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
        self.queue, self.objects = session.client("sqs"), session.client("s3")
        self.url, self.bucket = stack.outputs["EventsQueueUrl"], stack.outputs["EventsBucketName"]
        self.organization = organization

    def event(self, occurred_at, **rest):
        return {"version": 1, "event_id": str(uuid.uuid4()), "organization_id": self.organization,
                "occurred_at": f"2026-11-21T{occurred_at}Z", **rest}

    def call(self, occurred_at, call, status="completed", **rest):
        return self.event(occurred_at, call={"id": call, "caller_phone": "+12015550177", "status": status}, **rest)

    def send(self, *events):
        """Sends events in one batch; a text goes as it is."""
        bodies = [event if isinstance(event, str) else json.dumps(event) for event in events]
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        sent = self.queue.send_message_batch(QueueUrl=self.url, Entries=entries)
        expect(not sent.get("Failed"), f"not sent: {sent.get('Failed')}")

    def send_large(self, event, key):
        self.objects.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(event).encode())
        self.send({"version": 1, "s3": {"bucket": self.bucket, "key": key}})


def until(found, what, seconds=60):
    """What `found` returns as soon as it is something."""
    deadline = time.monotonic() + seconds
    while not (result := found()):
        expect(time.monotonic() < deadline, f"in {seconds} seconds: {what}")
        time.sleep(0.3)
    return result


def refused(act, **parameters):
    try:
        act(**parameters)
    except act.__self__.exceptions.ClientError as error:
        return "AccessDenied" in error.response["Error"]["Code"]
    return False


class Desk:
    """What one sees of events: by the API, and among the dead letters."""

    def __init__(self, stack, organization):
        self.stack, self.queue = stack, stack.client("sqs")
        # Who waits asks more often than 60 times a minute.
        keys = (stack.key(organization)[1] for _ in itertools.count())
        self.keys = itertools.chain.from_iterable(itertools.repeat(key, 40) for key in keys)

    def get(self, path):
        status, _, text = self.stack.ask(path, next(self.keys))
        return json.loads(text)["data"] if status == 200 else None

    def letters(self):
        """The dead letters; each is hidden from the next look for a second."""
        answer = self.queue.receive_message(
            QueueUrl=self.stack.outputs["DeadLetterQueueUrl"], MaxNumberOfMessages=10, VisibilityTimeout=1,
            MessageAttributeNames=["All"])
        return answer.get("Messages", [])

    def take(self, number):
        """Waits for that many dead letters and takes them away: their reasons by their kinds."""
        taken = {}

        def look():
            for letter in self.letters():
                told = {name: value["StringValue"] for name, value in letter.get("MessageAttributes", {}).items()}
                taken[told["kind"]] = told["reason"]
                self.queue.delete_message(QueueUrl=self.stack.outputs["DeadLetterQueueUrl"],
                                          ReceiptHandle=letter["ReceiptHandle"])
            return len(taken) >= number
        until(look, f"{number} dead letters, not {taken}")
        return taken


def check_records(desk, producer):
    """A call in steps that come out of order and more than once is one call, of one contact."""
    call = str(uuid.uuid4())
    started = producer.call("10:00:00", call, "in-progress")
    ended = producer.call("10:05:00", call, lead={"interest": "brakes", "urgency": "high"},
                          appointment={"service_type": "brakes", "date": "2026-11-24"})
    ended["call"]["messages"] = [{"role": "user", "content": "My brakes squeal.", "timestamp": "2026-11-21T10:00:05Z"}]
    producer.send(ended, started, ended)
    producer.send(started, ended)
    found = until(lambda: desk.get(f"/v1/calls/{call}"), "the call is in the API")
    until(lambda: waiting(desk) == 0, "the queue is empty")
    expect(found["status"] == "completed" and len(found["messages"]) == 1, f"the call is {found['status']}")
    contact, = desk.get("/v1/contacts?phone=%2B12015550177")
    expect((contact["id"], contact["total_calls"]) == (found["contact_id"], 1), f"total_calls {contact['total_calls']}")
    for path in ("/v1/leads", "/v1/appointments"):
        record, = desk.get(path)
        expect((record["call_log_id"], record["contact_id"]) == (call, contact["id"]), f"{path} is not linked")
    # One that is late knows more of the lead, and nothing new of the call.
    producer.send(producer.call("10:02:00", call, "in-progress", lead={"qualification_reason": "Asked for a date"}))
    return until(lambda: knows_why(*desk.get("/v1/leads")), "the lead has what the late event knew of it")


def knows_why(lead):
    return lead["id"] if (lead["interest"], lead["qualification_reason"]) == ("brakes", "Asked for a date") else None


def waiting(desk):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = desk.queue.get_queue_attributes(QueueUrl=desk.stack.outputs["EventsQueueUrl"], AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def check_poison(desk, producer):
    """What cannot be carried out becomes a dead letter with its reason, and nothing beside it waits for that."""
    good = str(uuid.uuid4())
    unknown = {**producer.call("11:00:00", str(uuid.uuid4())), "organization_id": str(uuid.uuid4())}
    nothing = {"version": 1, "s3": {"bucket": producer.bucket, "key": "nothing.json"}}
    producer.send("{", unknown, {**unknown, "version": 2}, nothing, producer.call("11:00:00", good))
    until(lambda: desk.get(f"/v1/calls/{good}"), "the good event of the batch is carried out")
    taken = desk.take(4)
    kinds = {"invalid_event", "unknown_organization", "unknown_version", "unreadable_object"}
    expect(set(taken) == kinds, f"dead letters: {taken}")
    expect("NoSuchKey" in taken["unreadable_object"], f"a missing object is {taken['unreadable_object']}")
    expect(unknown["organization_id"] in taken["unknown_organization"], taken["unknown_organization"])
    producer.send("[]")
    until(desk.letters, "what is no event is a dead letter")
    deleted = dead_letters(desk, "delete", "--kind", "invalid_event", "--yes")
    expect(deleted == {"deleted": 1}, f"of one dead letter, {deleted} was deleted")
    expect(dead_letters(desk, "list") == [], "a deleted dead letter is still there")


def check_large(desk, producer):
    """A conversation beyond the queue comes by the bucket, and a longer one takes its place."""
    call = str(uuid.uuid4())
    messages = [{"role": "user", "content": f"{uuid.uuid4()} {random.randbytes(500).hex()}",
                 "timestamp": "2026-11-21T12:00:05Z"} for _ in range(1_000)]
    for number, until_now in enumerate((messages[:900], messages)):
        event = producer.call(f"12:0{number}:00", call, "in-progress")
        event["call"]["messages"] = until_now
        producer.send_large(event, f"{producer.organization}/{call}-{number}.json")
        until(lambda: (desk.get(f"/v1/calls/{call}") or {}).get("messages") == until_now,
              "the conversation is the one that was sent")
    until(lambda: waiting(desk) == 0, "the queue is empty")


def check_status(desk, producer, lead):
    """A person's change of a record that is not there yet comes again; at the last attempt it becomes a dead letter, and it is brought
    back by what the operators' page says."""
    desk.queue.set_queue_attributes(QueueUrl=producer.url, Attributes={"VisibilityTimeout": "1"})
    producer.send(producer.event("13:00:00", lead={"id": lead, "status": "contacted"}))
    until(lambda: desk.get("/v1/leads?status=contacted"), "the lead's status is changed")
    call = str(uuid.uuid4())
    appointment = str(uuid.uuid5(uuid.UUID(call), "appointment"))
    producer.send(producer.event("14:05:00", appointment={"id": appointment, "status": "cancelled"}))
    until(desk.letters, "a change of a record that never came is a dead letter")
    kinds = [letter["kind"] for letter in dead_letters(desk, "list")]
    expect("unknown_record" in kinds, f"unknown_record is not among the dead letters: {kinds}")
    producer.send(producer.call("14:00:00", call, appointment={"service_type": "tyres", "date": "2026-11-25"}))
    until(lambda: desk.get(f"/v1/calls/{call}"), "the call is in the API")
    expect(dead_letters(desk, "redrive", "--kind", "unknown_record") == {"redriven": 1}, "nothing was sent back")
    until(lambda: desk.get("/v1/appointments?status=cancelled"), "the dead letter is carried out after all")
    expect(dead_letters(desk, "list") == [], "dead letters are left")


def dead_letters(desk, *arguments):
    """The command that docs/OPERATIONS.md names."""
    # What was looked at a moment ago is hidden for a second.
    time.sleep(1.5)
    return json.loads(desk.stack.command("dead-letters", *arguments, "-o", "json").stdout)


def check_producer(producer):
    """A producer sends and puts; it reads neither the queue nor the bucket."""
    expect(refused(producer.queue.receive_message, QueueUrl=producer.url), "a producer may read the queue")
    expect(refused(producer.objects.get_object, Bucket=producer.bucket, Key="x"), "a producer may read the bucket")


def probed(template, bucket):
    """In the place of ingest runs, with its role, a function that tries what it should not."""
    changed = copy.deepcopy(template)
    code = executable("probe", PROBE.format(python=sys.executable, bucket=bucket))
    changed["Resources"]["IngestFunction"]["Properties"]["CodeUri"] = code
    return changed


def check_role(stack):
    answer = stack.client("lambda").invoke(FunctionName=f"{STACK}-ingest", Qualifier="live", Payload=b"{}")
    said = json.load(answer["Payload"])
    expect(said.pop("put_item", None) == "done", f"ingest may not write: {said}")
    expect(set(said.values()) == {"denied"} and len(said) == 7, f"ingest was told {said}")


def check(stack):
    organization = stack.organization("Voice Shop")
    desk, producer = Desk(stack, organization), Producer(stack, organization)
    check_producer(producer)
    lead = check_records(desk, producer)
    check_poison(desk, producer)
    check_large(desk, producer)
    check_status(desk, producer, lead)
