"""Starts a command as a service manager does: usage: manager.py [OPTION]... -- COMMAND...
A stand-in for systemd that speaks its protocols from their manual pages, sd_listen_fds(3) and sd_notify(3).
  --tcp=[ADDRESS:]PORT, --udp=..., --unix=PATH   a socket to pass; a plain port is both IPv4 and IPv6
  --fifo=PATH                                    something to pass that is no socket
  --connected=PORT                               one that is connected, as with Accept=yes
  --name=NAME                                    of the socket before it
  --notify=ADDRESS                               a socket to hear from the command, abstract after "@"; each
                                                 message is printed as "notify: " and its lines joined by "|",
                                                 with "stranger " before it when the main process did not send it
  --set=NAME=VALUE                               a variable; PID in the value becomes the command's PID
Forwards TERM; exits with the command's code, or 128+N."""
import os
import select
import signal
import socket
import struct
import sys

split = sys.argv.index("--")
options, command = sys.argv[1:split], sys.argv[split + 1:]
passed, names, variables, notify, keep = [], [], {}, None, []


def bound(kind, where):
    address, _, port = where.rpartition(":")
    family = socket.AF_INET if address.count(".") == 3 else socket.AF_INET6
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind((address.strip("[]"), int(port)))
    return sock


for option in options:
    key, _, value = option.removeprefix("--").partition("=")
    if key in ("tcp", "udp"):
        sock = bound(socket.SOCK_STREAM if key == "tcp" else socket.SOCK_DGRAM, value)
        if key == "tcp":
            sock.listen(16)
        passed.append(sock.detach())
        names.append("unknown")
    elif key == "unix":
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(value)
        sock.listen(16)
        passed.append(sock.detach())
        names.append("unknown")
    elif key == "fifo":
        os.mkfifo(value)
        passed.append(os.open(value, os.O_RDWR))
        names.append("unknown")
    elif key == "connected":
        server = bound(socket.SOCK_STREAM, "127.0.0.1:" + value)
        server.listen(1)
        keep.append(socket.create_connection(("127.0.0.1", int(value))))
        passed.append(server.accept()[0].detach())
        server.close()
        names.append("unknown")
    elif key == "name":
        names[-1] = value
        variables["LISTEN_FDNAMES"] = None
    elif key == "notify":
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        notify.bind("\0" + value[1:] if value[0] == "@" else value)
        variables["NOTIFY_SOCKET"] = value
    elif key == "set":
        name, _, value = value.partition("=")
        variables[name] = value
    else:
        sys.exit("what is " + option)

child = os.fork()
if child == 0:
    pid = str(os.getpid())
    env = dict(os.environ)
    if passed:
        env.update(LISTEN_PID=pid, LISTEN_FDS=str(len(passed)))
    for name, value in variables.items():
        env[name] = ":".join(names) if value is None else value.replace("PID", pid)
    high = [os.dup2(fd, 100 + i) for i, fd in enumerate(passed)]
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i, inheritable=True)
    os.closerange(3 + len(passed), 1024)
    os.execve(command[0], command, env)

# The manager keeps the sockets open: it would pass them to the next one.
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))


def hear():
    text, control, _, _ = notify.recvmsg(65536, 4096, socket.MSG_DONTWAIT)
    sender = 0
    for level, kind, data in control:
        if kind == socket.SCM_CREDENTIALS:
            sender = struct.unpack("3i", data)[0]
        elif kind == socket.SCM_RIGHTS:
            sys.stdout.write("notify: descriptors\n")
    line = "|".join(text.decode("utf-8", "backslashreplace").strip("\n").split("\n"))
    sys.stdout.write("notify: " + ("" if sender == child else "stranger ") + line + "\n")
    sys.stdout.flush()


end = os.pidfd_open(child)
over = False
while not over:
    ready = select.select([end] + ([notify] if notify else []), [], [])[0]
    over = end in ready
    try:
        while notify:
            hear()
    except BlockingIOError:
        pass
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code if code >= 0 else 128 - code)
