"""What a guard in an attacker's hands could do to the rest of the host: run in its place, with its user, rights and sandbox.

Prints one line for each way out: `shut` or `OPEN`. Ends with 1 when one is open.
"""

import ctypes
import os
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
ROOTS = 1
# A root process to reach into, of this very unit's caller: given by its pid.
VICTIM = int(sys.argv[1])
failed = False


def way(name, attempt):
    global failed
    try:
        attempt()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"shut  {name}: {error}")
    else:
        failed = True
        print(f"OPEN  {name}")


def call(number, *arguments):
    ctypes.set_errno(0)
    if libc.syscall(number, *arguments) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def write(path):
    with open(path, "w") as file:
        file.write("x")


def memory_by_chown():
    """/proc gives a file its owner at each look-up, but not to who has it open already."""
    held = os.open(f"/proc/{VICTIM}/mem", os.O_PATH)
    os.chown(f"/proc/self/fd/{held}", os.getuid(), os.getgid())
    os.close(os.open(f"/proc/self/fd/{held}", os.O_RDWR))


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def vm_write():
    buffer = ctypes.create_string_buffer(b"x")
    one = Vector(ctypes.addressof(buffer), 1)
    call(311, VICTIM, ctypes.byref(one), 1, ctypes.byref(one), 1, 0)


def start_as_root():
    line = "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager"
    arguments = ["StartTransientUnit", "ssa(sv)a(sa(sv))", "own.service", "fail", "1", "ExecStart", "a(sasb)", "1"]
    more = ["/usr/bin/touch", "2", "/usr/bin/touch", "/root/owned", "false", "0"]
    subprocess.run(line.split() + arguments + more, check=True, capture_output=True)


way("the memory of a root process, by its file", lambda: os.close(os.open(f"/proc/{VICTIM}/mem", os.O_RDWR)))
way("the memory of a root process, by its file and chown", memory_by_chown)
way("the memory of a root process, process_vm_writev", vm_write)
way("a root process traced", lambda: call(101, 16, VICTIM, 0, 0))
way("a root process traced, PTRACE_SEIZE", lambda: call(101, 0x4206, VICTIM, 0, 0))
way("a root process' descriptors, pidfd_getfd", lambda: call(438, os.pidfd_open(VICTIM), 0, 0))
way("a root process killed", lambda: os.kill(VICTIM, 9))
way("a unit of root's, StartTransientUnit", start_as_root)
way("sudo's rules, chown", lambda: os.chown("/etc/sudoers.d", os.getuid(), -1))
way("sudo's rules, chown by /proc/1/root", lambda: os.chown("/proc/1/root/etc/sudoers.d", os.getuid(), -1))
way("sudo's rules, by /proc/1/root", lambda: write("/proc/1/root/etc/sudoers.d/own"))
way("/run", lambda: write("/run/own"))
way("/run, by /proc/1/root", lambda: write("/proc/1/root/run/own"))
way("the login hook's folder", lambda: write("/run/mosh-portguard-login/nudge"))
way("/dev/shm", lambda: write("/dev/shm/own"))
way("root's priority", lambda: write(f"/proc/{VICTIM}/oom_score_adj"))
way("another's control group", lambda: write("/sys/fs/cgroup/cgroup.procs"))
way("another user", lambda: os.setuid(0))
way("a namespace of its own", lambda: call(272, 0x10000000))
way("the internet", lambda: __import__("socket").socket())
for terminal in os.listdir("/dev/pts"):
    if terminal != "ptmx":
        way(f"terminal {terminal}", lambda: os.chown(f"/dev/pts/{terminal}", os.getuid(), -1))
        way(f"terminal {terminal}, by /proc/1/root", lambda: os.chown(f"/proc/1/root/dev/pts/{terminal}", os.getuid(), -1))
        way(f"terminal {terminal}, written to", lambda: write(f"/dev/pts/{terminal}"))
for path in ("/etc/shadow", "/proc/1/root/etc/shadow"):
    try:
        open(path).close()
        print(f"note  {path} can be read")
    except OSError as error:
        print(f"note  {path} cannot be read: {error}")
sys.exit(failed)
