"""A `sagad dev` for checks, and the modules of its gRPC interface."""

import contextlib
import importlib
import json
import pathlib
import signal
import subprocess
import sys
import time

import grpc_tools.protoc

PATIENCE = 90
PROTOS = pathlib.Path("Sources/EventStoreRPC/Protos")


def load(folder, *names):
    """The modules that protoc makes of those .proto files: messages, then services, of each."""
    arguments = ["protoc", f"--proto_path={PROTOS}", f"--python_out={folder}",
                 f"--grpc_python_out={folder}", *(f"{name}.proto" for name in names)]
    if grpc_tools.protoc.main(arguments) != 0:
        sys.exit("protoc refuses the .proto files")
    sys.path.insert(0, folder)
    return [importlib.import_module(f"{name}_{part}")
            for name in names for part in ["pb2", "pb2_grpc"]]


class Daemon:
    """A `sagad dev` with a folder of its own, on the definitions in those texts, by file name.

    With the URL of a broker it is a `sagad serve` instead, that works beside the one that has it.
    """

    def __init__(self, program, folder, store, definitions, broker=None):
        self.folder = pathlib.Path(folder)
        sagas = self.folder / "sagas"
        sagas.mkdir(parents=True)
        for name, text in definitions.items():
            (sagas / name).write_text(text, "utf-8")
        self.log = self.folder / "sagad.log"
        command = ["serve", "--nats-url", broker] if broker else [
            "dev", "--state-directory", str(self.folder / "state"), "--dev-workers", "false"]
        self.process = subprocess.Popen(
            [program, *command, "--http-listen", "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0",
             "--sagas-directory", str(sagas), "--database-url", store.url, "--log-format", "json"],
            stdout=subprocess.DEVNULL, stderr=self.log.open("wb"))

    def address(self, server):
        """Where it says that a server listens."""
        return self.line(f"{server} listens")["address"]

    def line(self, message):
        """The first line of its log with that message."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for text in self.log.read_text("utf-8").splitlines():
                with contextlib.suppress(ValueError):
                    line = json.loads(text)
                    if line.get("message") == message:
                        return line
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no `{message}`; its log:\n{self.log.read_text('utf-8')}")

    def broker(self):
        """The URL of its nats-server."""
        return f"nats://127.0.0.1:{self.line('nats-server listens')['port']}"

    def memory(self):
        """The most memory that it ever had, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) // 1024

    def stop(self):
        """Asks it to end; answers its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)
