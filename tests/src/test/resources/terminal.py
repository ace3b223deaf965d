"""Runs a command in a terminal of its own and talks to it. usage: terminal.py ROWS COLS STEP... -- COMMAND...
Steps: expect:TEXT, send:TEXT (\\n, \\x03 understood), resize:ROWS:COLS, touch:FILE, modes (prints the terminal's echo/canonical flags).
Prints everything the terminal showed; exits with the command's code, 99 when an expected text does not come within 30 s."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

rows, cols = int(sys.argv[1]), int(sys.argv[2])
split = sys.argv.index("--")
steps, command = sys.argv[3:split], sys.argv[split + 1:]


def size(fd, r, c):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))


master, slave = pty.openpty()
size(master, rows, cols)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.closerange(3, 256)
    os.execv(command[0], command)

seen = b""
unread = b""


def pump(timeout):
    global seen, unread
    ready, _, _ = select.select([master], [], [], timeout)
    if not ready:
        return False
    try:
        data = os.read(master, 4096)
    except OSError:
        return False
    seen += data
    unread += data
    return bool(data)


failed = False
for step in steps:
    kind, _, value = step.partition(":")
    if kind == "expect":
        wanted = value.encode()
        end = time.monotonic() + 30
        while wanted not in unread and time.monotonic() < end:
            pump(0.1)
        if wanted not in unread:
            print(f"[never came: {value}]")
            failed = True
            break
        unread = unread[unread.index(wanted) + len(wanted):]
    elif kind == "send":
        os.write(master, value.encode().decode("unicode_escape").encode())
    elif kind == "resize":
        r, c = value.split(":")
        size(master, int(r), int(c))
    elif kind == "touch":
        open(value, "w").close()
    else:
        sys.exit(f"unknown step {step}")

if failed:
    os.kill(pid, 15)
end = time.monotonic() + 30
status = None
while time.monotonic() < end:
    done, status_now = os.waitpid(pid, os.WNOHANG)
    if done:
        status = status_now
        break
    pump(0.05)
if status is None:
    os.kill(pid, 9)
    _, status = os.waitpid(pid, 0)
    print("[did not end]")
    failed = True
while pump(0.1):
    pass
flags = termios.tcgetattr(slave)[3]
sys.stdout.write(seen.decode(errors="replace"))
print(f"[echo={bool(flags & termios.ECHO)} canonical={bool(flags & termios.ICANON)}]")
sys.stdout.flush()
sys.exit(99 if failed else os.waitstatus_to_exitcode(status))
