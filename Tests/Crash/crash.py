#!/usr/bin/env python3
"""The clients and the judge of run.sh.

    crash.py TESSERA WORK KILLS CLIENTS SEED
"""
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent

PAY = """
mutation Pay($purse: ID!, $number: Int!, $entry: ID!, $delta: Int!, $balance: Int!, $a: String!,
    $b: String!) @transaction {
  createEntry(input: { id: $entry, purseId: $purse, number: $number, delta: $delta,
      idempotencyKey: $a }) { replayed entry { id } userErrors { code message } }
  updatePurse(input: { id: $purse, set: { balance: $balance }, idempotencyKey: $b }) {
    replayed purse { balance } userErrors { code message } }
}
"""
LEDGER = """
query Ledger($purse: ID!, $first: Int!) {
  purse(id: $purse) {
    balance
    entries(first: $first, orderBy: [{ number: DESC }]) {
      totalCount
      aggregate { sum { delta } max { number } min { number } countDistinct { number } }
      nodes { id number }
    }
  }
}
"""


class Gone(Exception):
    """The server was killed before it answered."""


class Server:
    """A process of tessera on a data directory."""

    def __init__(self, binary, work, port):
        self.log = open(work / "server.log", "ab")
        self.process = subprocess.Popen(
            [binary, "serve", "--schema", str(work / "schema"), "--data", str(work / "data"),
             "--snapshot-every", "300ms", "--listen", f"127.0.0.1:{port}"],
            stdout=self.log, stderr=self.log)

    def wait(self, port):
        """Until it is ready; the seconds that took."""
        start = time.monotonic()
        while time.monotonic() - start < 60:
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with {self.process.returncode}, see server.log")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return time.monotonic() - start
            except OSError:
                pass
            time.sleep(0.01)
        raise SystemExit("the server does not become ready")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()


def ask(connection, query, variables):
    body = json.dumps({"query": query, "variables": variables})
    try:
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Gone()
        return json.loads(text)
    except (OSError, http.client.HTTPException, ValueError):
        raise Gone()


class Client:
    """Pays into one purse, one payment after the other, and remembers what was acknowledged."""

    def __init__(self, number):
        self.purse = f"prs_{number}"
        self.number = number
        self.acknowledged = 0
        self.balance = 0
        self.sent = None
        self.replays = 0
        self.faults = []

    def pay(self, connection, payment):
        number, delta, balance = payment
        key = f"{self.number}-{number}"
        answer = ask(connection, PAY, {
            "purse": self.purse, "number": number, "entry": f"ent_{self.number}-{number}",
            "delta": delta, "balance": balance, "a": "e" + key, "b": "p" + key})
        data = answer.get("data") or {}
        parts = [data.get("createEntry") or {}, data.get("updatePurse") or {}]
        if answer.get("errors"):
            if answer["errors"][0].get("extensions", {}).get("code") == "UNAVAILABLE":
                raise Gone()
            self.faults.append(f"{self.purse}: {answer}")
            raise Gone()
        if any(part.get("userErrors") != [] for part in parts):
            self.faults.append(f"{self.purse}, payment {number}: {answer}")
            raise Gone()
        self.replays += bool(parts[0].get("replayed"))
        self.acknowledged, self.balance = number, balance
        self.sent = None

    def run(self, port, seed):
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            while True:
                if self.sent is None:
                    delta = chance.randint(1, 9)
                    self.sent = (self.acknowledged + 1, delta, self.balance + delta)
                self.pay(connection, self.sent)
        except Gone:
            connection.close()

    def judge(self, connection):
        """What the server says now against what it had acknowledged."""
        purse = ask(connection, LEDGER, {"purse": self.purse, "first": 1})["data"]["purse"]
        entries = purse["entries"]
        count = entries["totalCount"]
        allowed = [(self.acknowledged, self.balance)]
        if self.sent is not None:
            allowed.append((self.sent[0], self.sent[2]))
        facts = {
            "count and balance": (count, purse["balance"]) in allowed,
            "sum": (entries["aggregate"]["sum"]["delta"] or 0) == purse["balance"],
            "numbers": count == 0 or (
                entries["aggregate"]["max"]["number"] == count
                and entries["aggregate"]["min"]["number"] == 1
                and entries["aggregate"]["countDistinct"]["number"] == count),
        }
        lost = max(0, self.acknowledged - count)
        doubled = max(0, count - allowed[-1][0])
        for fact, holds in facts.items():
            if not holds:
                self.faults.append(
                    f"{self.purse}: {fact}: {purse}, acknowledged {self.acknowledged} with "
                    f"{self.balance}, under way {self.sent}")
        return lost, doubled


def main(binary, work, kills, client_count, seed):
    work = pathlib.Path(work)
    (work / "schema").mkdir()
    (work / "schema" / "crash.graphql").write_bytes((HERE / "crash.graphql").read_bytes())
    port = 20000 + os.getpid() % 20000
    chance = random.Random(seed)
    clients = [Client(number) for number in range(1, client_count + 1)]
    print(f"seed {seed}, data in {work}")

    server = Server(binary, work, port)
    server.wait(port)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for client in clients:
        answer = ask(connection, """mutation($id: ID!) {
            createPurse(input: { id: $id }) { purse { id } userErrors { message } } }""",
                     {"id": client.purse})
        if answer["data"]["createPurse"]["purse"] != {"id": client.purse}:
            raise SystemExit(f"no purse: {answer}")
    connection.close()

    lost = doubled = early = 0
    slowest = 0.0
    start = time.monotonic()
    for number in range(1, kills + 1):
        if chance.random() < 0.25:
            # The next server is killed while it starts; the judge looks at the one behind it.
            server.kill()
            server = Server(binary, work, port)
            time.sleep(chance.uniform(0, 0.12))
            server.kill()
            early += 1
        else:
            threads = [threading.Thread(target=client.run, args=(port, chance.random()))
                       for client in clients]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.05, 1.2))
            server.kill()
            for thread in threads:
                thread.join()
        server = Server(binary, work, port)
        slowest = max(slowest, server.wait(port))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for client in clients:
            one_lost, one_doubled = client.judge(connection)
            lost += one_lost
            doubled += one_doubled
            if client.sent is not None:
                # The same again: done once, whether it was done before or not.
                client.pay(connection, client.sent)
                client.judge(connection)
        connection.close()
        faults = [fault for client in clients for fault in client.faults]
        if faults:
            print(f"after kill {number}:", *faults, sep="\n  ")
            server.kill()
            raise SystemExit(1)
        if number % 20 == 0:
            total = sum(client.acknowledged for client in clients)
            print(f"{number} kills, {total} transactions acknowledged, {lost} lost, "
                  f"{doubled} doubled, {int(time.monotonic() - start)} s", flush=True)

    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(10)
    total = sum(client.acknowledged for client in clients)
    replays = sum(client.replays for client in clients)
    check = subprocess.run(
        [binary, "store", "check", "--schema", str(work / "schema"), "--data",
         str(work / "data")], capture_output=True, text=True, timeout=120)
    print(f"{kills} kills ({early} of them during a start), {total} transactions acknowledged, "
          f"{replays} replayed by their keys: {lost} lost, {doubled} doubled; "
          f"slowest start {slowest:.2f} s; SIGTERM gave exit code {code}; store check: "
          f"{check.stdout.strip().splitlines()[-1:]} ({check.returncode})")
    if lost or doubled or code or check.returncode:
        raise SystemExit(1)


if len(sys.argv) != 6:
    raise SystemExit(__doc__)
main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
