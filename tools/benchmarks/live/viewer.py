"""Some viewers of the web page, each as fast as its pictures come: HOST:PORT COUNT; ends when standard input does."""

import http.client
import json
import sys
import threading

address, count = sys.argv[1], int(sys.argv[2])


def watch() -> None:
    """Ask for one picture after another, as the page does."""
    connection = http.client.HTTPConnection(address)
    number = 0
    while True:
        connection.request("GET", f"/next?after={number}")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:  # the end of the run
            return
        number = json.loads(answer.headers["X-Edgeproof-Answer"])["number"]


for _ in range(count):
    threading.Thread(target=watch, daemon=True).start()
sys.stdin.read()
