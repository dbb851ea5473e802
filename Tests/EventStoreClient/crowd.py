"""Two hundred clients append events at once, each over a connection of its own.

Most events go to aggregates that many clients write to, some of which have a saga that raises events
too. One event in eight is sent again under its id, one in eight by two clients at the same moment.
Afterwards the versions of each aggregate must be 1…n, and every event must be once in the database,
once on the stream and once with whoever followed, in the same order. On PostgreSQL several daemons
can share the work, so that clients of one write to the aggregates of the other's.
"""

import argparse
import asyncio
import collections
import contextlib
import dataclasses
import json
import pathlib
import random
import sys
import tempfile
import time
import urllib.request

import grpc
import nats
from nats.js.api import AckPolicy, ConsumerConfig

from daemon import PATIENCE, Daemon, load
from parcels import PARCEL
from stores import STORES

# Aggregates with a saga that waits for the customs, and without one, that all clients write to.
WITH_SAGA, WITHOUT_SAGA = 8, 24
# One event in so many is sent again after its answer, and one by a neighbour at the same moment.
AGAIN, AT_ONCE = 8, 8
# The most memory that a daemon may ever have, in MiB: what a call leaves behind it would go beyond.
MEMORY = 150


@dataclasses.dataclass
class Follower:
    """What a stream of everything has sent: the ids in the order of each aggregate."""

    events: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    count: int = 0
    failure: str = ""

    async def run(self, store, request):
        try:
            async for event in store.GetEventsStream(request):
                self.events[event.aggregate_id].append(event.event_id)
                self.count += 1
        except grpc.aio.AioRpcError as error:
            self.failure = f"{error.code()} {error.details()}"


