"""What the peers of the bench share: the order, the line of figures, child processes."""

import json
import resource
import subprocess
import sys
import time


def order(number):
    """The order of that number, as large as those of the bench."""
    return {
        "order_id": f"order-{number}",
        "customer_id": f"c-{number % 500}",
        "restaurant_id": f"r-{number % 40}",
        "amount": 19.0,
        "order_items": [{"code": "A1", "name": "Soup", "unit_price": 9.5, "quantity": 2}],
    }


def database(url, name):
    """The URL of another database on the same server."""
    return url.rsplit("/", 1)[0] + "/" + name


async def fresh(connect, url, name):
    """Makes a database anew."""
    connection = await connect(url)
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return database(url, name)


def participant(script, *arguments):
    """Starts the half of a script that answers, as a process of its own."""
    return subprocess.Popen([sys.executable, script, "--answer", *map(str, arguments)])


def end(process):
    """Ends a process, and waits for it."""
    process.terminate()
    process.wait(20)


class Course:
    """Measures one course: how long it took, and what of the processors."""

    def __init__(self):
        self.began = time.monotonic()
        self.processor = self.used()

    @staticmethod
    def used():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def tell(self, peer, sagas, completed):
        seconds = time.monotonic() - self.began
        print(json.dumps({
            "peer": peer, "sagas": sagas, "completed": completed, "seconds": seconds,
            "sagas_per_second": sagas / seconds,
            "cpu_us_per_saga": (self.used() - self.processor) * 1e6 / sagas,
        }), flush=True)
