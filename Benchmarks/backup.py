#!/usr/bin/env python3
"""A machine is lost while clients ask: how much is gone, how long until a server answers with what was backed up, what does backing up cost?

usage: .venv/bin/python Benchmarks/backup.py [--clients 16] [--seconds 40] [--ballast-mb 512] [--interval 15s] [--s3]

Starts `hadal serve` with the built-in model twice, without and with a backup, and lets clients ask without a pause: answers a second of
both. With it, a drill while they ask; then SIGKILL, the data directory is removed, `hadal restore` with the recovery key, and a
server is started with what came back. Lost is what lies between the moment that was restored and the kill. --s3: to moto's server over HTTP instead of a directory.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from local_server import free_port, ready

ROOT = Path(__file__).resolve().parent.parent


class Clients:
    """They ask until they are stopped."""

    def __init__(self, url, key, count):
        self.url, self.key, self.count = url, key, count
        self.answers, self.is_over = [], False

    async def one(self, seed):
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(base_url=self.url, timeout=60, headers=headers) as client:
            while not self.is_over:
                body = {"model": "guide", "prompt": f"Story {seed}: ", "max_tokens": 2, "ignore_eos": True}
                try:
                    if (await client.post("/v1/completions", json=body)).status_code == 200:
                        self.answers.append(time.time())
                except httpx.HTTPError:
                    await asyncio.sleep(0.05)

    async def ask(self, seconds):
        """For so long; answers a second."""
        tasks = [asyncio.create_task(self.one(seed)) for seed in range(self.count)]
        await asyncio.sleep(seconds)
        self.is_over = True
        await asyncio.gather(*tasks)
        return len(self.answers) / seconds


def run(options, *arguments, check=True):
    result = subprocess.run([options.hadal, *arguments], capture_output=True, text=True, env=options.environment)
    if check and result.returncode:
        raise SystemExit(f"hadal {' '.join(arguments)}: {result.stderr}")
    return result.stdout


def start(options, port, *arguments):
    return subprocess.Popen(
        [options.hadal, "serve", "--listen", f"127.0.0.1:{port}", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=options.environment)


def start_moto(options):
    port = free_port()
    moto = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    options.environment |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    for _ in range(200):
        try:
            if httpx.put(f"http://127.0.0.1:{port}/backups").status_code == 200:
                return moto
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("moto does not start: pip install 'moto[server]'")


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--ballast-mb", type=int, default=512)
    parser.add_argument("--interval", default="15s")
    parser.add_argument("--s3", action="store_true")
    options = parser.parse_args()
    options.environment = dict(os.environ, HADAL_CONFIG="")
    directory = Path(tempfile.mkdtemp(prefix="hadal-backup-"))
    moto = start_moto(options) if options.s3 else None
    place = "s3://backups/hadal" if options.s3 else str(directory / "place")
    report = {"place": "S3 (moto)" if options.s3 else "directory", "interval": options.interval}
    try:
        data = directory / "data"
        key = json.loads(run(options, "keys", "create", "--name", "clients", "--role", "administrator", "--json", "--data", str(data)))["secret"]
        files = data / "ballast"
        files.mkdir(parents=True)
        for index in range(options.ballast_mb // 16):
            (files / f"{index}.bin").write_bytes(os.urandom(16 << 20))
        plain = ["--config", str(directory / "plain.yaml")]
        backed = ["--config", str(directory / "backed.yaml")]
        (directory / "plain.yaml").write_text(f"data: {data}\nmodels: [{{name: guide, model: guide}}]\n")
        (directory / "backed.yaml").write_text(
            (directory / "plain.yaml").read_text() + f"backup: {{place: \"{place}\", interval: {options.interval}}}\n")
        recovery = re.search(r"hadal-recovery-\S+", run(options, "backup", "init", *backed)).group()
        (directory / "recovery.key").write_text(recovery)

        async def measure(arguments):
            port = free_port()
            server = start(options, port, *arguments)
            url = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                await ready(client)
            return server, url

        server, url = await measure(plain)
        report["answers_a_second_without"] = round(await Clients(url, key, options.clients).ask(options.seconds), 1)
        server.send_signal(signal.SIGTERM)
        server.wait()

        server, url = await measure(backed)
        async with httpx.AsyncClient(base_url=url, timeout=600, headers={"Authorization": f"Bearer {key}"}) as client:
            began = time.monotonic()
            while "safeUntil" not in (await client.get("/admin/v1/backup")).json():
                await asyncio.sleep(0.1)
            report["first_snapshot_seconds"] = round(time.monotonic() - began, 1)
        clients = Clients(url, key, options.clients)
        report["answers_a_second_with"] = round(await clients.ask(options.seconds), 1)
        drill = json.loads(await asyncio.to_thread(run, options, "drill", "--json", "--scratch", str(directory), *backed))
        report["drill"] = {name: drill[name] for name in ("recoveryTimeSeconds", "recoveryPointSeconds", "files", "bytes", "problems")}

        clients = Clients(url, key, options.clients)
        asking = asyncio.create_task(clients.ask(options.seconds))
        await asyncio.sleep(options.seconds - 1)
        server.kill()
        killed = time.time()
        await asking
        shutil.rmtree(data)
        began = time.monotonic()
        restored = json.loads(run(
            options, "restore", "--json", "--place", place, "--recovery-key", str(directory / "recovery.key"), "--to", str(directory / "restored")))
        report["restore_seconds"] = round(time.monotonic() - began, 1)
        server, url = await measure(["guide", "--data", str(directory / "restored/data")])
        report["lost_to_answering_seconds"] = round(time.monotonic() - began, 1)
        async with httpx.AsyncClient(base_url=url, timeout=60, headers={"Authorization": f"Bearer {key}"}) as client:
            assert (await client.get("/v1/models")).status_code == 200
        server.send_signal(signal.SIGTERM)
        server.wait()
        point = time.mktime(time.strptime(restored["time"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        report["lost_seconds"] = round(killed - point, 1)
        report["lost_answers"] = sum(at > point for at in clients.answers)
        print(json.dumps(report, indent=1))
    finally:
        if moto:
            moto.terminate()
        shutil.rmtree(directory, ignore_errors=True)


asyncio.run(main())
