#!/usr/bin/python3
"""others.py MACHINE-HARNESS NAME ADDRESS COUNT [SERVER]: another user's servers (stock, if none is named) begin and end on a machine under attack.

Prints how long each port took to open, from the announcement to the first datagram let through, and to shut, as seen from the
client's namespace. `slow`: beyond what any login should wait.
"""
import os, re, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
harness, name, address, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
SERVER = sys.argv[5] if len(sys.argv) > 5 else "mosh-server"
OPEN_LIMIT, SHUT_LIMIT, TIME_LIMIT = 25, 20, 90


def machine(command, *line, **options):
    return subprocess.run([harness, command, name, *line], capture_output=True, text=True, **options)


def passed(port, seconds):
    """The time of the first datagram that is let through, None when none is."""
    said = machine("client", "python3", f"{HERE}/attack.py", "knock", address, str(port), str(seconds)).stdout.strip()
    return None if said in ("never", "") else float(said)


opened, shut, lost, stuck, tried = [], [], 0, 0, 0
begun = time.monotonic()
for n in range(count):
    if time.monotonic() - begun > TIME_LIMIT:
        break
    tried += 1
    port = 60001 + n
    knocker = subprocess.Popen([harness, "client", name, "python3", f"{HERE}/attack.py", "knock", address, str(port), str(OPEN_LIMIT)],
                               stdout=subprocess.PIPE, text=True)
    said = machine("as", "bob", "python3", "/usr/local/lib/attack.py", "announce", address, str(port), SERVER).stdout
    announced = re.search(r"([\d.]+) (\d+)", said)
    if announced is None:
        lost += 1
        knocker.kill()
        continue
    first = knocker.communicate()[0].strip()
    if first in ("never", ""):
        lost += 1
    else:
        opened.append(max(0.0, float(first) - float(announced[1])))
    ended = time.monotonic()
    machine("exec", "sh", "-c", f"pkill -9 -P {announced[2]}; kill -9 {announced[2]}")
    if first in ("never", ""):
        continue
    while (last := passed(port, 0.15)) is not None and time.monotonic() - ended < SHUT_LIMIT:
        pass
    if last is not None:
        stuck += 1
    shut.append(max(0.0, time.monotonic() - ended - 0.15))


def summary(values):
    values = sorted(values) or [0.0]
    return f"{values[len(values) // 2] * 1000:.0f}/{values[min(len(values) - 1, int(len(values) * 0.99))] * 1000:.0f}"


slow = lost > 0 or stuck > 0 or tried < count or max(opened or [0]) > 2
print(f"{tried} of {count} logins, opened p50/p99 {summary(opened)} ms, shut within {summary(shut)} ms (to half a second), "
      f"{lost} never opened, {stuck} never shut, slow={'yes' if slow else 'no'}")
