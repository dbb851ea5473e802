"""The order saga on DBOS: a durable workflow of two steps, each asking a participant over core NATS.

Its steps are recorded in PostgreSQL; the participant answers from memory, without a ledger.
"""

import argparse
import asyncio
import json
import logging
import os

import asyncpg
import nats
import uvloop
from dbos import DBOS, SetWorkflowID

from peer import Course, end, fresh, order, participant

VERSION = "dbos"
PREFIX = "peer.dbos."
client = None


async def ask(subject, body):
    message = await client.request(PREFIX + subject, json.dumps(body).encode(), timeout=30)
    return json.loads(message.data)


@DBOS.step(retries_allowed=True, max_attempts=5)
async def debit(body):
    return await ask("debit", body)


@DBOS.step(retries_allowed=True, max_attempts=5)
async def review(body):
    return await ask("review", body)


@DBOS.step(retries_allowed=True, max_attempts=5)
async def void(body):
    return await ask("void", body)


@DBOS.workflow()
async def order_saga(body):
    await debit(body)
    if (await review(body))["outcome"] != "approved":
        await void(body)
        return "rejected"
    return "approved"


async def answer(nats_url):
    connection = await nats.connect(nats_url)
    outcomes = {"debit": "debited", "review": "approved", "void": "done"}

    async def reply(message):
        outcome = outcomes[message.subject.removeprefix(PREFIX)]
        await message.respond(json.dumps({"outcome": outcome}).encode())

    await connection.subscribe(PREFIX + "*", cb=reply)
    await asyncio.Event().wait()


async def run(arguments):
    global client
    url = await fresh(asyncpg.connect, arguments.postgres_url, "peer_dbos")
    other = participant(__file__, "--nats-url", arguments.nats_url)
    client = await nats.connect(arguments.nats_url)
    logging.basicConfig(level=logging.ERROR)
    DBOS(config={
        "name": "peer", "system_database_url": url, "log_level": "ERROR",
        "sys_db_pool_size": 40, "application_version": "1",
    })
    DBOS.launch()
    await asyncio.sleep(1)
    numbers = iter(range(arguments.sagas))
    completed = 0

    async def orders():
        nonlocal completed
        for number in numbers:
            with SetWorkflowID(f"order-{number}"):
                handle = await DBOS.start_workflow_async(order_saga, order(number))
            result = await handle.get_result()
            completed += result == "approved"

    course = Course()
    await asyncio.gather(*(orders() for _ in range(arguments.in_flight)))
    course.tell(VERSION, arguments.sagas, completed)
    await client.close()
    end(other)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answer", action="store_true")
    parser.add_argument("--postgres-url")
    parser.add_argument("--nats-url")
    parser.add_argument("--sagas", type=int, default=2000)
    parser.add_argument("--in-flight", type=int, default=32)
    arguments = parser.parse_args()
    uvloop.run(answer(arguments.nats_url) if arguments.answer else run(arguments))
    # Its threads would go on.
    os._exit(0)


main()
