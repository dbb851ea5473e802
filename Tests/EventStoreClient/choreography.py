"""Runs sagas/choreographed/order.yaml with participants that know nothing but domain events."""

import asyncio
import json
import pathlib
import sys
import tempfile
import time
import urllib.request

import grpc
import nats

from daemon import PATIENCE, Daemon, load
from participants import EventStore, Participants
from stores import STORES

SAGAS = pathlib.Path("sagas/choreographed")
# How long a step awaits its event here, and in the file.
SHORTER = {"timeout: 5m": "timeout: 15s", "timeout: 30m": "timeout: 15s"}

CREATED, DEBITED, DECLINED = "ORDERS.created", "ORDERS.paymentdebited", "ORDERS.paymentdeclined"
VOIDED, APPROVED, REJECTED = "ORDERS.paymentvoided", "ORDERS.approved", "ORDERS.rejected"

# By the customer or the restaurant of an order: how its saga ends, its view's status, its events.
STORIES = {
    "approved": ("completed", "Approved", [CREATED, DEBITED, APPROVED]),
    "declined": ("compensated", "Rejected", [CREATED, DECLINED, REJECTED]),
    "blocked": ("compensated", "Rejected", [CREATED, DEBITED, REJECTED, VOIDED]),
    "forgotten": ("compensated", "Rejected", [CREATED, VOIDED, REJECTED]),
    "late": ("compensated", "Rejected", [CREATED, VOIDED, REJECTED, DEBITED, VOIDED]),
}
ORDERS_EACH = 8


def definitions():
    """The choreographed saga's files, with shorter waits."""
    texts = {}
    for name in ["order.yaml", "order.schema.json"]:
        text = (SAGAS / name).read_text("utf-8")
        for long, short in SHORTER.items():
            text = text.replace(long, short)
        texts[name] = text
    return texts


class Client:
    """Posts orders and reads what became of them."""

    def __init__(self, daemon, modules):
        self.http = "http://" + daemon.address("HTTP")
        self.grpc = daemon.address("gRPC")
        self.pb, self.pb_grpc = modules

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.http + path, method=method, headers={"Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer), answer.headers

    def post(self, story):
        customer = f"c-{story}" if story in ("declined", "forgotten", "late") else "c-1"
        restaurant = "r-blocked" if story == "blocked" else "r-1"
        order, headers = self.call("POST", "/api/orders", {
            "customer_id": customer, "restaurant_id": restaurant,
            "order_items": [{"code": "A1", "name": "Soup", "unit_price": 9.5, "quantity": 2}]})
        return order["order_id"], headers["Saga-Id"]

    def types(self, key):
        with grpc.insecure_channel(self.grpc) as channel:
            request = self.pb.GetEventsRequest(aggregate_id=key)
            events = self.pb_grpc.EventStoreStub(channel).GetEvents(request, timeout=PATIENCE)
            return [event.event_type for event in events.events]

    def await_story(self, key, saga, story):
        """What differs from the story in the end, if anything."""
        status, shown, types = STORIES[story]
        end = time.monotonic() + PATIENCE
        found = None
        while time.monotonic() < end:
            document = self.call("GET", f"/api/sagas/{saga}")[0]
            view = self.call("GET", f"/api/orders/{key}")[0]
            found = (document["status"], view.get("status"), self.types(key))
            if found == (status, shown, types) and not document["open"]:
                return None
            time.sleep(0.2)
        return f"{story} order {key}: expected {(status, shown, types)}, found {found}"


async def published(broker):
    """The ids of all messages of the stream ORDERS, in its order."""
    connection = await nats.connect(broker)
    stream = connection.jetstream()
    state = (await stream.stream_info("ORDERS")).state
    ids = []
    for sequence in range(state.first_seq, state.last_seq + 1):
        message = await stream.get_msg("ORDERS", sequence)
        ids.append(message.headers["Nats-Msg-Id"])
    await connection.close()
    return ids


def check(client, participants, broker):
    orders = {}
    for _ in range(ORDERS_EACH):
        for story in STORIES:
            key, saga = client.post(story)
            orders[key] = (saga, story)
    findings = [client.await_story(key, saga, story) for key, (saga, story) in orders.items()]
    findings = [finding for finding in findings if finding]
    findings += participants.failures + participants.store.refusals
    for key, (_, story) in orders.items():
        if (key in participants.debits and key not in participants.voids) != (story == "approved"):
            findings.append(f"{story} order {key}: the money is not where it should be")
    expected = sum(len(types) for _, _, types in STORIES.values()) * ORDERS_EACH
    ids = asyncio.run(published(broker))
    if len(ids) != expected or len(set(ids)) != expected:
        findings.append(
            f"{expected} events are stored; on the stream are {len(ids)}, of them "
            f"{len(set(ids))} different")
    return findings, len(orders)


def main(program, store_name):
    with tempfile.TemporaryDirectory(prefix="sagad-choreography-") as folder:
        modules = load(folder, "eventstore")
        store = STORES[store_name](folder)
        daemon = Daemon(program, folder, store, definitions())
        try:
            daemon.line("ready")
            broker = daemon.broker()
            client = Client(daemon, modules)
            participants = Participants(broker, EventStore(client.grpc, modules))
            participants.start()
            findings, count = check(client, participants, broker)
            participants.stop()
        finally:
            status = daemon.stop()
        if status != 0:
            findings.append(f"the daemon ended with status {status}")
        for finding in findings:
            print(f"✗ {finding}", file=sys.stderr)
        if findings:
            sys.exit(1)
        print(f"choreography on {store.title}: {count} orders of {len(STORIES)} stories ended as they should")


if __name__ == "__main__":
    main(*sys.argv[1:])
