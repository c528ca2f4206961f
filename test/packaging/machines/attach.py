#!/usr/bin/python3
"""attach.py AWAY SERVER -- mosh OPTION… user@host: a session whose client is killed, a login that is told of it, and another that gets it
back, by the stock wrapper in tmux. AWAY: seconds that nobody is there. How it went as one line of JSON: whether the shell's process and the screen, with its colours and
cursor, are the same; seconds from the start of the second login to that screen."""
import json, os, re, signal, subprocess, sys, tempfile, time

away, server, command = float(sys.argv[1]), sys.argv[2], sys.argv[4:]
folder = tempfile.mkdtemp()
environment = {**os.environ, "TMUX_TMPDIR": folder, "LC_ALL": "C.UTF-8"}
PID = re.compile(r"PID-(\d+)\.")


def tmux(*words):
    return subprocess.run(["tmux", "-u", *words], env=environment, capture_output=True, text=True).stdout


def login(name, server):
    tmux("new-session", "-d", "-s", name, "-x", "80", "-y", "24", command[0], f"--server={server}", *command[1:])


def screen(name):
    return tmux("display-message", "-p", "-t", name, "#{cursor_y} #{cursor_x}") + tmux("capture-pane", "-p", "-e", "-t", name)


def until(name, found, limit=20, ask=None):
    """The first screen of which `found` says yes, and what it said; keys that are lost while nobody reads are typed anew."""
    begun, asked = time.monotonic(), 0.0
    while time.monotonic() - begun < limit:
        if ask and time.monotonic() - asked > 2:
            asked = time.monotonic()
            tmux("send-keys", "-t", name, ask, "Enter")
        shown = screen(name)
        if answer := found(shown):
            return answer
        time.sleep(0.05)
    print(json.dumps({"same": False, "limit": name, "screen": shown}))
    sys.exit(1)


def kill(name):
    """The wrapper has become the client."""
    os.kill(int(tmux("display-message", "-p", "-t", name, "#{pane_pid}")), signal.SIGKILL)


def shell(name):
    return until(name, PID.search, ask="echo PID-$$.")[1]


try:
    login("first", server)
    before = shell("first")
    until("first", lambda text: "\x1b[7mturned" in text and "PID" not in text,
          ask=r"clear; printf '\033[7mturned\033[m \033[31m%s\033[m' ré$((40+2))d")
    # A line that was typed twice has come by then.
    time.sleep(3)
    drawn = screen("first")
    kill("first")
    time.sleep(away)
    login("plain", server)
    until("plain", lambda text: "a detached session" in text and f"{server} attach" in text.replace("\n", ""))
    tmux("kill-session", "-t", "plain")
    begun = time.monotonic()
    login("second", f"{server} attach")
    until("second", lambda text: text == drawn)
    took = round(time.monotonic() - begun, 2)
    after = shell("second")
    # Its session stays.
    kill("second")
    print(json.dumps({"same": before == after, "shell": after, "seconds": took}))
finally:
    tmux("kill-server")
