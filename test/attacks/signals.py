"""An ordinary user's attack on what they may start: signals of every kind at every moment, and a look for whoever listens.

    signals.py SIGNALS STARTS [KIND…] -- COMMAND…

Starts COMMAND again and again and sends signals to it and to whatever of it may be signalled (sudo passes on to root's
processes what it gets). Meanwhile it looks for a TCP socket that listens and did not before: Node's inspector is one. Ends at
the first such socket, otherwise after SIGNALS signals or STARTS starts: how long that takes is the machine's affair. No start
gets more than a quarter of the signals. Prints one line of JSON.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time


def listening():
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = open(f"/proc/self/net/{table}").read().split("\n")[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if len(words) > 3 and words[3] == "0A":
                found.add(words[1])
    return found


# What no program is asked about, and what ends the sender's own hold on it.
NEVER = {signal.SIGKILL, signal.SIGSTOP}
KINDS = sorted(signal.valid_signals() - NEVER)
# These let a program live, so that later moments are reached too.
GENTLE = [signal.SIGUSR1, signal.SIGUSR1, signal.SIGUSR1, signal.SIGCONT, signal.SIGWINCH, signal.SIGCHLD, signal.SIGURG]


def family(first):
    """The process and its descendants, those that were left by their parents too."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                words = open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            # Parent, or whose session it was started in.
            parents[int(name)] = (int(words[1]), int(words[3]))
    found = {first}
    grown = True
    while grown:
        grown = False
        for pid, above in parents.items():
            if pid not in found and found.intersection(above):
                found.add(pid)
                grown = True
    return found


def main():
    split = sys.argv.index("--")
    options, command = sys.argv[1:split], sys.argv[split + 1 :]
    wanted = int(options[0])
    most = int(options[1])
    only = [signal.Signals[name] for name in options[2:]]
    before = listening()
    sent = starts = 0
    of_one = wanted // 4
    opened = set()
    codes = {}
    while sent < wanted and starts < most and not opened:
        starts += 1
        kinds = only or (KINDS, [signal.SIGUSR1], GENTLE)[starts % 3]
        # Later and later into its life, and then again from its first moment.
        wait = (starts % 20) ** 2 * 0.001
        targets = set()
        looked = 0
        enough = min(wanted, sent + of_one)
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(wait)
        end = time.monotonic() + 0.3
        while child.poll() is None and time.monotonic() < end and sent < enough and not opened:
            if time.monotonic() > looked + 0.02:
                targets |= family(child.pid)
                looked = time.monotonic()
            for pid in list(targets):
                for _ in range(16):
                    try:
                        os.kill(pid, random.choice(kinds))
                    except (ProcessLookupError, PermissionError):
                        targets.discard(pid)
                        break
                    sent += 1
            opened = listening() - before
            time.sleep(0.001)
        pause = time.monotonic() + 0.05
        while time.monotonic() < pause and not opened:
            opened = listening() - before
            time.sleep(0.01)
        for kind in (signal.SIGCONT, signal.SIGTERM, signal.SIGKILL):
            for pid in family(child.pid) | targets:
                try:
                    os.kill(pid, kind)
                except (ProcessLookupError, PermissionError):
                    pass
            if kind == signal.SIGTERM:
                time.sleep(0.02)
        code = child.wait()
        codes[code] = codes.get(code, 0) + 1
    print(json.dumps({"starts": starts, "signals": sent, "listening": sorted(opened), "codes": codes}))


main()
