/* SPDX-License-Identifier: Apache-2.0
 * The interactive terminal: the OCI runtime makes the app's pty and sends its
 * master over a console socket; our own terminal turns raw and its bytes and
 * sizes go to the master. Output flows as any other stream (relay.c). */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* There is one terminal per process, and tty_restore runs in fault handlers. */
static struct {
	struct app *app;
	int dir, listener; /* the pod directory and the console socket in it; -1: closed */
	int input;         /* our terminal, non-blocking; -1: no (more) input */
	int master;        /* for writing; -1: not there (any more) */
	size_t off, len;   /* input on its way to the master */
	char buf[4096];
	struct termios saved, raw;
	volatile sig_atomic_t is_raw;
} tty = {.dir = -1, .listener = -1, .input = -1, .master = -1};

static struct winsize initial; /* what the caller's terminal has when the app's is asked for */

static char console[32]; /* name of the socket: several rkt enter may share the directory */

static bool own_size(struct winsize *size)
{
	return ioctl(STDIN_FILENO, TIOCGWINSZ, size) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, size) == 0;
}

/* socket_path gets a path the runtime can use: through /proc, as sun_path holds
 * 108 bytes and a pod directory may be longer. */
int tty_listen(struct pod *pod, struct app *app, char *socket_path, size_t cap)
{
	char dir[4096];
	snprintf(dir, sizeof dir, "%s", pod->launch);
	char *slash = strrchr(dir, '/');
	if (slash)
		*slash = 0;
	snprintf(console, sizeof console, "console-%d", getpid());
	tty.app = app;
	own_size(&initial);
	tty.dir = open(slash ? dir : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tty.dir < 0)
		return pod_failure_errno(pod, "open", dir);
	snprintf(socket_path, cap, "/proc/%d/fd/%d/%s", getpid(), tty.dir, console);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	unlinkat(tty.dir, console, 0);
	tty.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (tty.listener < 0 || bind(tty.listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(tty.listener, 1) < 0)
		return pod_failure_errno(pod, "listen on", "the console socket");
	return 0;
}

static void close_listener(void)
{
	unlinkat(tty.dir, console, 0);
	close(tty.listener);
	close(tty.dir);
	tty.listener = tty.dir = -1;
}

static int receive_descriptor(int connection)
{
	char text[4096];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {text, sizeof text};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int))) {
		errno = EPROTO;
		return -1;
	}
	int fd;
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

static void set_raw(void)
{
	if (tcsetattr(STDIN_FILENO, TCSANOW, &tty.raw) == 0)
		tty.is_raw = 1;
}

static void accept_console(struct pod *pod)
{
	int connection = accept4(tty.listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			pod_failure_errno(pod, "accept on", "the console socket");
		return;
	}
	int master = receive_descriptor(connection);
	close(connection);
	if (master < 0) {
		pod_failure_errno(pod, "receive", "the console of the app");
		close_listener();
		pod_stop(pod, SIGTERM);
		return;
	}
	close_listener();
	tty.master = fcntl(master, F_DUPFD_CLOEXEC, 3);
	if (tty.master < 0 || stream_open(pod, tty.app, 0, master) < 0) {
		pod_failure_errno(pod, "use", "the console of the app");
		pod_stop(pod, SIGTERM);
		return;
	}
	tty_resize();
	if (tcgetattr(STDIN_FILENO, &tty.saved) == 0) {
		tty.raw = tty.saved;
		cfmakeraw(&tty.raw);
		set_raw();
	}
	tty.input = reopen_nonblocking(STDIN_FILENO, O_RDONLY);
	if (tty.input < 0)
		tty.input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

size_t tty_poll(struct pod *pod, struct pollfd *fds)
{
	size_t n = 0;
	if (tty.listener >= 0)
		fds[n++] = (struct pollfd){tty.listener, POLLIN, 0};
	if (tty.master >= 0 && tty.app->streams[0].eof) {
		close(tty.master);
		tty.master = -1;
	}
	if (tty.master < 0 || apps_ended(pod))
		return n;
	if (tty.len)
		fds[n++] = (struct pollfd){tty.master, POLLOUT, 0};
	else if (tty.input >= 0)
		fds[n++] = (struct pollfd){tty.input, POLLIN, 0};
	return n;
}

void tty_event(struct pod *pod, const struct pollfd *fd)
{
	if (fd->fd == tty.listener)
		accept_console(pod);
	else if (fd->fd == tty.input) {
		ssize_t n = read(tty.input, tty.buf, sizeof tty.buf);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) { /* end of input: what Ctrl-D says on a terminal */
			close(tty.input);
			tty.input = -1;
			tty.buf[0] = 4;
			n = 1;
		}
		tty.off = 0;
		tty.len = (size_t)n;
	} else if (fd->fd == tty.master) {
		ssize_t n = write(tty.master, tty.buf + tty.off, tty.len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			n = (ssize_t)tty.len; /* the app closed its side: the stream's end says so */
		tty.off += (size_t)n;
		tty.len -= (size_t)n;
	}
}

void tty_resize(void)
{
	struct winsize size;
	if (tty.master >= 0 && own_size(&size))
		ioctl(tty.master, TIOCSWINSZ, &size);
}

/* For a child that makes the terminal itself: a command may ask for the size at once, before
 * the master has reached us. */
void tty_initial_size(int master)
{
	ioctl(master, TIOCSWINSZ, &initial);
}

/* After the user's shell stopped and continued us it has reset the terminal. */
void tty_resume(void)
{
	if (tty.is_raw) {
		set_raw();
		tty_resize();
	}
}

void tty_restore(void)
{
	if (tty.is_raw) {
		tty.is_raw = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &tty.saved);
	}
}