class Crowd:
    """The clients, and what they sent."""

    def __init__(self, daemons, modules, clients, events):
        self.addresses = [daemon.address("gRPC") for daemon in daemons]
        self.http = "http://" + daemons[0].address("HTTP")
        self.pb, self.pb_grpc = modules
        self.clients, self.events = clients, events
        self.follower = Follower()
        self.channels, self.failures, self.times = [], [], []
        # By id: the event; and by client and aggregate: the ids in the order of their answers.
        self.sent, self.answered = {}, collections.defaultdict(list)
        self.sagas = []
        self.shared = [f"shared-{number}" for number in range(WITHOUT_SAGA)]

    def start_saga(self):
        request = urllib.request.Request(
            self.http + "/api/sagas/parcel", data=b"{}",
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["key"]

    def store(self):
        """The event store over a connection of its own: others would share one."""
        address = self.addresses[len(self.channels) % len(self.addresses)]
        channel = grpc.aio.insecure_channel(
            address, options=[("grpc.use_local_subchannel_pool", 1)])
        self.channels.append(channel)
        return self.pb_grpc.EventStoreStub(channel)

    async def run(self):
        self.sagas = [self.start_saga() for _ in range(WITH_SAGA)]
        stores = [self.store() for _ in range(self.clients)]
        following = asyncio.create_task(
            self.follower.run(self.store(), self.pb.GetEventsRequest()))
        began = time.monotonic()
        await asyncio.gather(
            *(self.append_all(client, stores) for client in range(self.clients)))
        elapsed = time.monotonic() - began
        connections = self.connections()
        if connections < self.clients:
            self.failures.append(f"{connections} connections of {self.clients} clients")
        await self.await_followed()
        following.cancel()
        read = {aggregate: [event async for event in self.read(stores[0], aggregate)]
                for aggregate in self.aggregates()}
        for channel in self.channels:
            await channel.close()
        return elapsed, read

    def aggregates(self):
        return {event.aggregate_id for event in self.sent.values()} | set(self.sagas)

    def connections(self):
        """How many connections are open to the daemons' ports."""
        ports = [int(address.rpartition(":")[2]) for address in self.addresses]
        rows = [line.split() for name in ["tcp", "tcp6"]
                for line in pathlib.Path(f"/proc/net/{name}").read_text("ascii").splitlines()[1:]]
        return sum(row[3] == "01" and int(row[2].rpartition(":")[2], 16) in ports for row in rows)

    async def append_all(self, client, stores):
        """Appends a client's share of the events, one after the other."""
        draw = random.Random(client)
        share = self.events // self.clients + (client < self.events % self.clients)
        for number in range(share):
            event = self.event(client, number, draw)
            self.sent[event.event_id] = event
            calls = [self.append(stores[client], event)]
            if draw.randrange(AT_ONCE) == 0:
                calls.append(self.append(stores[(client + 1) % self.clients], event))
            await asyncio.gather(*calls)
            self.answered[client, event.aggregate_id].append(event.event_id)
            if draw.randrange(AGAIN) == 0:
                await self.append(stores[client], event)

    def event(self, client, number, draw):
        aggregate = draw.choice(self.sagas + self.shared + [f"own-{client}"])
        name = "packed"
        if number == 1 and client < len(self.sagas):
            # In the midst of all that, its saga comes to an end.
            aggregate, name = self.sagas[client], "cleared"
        return self.pb.Event(
            event_id=f"{client}-{number}", event_type=f"PARCELS.{name}", aggregate_id=aggregate,
            aggregate_type="parcel", stream="PARCELS",
            event_data=json.dumps({"client": client, "number": number}))

    async def append(self, store, event):
        began = time.monotonic()
        try:
            answer = await store.CreateEvent(
                self.pb.CreateEventRequest(event=event), timeout=PATIENCE)
            if not answer.is_success:
                self.failures.append(f"{event.event_id}: {answer}")
        except grpc.aio.AioRpcError as error:
            self.failures.append(f"{event.event_id}: {error.code()} {error.details()}")
        self.times.append(time.monotonic() - began)

    async def await_followed(self):
        end = time.monotonic() + PATIENCE
        while self.follower.count < self.expected and time.monotonic() < end:
            await asyncio.sleep(0.05)
        # One that comes twice comes soon.
        await asyncio.sleep(0.5)

    @property
    def expected(self):
        """How many events there are: those sent, and one that each saga raises."""
        return len(self.sent) + len(self.sagas)

    async def read(self, store, aggregate):
        answer = await store.GetEvents(self.pb.GetEventsRequest(aggregate_id=aggregate))
        for event in answer.events:
            yield event


async def published(broker, count):
    """Aggregate, version and id of all messages of the stream PARCELS, once there are so many."""
    connection = await nats.connect(broker)
    stream = connection.jetstream()
    end = time.monotonic() + PATIENCE
    while (await stream.stream_info("PARCELS")).state.messages < count and time.monotonic() < end:
        await asyncio.sleep(0.05)
    left = (await stream.stream_info("PARCELS")).state.messages
    pulls = await stream.pull_subscribe(
        "", stream="PARCELS", config=ConsumerConfig(ack_policy=AckPolicy.NONE))
    rows = []
    while len(rows) < left:
        for message in await pulls.fetch(min(500, left - len(rows)), timeout=PATIENCE):
            headers = message.headers
            rows.append(
                (headers["ce-subject"], int(headers["ce-sequence"]), headers["Nats-Msg-Id"]))
    await connection.close()
    return rows


class Judgement:
    """Compares what was sent with what is found."""

    def __init__(self, crowd):
        self.crowd = crowd
        self.findings = list(crowd.failures)
        if crowd.follower.failure:
            self.findings.append(f"the follower: {crowd.follower.failure}")

    def order(self, rows, where):
        """The ids of each aggregate in the order of their versions, which must be 1…n."""
        found = collections.defaultdict(list)
        for aggregate, version, event in rows:
            found[aggregate].append((version, event))
        for aggregate, events in found.items():
            events.sort()
            versions = [version for version, _ in events]
            if versions != list(range(1, len(versions) + 1)):
                self.findings.append(f"{where}, {aggregate}: the versions are {brief(versions)}")
        ids = collections.Counter(event for _, _, event in rows)
        self.compare(f"{where}: ids that come twice", [], [i for i, n in ids.items() if n > 1])
        self.compare(f"{where}: ids that are missing", [], sorted(set(self.crowd.sent) - set(ids)))
        self.compare(f"{where}: events", self.crowd.expected, len(rows))
        return {aggregate: [event for _, event in events] for aggregate, events in found.items()}

    def compare(self, what, expected, found):
        if expected != found:
            self.findings.append(f"{what}: expected {brief(expected)}, found {brief(found)}")

    def judge(self, stored, on_stream, read):
        crowd = self.crowd
        in_store = self.order(stored, "in the database")
        in_stream = self.order(on_stream, "on the stream")
        for aggregate, ids in in_store.items():
            self.compare(f"{aggregate} on the stream", ids, in_stream.get(aggregate))
            self.compare(f"{aggregate} as followed", ids, crowd.follower.events.get(aggregate))
            answered = [event.event_id for event in read.get(aggregate, [])]
            self.compare(f"{aggregate} by GetEvents", ids, answered)
        for event in (event for events in read.values() for event in events):
            if event.event_id in crowd.sent:
                self.compare(event.event_id, crowd.sent[event.event_id], event)
        places = {event: place for ids in in_store.values() for place, event in enumerate(ids)}
        for (client, aggregate), ids in crowd.answered.items():
            found = sorted(ids, key=lambda event: places.get(event, -1))
            self.compare(f"client {client} in {aggregate}", ids, found)
        return self.findings


def brief(value):
    text = str(value)
    return text if len(text) < 300 else f"{text[:300]}…"


def trial(arguments, folder):
    store = STORES[arguments.store](folder)
    modules = load(folder, "eventstore")
    with running(arguments, folder, store) as daemons:
        crowd = Crowd(daemons, modules, arguments.clients, arguments.events)
        elapsed, read = asyncio.run(crowd.run())
        on_stream = asyncio.run(published(daemons[0].broker(), crowd.expected))
        findings = Judgement(crowd).judge(store.events(), on_stream, read)
        memory = max(daemon.memory() for daemon in daemons)
    if memory > MEMORY:
        findings.append(f"a daemon had {memory} MiB, and at most {MEMORY} were expected")
    for daemon in daemons:
        if daemon.process.returncode != 0:
            findings.append(f"a daemon ended with status {daemon.process.returncode}")
        if findings:
            print(f"a daemon's log:\n{daemon.log.read_text('utf-8')[-3000:]}", file=sys.stderr)
    times = sorted(crowd.times)
    print(
        f"the crowd on {store.title}: {arguments.clients} clients of {len(daemons)} daemon(s), "
        f"{len(times)} calls, {crowd.expected} events in {elapsed:.1f} s "
        f"({len(times) / elapsed:.0f} calls/s); a call took {times[len(times) // 2]:.3f} s, at most "
        f"{times[-1]:.3f} s; memory of sagad at most {memory} MiB")
    return findings


@contextlib.contextmanager
def running(arguments, folder, store):
    """So many daemons over one store and one broker, that of the first, which stops last."""
    daemons = []
    try:
        for number in range(arguments.daemons):
            broker = daemons[0].broker() if daemons else None
            own = pathlib.Path(folder) / f"daemon-{number}"
            daemons.append(
                Daemon(arguments.program, own, store, {"parcel.yaml": PARCEL}, broker))
            daemons[-1].line("ready")
        yield daemons
    finally:
        for daemon in reversed(daemons):
            daemon.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("store", choices=STORES)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--daemons", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sagad-crowd-") as folder:
        findings = trial(arguments, folder)
    for finding in findings[:20]:
        print(f"✗ {finding}", file=sys.stderr)
    if findings:
        sys.exit(f"{len(findings)} findings")


if __name__ == "__main__":
    main()
