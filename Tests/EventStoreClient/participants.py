"""The participants of sagas/choreographed/order.yaml, as services that know only domain events.

They use nats-py and grpcio, and have habits that a saga has to survive: they acknowledge before they
work, append everything twice under new ids, open a connection for each call, write keys in a style
of their own or no data at all, start before the stream exists and then sit idle, and forget orders.
"""

import asyncio
import json
import threading
import uuid

import grpc
import nats
from nats.js.api import AckPolicy, ConsumerConfig

from daemon import PATIENCE


class EventStore:
    """Appends over a connection of its own for each call."""

    def __init__(self, address, modules):
        self.address = address
        self.pb, self.pb_grpc = modules
        self.refusals = []

    def append(self, event, order, data):
        for _ in range(2):
            with grpc.insecure_channel(self.address) as channel:
                request = self.pb.CreateEventRequest(event=self.pb.Event(
                    event_id=str(uuid.uuid4()), event_type=f"ORDERS.{event}", aggregate_id=order,
                    aggregate_type="order", stream="ORDERS", event_data=data))
                try:
                    self.pb_grpc.EventStoreStub(channel).CreateEvent(request, timeout=PATIENCE)
                except grpc.RpcError as error:
                    self.refusals.append(f"{event} of {order}: {error.code()} {error.details()}")


class Participants:
    """Both participants, in a thread with an event loop; the ledger is the payment's."""

    def __init__(self, broker, store):
        self.broker, self.store = broker, store
        self.debits, self.voids, self.late, self.lates = {}, {}, set(), set()
        self.idle = 0
        self.restaurants, self.failures = {}, []
        self.ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.stopping = asyncio.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()
        if not self.ready.wait(PATIENCE):
            raise AssertionError(f"the participants do not start: {self.failures}")

    def stop(self):
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(PATIENCE)

    def run(self):
        try:
            self.loop.run_until_complete(self.serve())
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.failures.append(repr(error))
            raise

    async def serve(self):
        connection = await nats.connect(self.broker)
        stream = connection.jetstream()
        await self.sit_idle(stream)
        await stream.subscribe("ORDERS.created", durable="payment", cb=self.pay, manual_ack=True)
        await stream.subscribe(
            "ORDERS.paymentdebited", durable="review", cb=self.review, manual_ack=True)
        await stream.subscribe(
            "ORDERS.rejected", durable="payment-late", cb=self.pay_late, manual_ack=True)
        voids = asyncio.create_task(self.take_voids(connection, stream))
        self.ready.set()
        await self.stopping.wait()
        voids.cancel()
        await asyncio.gather(voids, return_exceptions=True)
        await connection.close()

    async def sit_idle(self, stream):
        """One that comes before its stream is there: it fails to subscribe and never tries again."""
        try:
            await stream.subscribe("EARLY.created", durable="early")
        except nats.js.errors.NotFoundError:
            self.idle += 1

    async def append(self, event, order, data):
        await asyncio.to_thread(self.store.append, event, order, data)

    async def pay(self, message):
        await message.ack()
        order = json.loads(message.data)
        key, customer = order["order_id"], order["customer_id"]
        self.restaurants[key] = order["restaurant_id"]
        if customer == "c-declined":
            return await self.append("paymentdeclined", key, '{"Reason": "the card has expired"}')
        if customer == "c-forgotten":
            return None
        if customer == "c-late":
            self.late.add(key)
            self.lates.add(key)
            return None
        self.debits[key] = order["amount"]
        # Every third in another style, every third without data.
        data = ['{"OrderID": "%s", "PaymentID": "p-1"}' % key, "", '{"payment_id": "p-1"}']
        return await self.append("paymentdebited", key, data[len(self.debits) % 3])

    async def pay_late(self, message):
        """Debits after the saga gave the payment up."""
        await message.ack()
        key = message.headers["ce-subject"]
        if key in self.late:
            self.late.discard(key)
            self.debits[key] = 1
            self.voids.pop(key, None)
            await self.append("paymentdebited", key, "")

    async def review(self, message):
        await message.ack()
        key = message.headers["ce-subject"]
        if key in self.lates:
            return
        event = "rejected" if self.restaurants.get(key) == "r-blocked" else "approved"
        await self.append(event, key, "")

    async def take_voids(self, connection, stream):
        configuration = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT)
        pulls = await stream.pull_subscribe(
            "saga.command.payments.>", durable="payments", stream="SAGA_COMMANDS",
            config=configuration)
        while True:
            try:
                messages = await pulls.fetch(16, timeout=1)
            except (asyncio.TimeoutError, nats.errors.TimeoutError):
                continue
            for message in messages:
                self.voids[json.loads(message.data)["order_id"]] = True
                await stream.publish(
                    message.headers["Saga-Reply-To"], json.dumps({"outcome": "done"}).encode())
                await message.ack()
