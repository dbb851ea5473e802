"""Plays the participant's contract against examples/participant.py, as docs/participants.md says."""

import json
import pathlib
import subprocess
import sys
import tempfile

from daemon import Daemon

BODY = {"order_id": "${key}", "customer_id": "c-1", "amount": 5}
# Ends the participant where it runs, kills it where it does not end, and starts it.
RESTART = """
if [ -f pid ]; then
    kill -KILL "$(cat pid)"
    while grep -q '^State:.[^Z]' "/proc/$(cat pid)/status" 2>/dev/null; do sleep 0.05; done
fi
{python} {example} {broker} payments.sqlite >>participant.log 2>&1 &
echo $! >pid
"""


class Store:
    """One SQLite file."""

    def __init__(self, folder):
        self.url = f"sqlite:{folder}/sagad.sqlite"


def main(sagad):
    sagactl = pathlib.Path(sagad).resolve().with_name("sagactl")
    example = pathlib.Path("examples/participant.py").resolve()
    with tempfile.TemporaryDirectory() as folder:
        sagas = {name: pathlib.Path("sagas", name).read_text("utf-8")
                 for name in ["order.yaml", "order.schema.json"]}
        daemon = Daemon(sagad, folder, Store(folder), sagas)
        try:
            script = pathlib.Path(folder, "restart.sh")
            script.write_text(RESTART.format(
                python=sys.executable, example=example, broker=daemon.broker()), "utf-8")
            restart = f"cd {folder} && sh {script}"
            # It needs the stream, which is there once the daemon listens.
            daemon.address("HTTP")
            subprocess.run(["sh", "-c", restart], check=True)
            report = examine(sagactl, daemon.broker(), restart)
        finally:
            subprocess.run(["sh", "-c", f"kill -KILL $(cat {folder}/pid)"], check=False)
            daemon.stop()
    print(report.stdout, report.stderr, sep="")
    if report.returncode != 0 or ", 0 broken, 0 not tried." not in report.stdout:
        sys.exit("the example does not keep each rule of the contract")


def examine(sagactl, broker, restart):
    """Examines the participant once it listens."""
    busy = {**BODY, "customer_id": "c-busy"}
    for _ in range(100):
        run = subprocess.run(
            [sagactl, "conform", "--nats", broker, "--command", "payments.debit", "--compensation",
             "payments.void", "--probe", "payments.status", "--body", json.dumps(BODY),
             "--retriable-body", json.dumps(busy), "--refused-body", "{}", "--restart", restart,
             "--patience", "30"],
            capture_output=True, text=True, check=False)
        if "nobody takes" not in run.stderr:
            return run
    return run


main(sys.argv[1])
