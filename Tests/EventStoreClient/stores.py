"""The databases that a daemon is checked on, and what is in them."""

import os
import pathlib
import sqlite3
import subprocess

# What each store has of its events: the aggregate's id, the version, the event's id.
QUERIES = {
    "sqlite": "SELECT aggregate_id, events.version, event_id FROM events "
              "JOIN aggregates USING (aggregate_no)",
    "postgresql": "SELECT aggregate_id, version, event_id FROM events",
}


class SQLite:
    """A file of its own."""

    title = "SQLite"

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "sagad.db"
        self.url = f"sqlite:{self.path}"

    def events(self):
        """Aggregate, version and id of every event."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        rows = connection.execute(QUERIES["sqlite"]).fetchall()
        connection.close()
        return rows


class PostgreSQL:
    """A new database on the server that Tests/Scripts/with-servers has started."""

    title = "PostgreSQL"

    def __init__(self, folder):
        server = os.environ["SAGAD_TEST_POSTGRES_URL"]
        place, _, settings = server.partition("?")
        name = pathlib.Path(folder).name.replace("-", "_").replace(".", "_").lower()
        self.url = f"{place.rpartition('/')[0]}/{name}?{settings}"
        query(server, f'CREATE DATABASE "{name}"')

    def events(self):
        """Aggregate, version and id of every event."""
        return [(aggregate, int(version), event)
                for aggregate, version, event in query(self.url, QUERIES["postgresql"])]


STORES = {"sqlite": SQLite, "postgresql": PostgreSQL}


def query(url, statement):
    """The rows that psql answers, as texts."""
    program = pathlib.Path(os.environ["SAGAD_TEST_PG_BIN"]) / "psql"
    answer = subprocess.run(
        [program, "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t",
         "--set=ON_ERROR_STOP=1", f"--command={statement}", url],
        stdout=subprocess.PIPE, check=True, encoding="utf-8")
    return [line.split("\t") for line in answer.stdout.splitlines() if "\t" in line]
