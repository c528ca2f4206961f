#!/usr/bin/python3
"""login.py SECONDS -- mosh …: logs in on a pty, has the shell print a word, says how it went as one line of JSON.
`shown`: seconds until the word came; `notice`: whether the client said "Nothing received" meanwhile; `warned`: what our server
or command had to say before."""
import fcntl, json, os, pty, re, select, signal, struct, sys, termios, time

limit, command = float(sys.argv[1]), sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8")
    os.execvp(command[0], command)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
start, seen, asked, shown = time.monotonic(), b"", 0.0, None
while shown is None and time.monotonic() - start < limit:
    # Asked again each second: what is typed before the shell reads may be lost. The word is not in what is typed.
    if b"\x1b[?1h" in seen and time.monotonic() - asked > 1:
        asked = time.monotonic()
        os.write(fd, b"printf 'SEEN%s.' 42\r")
    if select.select([fd], [], [], 0.02)[0]:
        try:
            seen += os.read(fd, 65536)
        except OSError:
            break
    if b"SEEN42" in seen:
        shown = round(time.monotonic() - start, 2)
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
warned = re.search(rb"mosh-(?:server|portguard): ([^\r\n]*)", seen)
print(json.dumps({"shown": shown, "notice": b"Nothing received" in seen, **({"warned": warned[1].decode()} if warned else {}), **({} if shown else {"screen": seen[-300:].decode("utf8", "replace")})}))
