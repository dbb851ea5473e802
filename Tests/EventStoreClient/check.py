"""Checks a daemon's event store with a client that knows nothing but its .proto files."""

import json
import pathlib
import sys
import tempfile
import threading
import time
import urllib.request

import grpc

from daemon import PATIENCE, Daemon, load
from parcels import PARCEL
from stores import STORES


class Follower:
    """Gathers what a stream sends, in a thread of its own."""

    def __init__(self, stream):
        self.stream, self.events, self.end = stream, [], None
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            for event in self.stream:
                with self.changed:
                    self.events.append(event)
                    self.changed.notify_all()
        except grpc.RpcError as error:
            self.end = error

    def ids(self, count):
        with self.changed:
            self.changed.wait_for(lambda: len(self.events) >= count, PATIENCE)
            return [event.event_id for event in self.events]


class Checks:
    """Everything that is asked of the daemon, one method each, in order."""

    def __init__(self, daemon, modules):
        self.daemon = daemon
        self.pb, self.pb_grpc, self.health, self.health_grpc = modules
        self.address = daemon.address("gRPC")
        self.http = "http://" + daemon.address("HTTP")
        self.channel = grpc.insecure_channel(self.address)
        self.store = self.pb_grpc.EventStoreStub(self.channel)

    def event(self, number, aggregate="p-0", **fields):
        values = {
            "event_id": f"e-{number}", "event_type": "PARCELS.packed", "aggregate_id": aggregate,
            "aggregate_type": "parcel", "stream": "PARCELS", "event_data": '{"weight": 1.50}'}
        return self.pb.Event(**{**values, **fields})

    def create(self, event, store=None):
        return (store or self.store).CreateEvent(self.pb.CreateEventRequest(event=event))

    def get(self, **filters):
        return list(self.store.GetEvents(self.pb.GetEventsRequest(**filters)).events)

    def follow(self, **filters):
        return Follower(self.store.GetEventsStream(self.pb.GetEventsRequest(**filters)))

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.http + path, method=method, headers={"Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def check_health(self):
        health = self.health_grpc.HealthStub(self.channel)
        for service in ["", "eventstore.EventStore"]:
            request = self.health.HealthCheckRequest(service=service)
            for answer in health.Watch(request, timeout=PATIENCE):
                if answer.status == self.health.HealthCheckResponse.SERVING:
                    break
            assert health.Check(request).status == self.health.HealthCheckResponse.SERVING

    def check_a_call_before_it_is_ready(self):
        # The very first call came as soon as the port was open, and was held.
        assert self.first.result(PATIENCE).is_success

    def check_what_was_stored_is_read_as_it_came(self):
        data = ' {"b": 1.0,\n "a": "\u00fc\\u00fc"} '
        event = self.event(1, event_data=data)
        answer = self.create(event)
        assert answer.is_success and answer.error == ""
        assert self.create(event).is_success
        self.create(self.event(2, aggregate="p-2", event_data=""))
        self.create(self.event(3))
        assert self.get(event_id="e-1") == [event]
        assert self.get(event_id="e-1", aggregate_id="p-2") == []
        assert [event.event_id for event in self.get(aggregate_id="p-0")] == ["e-0", "e-1", "e-3"]
        assert self.get(aggregate_id="p-9") == []

    def check_what_is_not_of_its_form_is_refused(self):
        for fields, words in [
            ({"event_id": ""}, "event.event_id: expected 1 to 255 bytes, found 0"),
            ({"stream": "CARGO"}, "event.stream: expected one that a definition names (PARCELS)"),
            ({"aggregate_type": "order"}, "event.aggregate_type: expected 'parcel'"),
            ({"event_type": "packed"}, "event.event_type: expected the full subject"),
            ({"event_data": "{"}, "event.event_data: expected JSON text or nothing"),
        ]:
            error = refusal(lambda: self.create(self.event(99, **fields)))
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
            assert words in error.details(), error.details()
        assert refusal(self.get).code() == grpc.StatusCode.INVALID_ARGUMENT
        assert self.get(event_id="e-99") == []

    def check_a_connection_for_each_call(self):
        for number in range(100, 150):
            with grpc.insecure_channel(self.address) as channel:
                store = self.pb_grpc.EventStoreStub(channel)
                assert self.create(self.event(number, aggregate="p-many"), store).is_success
        ids = [event.event_id for event in self.get(aggregate_id="p-many")]
        assert ids == [f"e-{number}" for number in range(100, 150)]

    def check_followers_get_what_is_stored_and_what_comes(self):
        everything, one = self.follow(), self.follow(aggregate_id="p-many")
        assert len(everything.ids(54)) == 54
        assert len(one.ids(50)) == 50
        self.create(self.event(200, aggregate="p-2"))
        self.create(self.event(201, aggregate="p-many"))
        assert everything.ids(56)[-2:] == ["e-200", "e-201"]
        assert one.ids(51)[-1] == "e-201"
        one.stream.cancel()
        self.everything = everything

    def check_a_participant_that_only_knows_the_event_store(self):
        started = self.call("POST", "/api/sagas/parcel", {})
        self.create(self.event(300, aggregate=started["key"], event_type="PARCELS.cleared"))
        path = f"/api/sagas/{started['id']}"
        end = time.monotonic() + PATIENCE
        while (saga := self.call("GET", path))["status"] == "running" and time.monotonic() < end:
            time.sleep(0.05)
        assert saga["status"] == "completed", saga
        types = [event.event_type for event in self.get(aggregate_id=started["key"])]
        assert types == ["PARCELS.cleared", "PARCELS.delivered"], types
        # A second append of the same outcome succeeds and is not stored.
        again = self.event(301, aggregate=started["key"], event_type="PARCELS.cleared")
        assert self.create(again).is_success
        assert self.get(event_id="e-301") == []

    def check_the_end(self):
        assert self.daemon.stop() == 0
        self.everything.thread.join(PATIENCE)
        assert self.everything.end.code() == grpc.StatusCode.UNAVAILABLE, self.everything.end


def refusal(call):
    """The status of a call that must fail."""
    try:
        answer = call()
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"expected a refusal, found {answer}")


def main(program, store_name):
    with tempfile.TemporaryDirectory(prefix="sagad-events-") as folder:
        code = pathlib.Path(folder) / "code"
        code.mkdir()
        modules = load(str(code), "eventstore", "health")
        store = STORES[store_name](folder)
        daemon = Daemon(program, folder, store, {"parcel.yaml": PARCEL})
        try:
            checks = Checks(daemon, modules)
            request = checks.pb.CreateEventRequest(event=checks.event(0))
            checks.first = checks.store.CreateEvent.future(request)
            methods = [name for name in vars(Checks) if name.startswith("check_")]
            for name in methods:
                try:
                    getattr(checks, name)()
                except Exception:
                    print(f"check-event-store: {name} failed; the daemon's log:\n"
                          f"{daemon.log.read_text('utf-8')}", file=sys.stderr)
                    raise
        finally:
            daemon.stop()
    print(f"the event store on {store.title}: {len(methods)} checks by a client in Python hold")


if __name__ == "__main__":
    main(*sys.argv[1:])
