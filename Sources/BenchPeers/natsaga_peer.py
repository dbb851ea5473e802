"""The order saga on natsaga: commands and responses over JetStream, state and outbox in PostgreSQL.

Everything of the orchestrator is in one process, the outbox's relay included, which polls every
20 ms where its own default is a second. The participant answers from memory, without a ledger.
"""

import argparse
import asyncio
import json
import logging
import os
import uuid

import asyncpg
import nats
import uvloop
from nats.js.api import ConsumerConfig, StreamConfig
from nats_outbox.core.models import Base as OutboxBase
from nats_outbox.publishers.nats_publisher import NatsPublisher
from nats_outbox.relay.polling import PollingRelay
from nats_outbox.settings import OutboxSettings
from natsaga.core.models import Base as SagaBase
from natsaga.core.saga import Saga
from natsaga.core.step import Step
from natsaga.listener import SagaListener
from natsaga.orchestrator import SagaOrchestrator
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from peer import Course, end, fresh, order, participant

VERSION = "natsaga"
COMMANDS = "PEER_COMMANDS"
RESPONSES = "PEER_RESPONSES"
SUBJECTS = ["payment.debit", "payment.void", "review.order", "review.cancel"]
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 240


class OrderSaga(Saga):
    saga_type = "order"

    @classmethod
    def steps(cls):
        return [
            Step(name="payment", action_subject="payment.debit",
                 compensation_subject="payment.void", timeout_seconds=60),
            Step(name="review", action_subject="review.order",
                 compensation_subject="review.cancel", timeout_seconds=60),
        ]


async def answer(nats_url):
    stream = (await nats.connect(nats_url)).jetstream()

    async def reply(message, subject):
        command = json.loads(message.data)
        body = {"outcome": "success", "result": {subject.replace(".", "_"): "r-1"}}
        await stream.publish(
            f"{subject}.response.{command['saga_id']}.{command['step_index']}",
            json.dumps(body).encode())
        await message.ack()

    async def serve(subject):
        consumer = await stream.pull_subscribe(
            subject, durable="peer_" + subject.replace(".", "_"), stream=COMMANDS,
            config=ConsumerConfig(ack_wait=120, max_ack_pending=20000))
        while True:
            try:
                messages = await consumer.fetch(100, timeout=0.5)
            except (nats.errors.TimeoutError, asyncio.TimeoutError):
                continue
            await asyncio.gather(*(reply(message, subject) for message in messages))

    await asyncio.gather(*(serve(subject) for subject in SUBJECTS))


async def prepare(url, stream):
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=30, max_overflow=40)
    async with engine.begin() as connection:
        await connection.run_sync(SagaBase.metadata.create_all)
        await connection.run_sync(OutboxBase.metadata.create_all)
    await stream.add_stream(StreamConfig(name=COMMANDS, subjects=SUBJECTS))
    responses = [subject + ".response.>" for subject in SUBJECTS]
    await stream.add_stream(StreamConfig(name=RESPONSES, subjects=responses))
    return engine


async def run(arguments):
    logging.basicConfig(level=logging.ERROR)
    url = await fresh(asyncpg.connect, arguments.postgres_url, "peer_natsaga")
    stream = (await nats.connect(arguments.nats_url)).jetstream()
    engine = await prepare(url, stream)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    orchestrator = SagaOrchestrator(sessions)
    orchestrator.register(OrderSaga)
    other = participant(__file__, "--nats-url", arguments.nats_url)
    settings = OutboxSettings(
        database_url="postgresql+asyncpg://", nats_url=arguments.nats_url,
        polling_interval=POLL_SECONDS)
    relay = PollingRelay(sessions, NatsPublisher(stream), settings)
    listener = SagaListener(stream, orchestrator, RESPONSES)
    await listener.subscribe_all()
    work = [asyncio.create_task(relay.start()), asyncio.create_task(listener.run_forever())]
    await asyncio.sleep(1)
    numbers = iter(range(arguments.sagas))

    async def starts():
        for number in numbers:
            await orchestrator.start(OrderSaga, order(number), saga_id=uuid.uuid4())

    course = Course()
    starting = asyncio.gather(*(starts() for _ in range(arguments.in_flight)))
    completed = await count_completed(url, arguments.sagas)
    course.tell(VERSION, arguments.sagas, completed)
    await starting
    for task in work:
        task.cancel()
    end(other)


async def count_completed(url, sagas):
    connection = await asyncpg.connect(url)
    completed = 0
    for _ in range(PATIENCE_SECONDS * 10):
        completed = await connection.fetchval(
            "SELECT count(*) FROM saga_state WHERE status = 'completed'")
        if completed == sagas:
            break
        await asyncio.sleep(0.1)
    await connection.close()
    return completed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answer", action="store_true")
    parser.add_argument("--postgres-url")
    parser.add_argument("--nats-url")
    parser.add_argument("--sagas", type=int, default=2000)
    parser.add_argument("--in-flight", type=int, default=64)
    arguments = parser.parse_args()
    uvloop.run(answer(arguments.nats_url) if arguments.answer else run(arguments))
    os._exit(0)


main()
