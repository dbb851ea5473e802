"""A participant of sagas: takes payments and gives them back, with its books in one SQLite file.

    python3 examples/participant.py nats://127.0.0.1:4222 payments.sqlite

It keeps the participant's contract (docs/participants.md): the work of a command and its answer are
committed together, an answer is sent before the command is acknowledged, and so comes again if this
program ends in between. Needs nats-py.
"""
import asyncio, json, sqlite3, sys

import nats
from nats.js.api import ConsumerConfig

REFUSED = {"error": {"code": "compensated", "message": "taken back before", "retriable": False}}


def debit(books, me, _, body):
    if body["customer_id"] == "c-busy":  # A bank that is away: not recorded, the next one may pass.
        return {"error": {"code": "bank-away", "message": "try again", "retriable": True}}
    if body["amount"] > 1000:
        return {"outcome": "declined", "data": {"reason": "over the limit"}}
    books.execute("INSERT INTO payments VALUES (?, ?, 0)", (me, body["amount"]))
    return {"outcome": "debited", "data": {"payment_id": f"p-{me}"}}


def void(books, _, original, __):
    books.execute("UPDATE payments SET voided = 1 WHERE command = ?", (original,))
    record(books, original, REFUSED)  # Whatever came of it, or will come: from now on it is refused.
    return {"outcome": "done"}


def status(books, _, original, __):
    known = recorded(books, original)
    if known and "outcome" in known:
        return known
    record(books, original, REFUSED)
    return {"outcome": "never"}


def recorded(books, command):
    row = books.execute("SELECT answer FROM answers WHERE command = ?", (command,)).fetchone()
    return row and json.loads(row[0])


def record(books, command, answer):
    books.execute("INSERT OR REPLACE INTO answers (command, answer) VALUES (?, ?)",
                  (command, json.dumps(answer)))


def answer(books, name, headers, body):
    me, original = headers["Saga-Command-Id"], headers.get("Saga-Original-Command-Id")
    said = recorded(books, me)
    if said is None:
        try:
            said = {"debit": debit, "void": void, "status": status}[name](
                books, me, original, json.loads(body))
        except (KeyError, TypeError, ValueError) as problem:
            said = {"error": {"code": "bad-request", "message": repr(problem), "retriable": False}}
        if not said.get("error", {}).get("retriable"):
            record(books, me, said)
    return json.dumps(said).encode()


async def main(servers, path):
    books = sqlite3.connect(path)
    books.execute("CREATE TABLE IF NOT EXISTS payments (command TEXT, amount REAL, voided INTEGER)")
    books.execute("CREATE TABLE IF NOT EXISTS answers (command TEXT PRIMARY KEY, answer TEXT,"
                  " at TEXT DEFAULT CURRENT_TIMESTAMP)")  # Kept 30 days at least.
    stream = (await nats.connect(servers)).jetstream()
    commands = await stream.pull_subscribe(
        "saga.command.payments.>", "payments", "SAGA_COMMANDS", ConsumerConfig(ack_wait=5))
    while True:
        try:
            batch = await commands.fetch(16, timeout=5)
        except nats.errors.TimeoutError:
            continue
        for command in batch:
            with books:
                said = answer(books, command.subject.split(".")[-1], command.headers, command.data)
            await stream.publish(command.headers["Saga-Reply-To"], said)
            await command.ack()


asyncio.run(main(*sys.argv[1:]))
