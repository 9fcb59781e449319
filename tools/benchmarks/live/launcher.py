"""Starts a command and prints, as JSON, the seconds until its first line and its peak memory in megabytes."""

import json
import os
import subprocess
import sys
import time

start = time.perf_counter()
process = subprocess.Popen(  # noqa: S603 - what it is for
    sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
)
if process.stdout is None or not process.stdout.readline():
    sys.exit(f"expected a line from {sys.argv[1:]}, received none")
seconds = time.perf_counter() - start
process.stdout.read()
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)  # or Popen would wait for it
print(json.dumps({"seconds": seconds, "megabytes": usage.ru_maxrss / 1e3}))  # noqa: T201 - what the parent reads
