"""Runs a program with exact bytes as arguments and environment, and exact limits and signals. Input: JSON, in which strings are
bytes as Latin-1. The environment may contain repeated names and entries without "=", which no shell and no spawn() can pass."""

import ctypes
import json
import os
import resource
import signal
import sys

given = json.load(sys.stdin)
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)


def array(strings):
    return (ctypes.c_char_p * (len(strings) + 1))(*[string.encode("latin1") for string in strings], None)


# Python itself ignores some signals.
for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN if number in given.get("ignored", []) else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, given.get("blocked", []))
os.umask(given.get("umask", 0o22))
os.nice(given.get("nice", 0))
for name, limits in given.get("limits", {}).items():
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), tuple(limits))
if "uid" in given:
    os.setgroups(given.get("groups", []))
    os.setgid(given["uid"])
    os.setuid(given["uid"])
library = ctypes.CDLL(None, use_errno=True)
words = given["words"]
library.execve(words[0].encode("latin1"), array(words), array(given["entries"]))
sys.exit(f"{words[0]}: {os.strerror(ctypes.get_errno())}")
