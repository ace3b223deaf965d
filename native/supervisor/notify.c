/* SPDX-License-Identifier: Apache-2.0
 * sd_notify(3): the service manager hears from us when the pod is ready and when it
 * stops. An app whose image says that it speaks the protocol gets a socket of its
 * own, and the pod is ready once it says so. What apps write is hostile: it is
 * read up to a length and at a pace, and only what these lines name goes on, in our
 * words. The manager's own socket is never within an app's reach. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	MESSAGE_CAP = 4096, /* longer ones are dropped, as systemd does */
	STATUS_CAP = 512,   /* bytes of a status line */
	PACE_MS = 100,      /* one message per app in this time, */
	BURST_MS = 2000,    /* after as many as fit in this one */
	GUARD_MS = 50,      /* for closing what came with a message */
	PATIENCE_S = 5,     /* a manager that is busy may take so long to read what must not be lost */
};

static const char socket_name[] = "socket";

/* As the launch file has it: a path, or an abstract name after an "@". */
bool notify_valid(const char *address)
{
	size_t len = strlen(address);
	struct sockaddr_un name;
	return (address[0] == '/' || address[0] == '@') && len > 1 && len < sizeof name.sun_path;
}

static void tell(struct pod *pod, const char *text, bool must)
{
	if (!pod->notify)
		return;
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(pod->notify);
	memcpy(to.sun_path, pod->notify, len + 1);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = 0;
	else
		len++;
	struct timeval patience = {PATIENCE_S, 0};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
	    sendto(fd, text, strlen(text), MSG_NOSIGNAL | (must ? 0 : MSG_DONTWAIT), (struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0) {
		if ((must || errno != EAGAIN) && !pod->notify_broken) {
			report_errno("notify", pod->notify);
			pod->notify_broken = true;
		}
	}
	if (fd >= 0)
		close(fd);
}

void notify_ready(struct pod *pod)
{
	tell(pod, "READY=1", true);
}

void notify_stopping(struct pod *pod)
{
	if (!pod->told_stopping)
		tell(pod, "STOPPING=1", true);
	pod->told_stopping = true;
}

/* The socket that the app sees in a directory mounted for it. */
int notify_open(struct app *app)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int dir = open(app->notify, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -1;
	/* Through /proc, as sun_path holds 108 bytes and a pod directory may be longer. */
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, socket_name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool made = fd >= 0 && (unlinkat(dir, socket_name, 0) == 0 || errno == ENOENT) &&
		    bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && fchmodat(dir, socket_name, 0666, 0) == 0;
	int error = errno;
	close(dir);
	if (!made && fd >= 0)
		close(fd);
	errno = error;
	app->notify_fd = made ? fd : -1;
	return made ? 0 : -1;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Descriptors that come with a message are closed by the kernel, on our way out of the system
 * call: we offer no room for them. To close one may take as long as its sender likes (a TCP
 * connection that lingers), unless a signal is pending. */
static void guard(bool on)
{
	struct sigaction action = {.sa_handler = on ? on_alarm : SIG_DFL};
	struct itimerval timer = {.it_value = {0, on ? GUARD_MS * 1000 : 0}, .it_interval = {0, on ? GUARD_MS * 1000 : 0}};
	sigset_t alarm;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (on)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	sigprocmask(on ? SIG_UNBLOCK : SIG_BLOCK, &alarm, NULL);
	if (!on)
		sigaction(SIGALRM, &action, NULL);
}

/* What a terminal would obey is no status: control characters, also the two-byte ones. */
static void put_status(const struct pod *pod, const struct app *app, const char *text, char *out, size_t cap)
{
	size_t n = (size_t)(pod->napps > 1 ? snprintf(out, cap, "STATUS=%s: ", app->name) : snprintf(out, cap, "STATUS="));
	size_t begin = n, end = n + STATUS_CAP;
	const unsigned char *c = (const unsigned char *)text;
	for (; *c && n < end; c++) {
		bool control = *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
		out[n++] = control ? '?' : (char)*c;
		c += control && *c == 0xc2;
	}
	if ((*c & 0xc0) == 0x80) { /* not in the middle of a character */
		while (n > begin && (out[n - 1] & 0xc0) == 0x80)
			n--;
		n -= n > begin;
	}
	snprintf(out + n, cap - n, "\n");
}

/* Whether each app that could say something has said it. */
static bool all_said(const struct pod *pod, bool (*said)(const struct app *))
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].state != APP_ENDED && !said(&pod->apps[i]))
			return false;
	return true;
}

static bool is_ready(const struct app *app)
{
	return !app->notify || app->ready;
}

static bool is_alive(const struct app *app)
{
	return !app->notify || app->alive;
}

static bool is_stopping(const struct app *app)
{
	return app->notify && app->says_stopping;
}

static bool is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");
	return n > 0 && n <= 20 && !text[n];
}

/* One message of an app. Whose process the manager should follow, what it should keep, how long
 * it should wait and the like is not for an app to say. */
static void handle(struct pod *pod, struct app *app, char *text)
{
	char status[STATUS_CAP + 300] = "", out[sizeof status + 128];
	const char *since = NULL;
	bool ready = false, reloading = false, watchdog = false, stopping = false;
	for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		ready |= !strcmp(line, "READY=1");
		reloading |= !strcmp(line, "RELOADING=1");
		watchdog |= !strcmp(line, "WATCHDOG=1");
		stopping |= !strcmp(line, "STOPPING=1");
		if (!strncmp(line, "STATUS=", 7))
			put_status(pod, app, line + 7, status, sizeof status);
		if (!strncmp(line, "MONOTONIC_USEC=", 15) && is_number(line + 15))
			since = line + 15;
	}
	app->was_ready |= ready;
	app->ready = ready || (app->ready && !reloading);
	app->alive |= watchdog;
	app->says_stopping |= stopping;
	size_t n = (size_t)snprintf(out, sizeof out, "%s", status);
	if (pod->is_ready && !pod->stopping) {
		if (reloading && !ready)
			n += (size_t)snprintf(out + n, sizeof out - n, "RELOADING=1\n%s%s%s", since ? "MONOTONIC_USEC=" : "", since ? since : "",
					      since ? "\n" : "");
		if (ready && all_said(pod, is_ready))
			n += (size_t)snprintf(out + n, sizeof out - n, "READY=1\n");
	}
	if (watchdog && all_said(pod, is_alive)) {
		n += (size_t)snprintf(out + n, sizeof out - n, "WATCHDOG=1\n");
		for (size_t i = 0; i < pod->napps; i++)
			pod->apps[i].alive = false;
	}
	if (stopping && !pod->told_stopping && all_said(pod, is_stopping)) {
		pod->told_stopping = true;
		n += (size_t)snprintf(out + n, sizeof out - n, "STOPPING=1\n");
	}
	if (n)
		tell(pod, out, n > strlen(status));
	if (ready)
		become_ready(pod);
}

/* Whether there was a message. */
static bool take(struct pod *pod, struct app *app)
{
	char text[MESSAGE_CAP + 1];
	guard(true);
	ssize_t n = recv(app->notify_fd, text, MESSAGE_CAP, MSG_TRUNC);
	int error = errno;
	guard(false);
	if (n < 0)
		return error == EINTR;
	int64_t now = monotonic_ms();
	app->pace_ms = (app->pace_ms < now ? now : app->pace_ms) + PACE_MS;
	if (n > MESSAGE_CAP) {
		if (!app->chided)
			report("app %s: a message to the service manager is longer than %d bytes and was dropped", app->name, MESSAGE_CAP);
		app->chided = true;
		return true;
	}
	text[n] = 0;
	handle(pod, app, text);
	return true;
}

/* Milliseconds until a message may be taken from the app. An app that talks too much waits, as its socket fills. */
static int64_t wait_ms(const struct app *app)
{
	int64_t wait = app->pace_ms - BURST_MS - monotonic_ms();
	return wait > 0 ? wait : 0;
}

/* Not before the runtime has ended: the app could be ready before it is known to have been started. */
static bool is_heard(const struct app *app)
{
	return app->notify && app->notify_fd >= 0 && app->state == APP_RUNNING;
}

size_t notify_poll(const struct pod *pod, struct pollfd *fds)
{
	size_t n = 0;
	for (size_t i = 0; i < pod->napps; i++)
		if (is_heard(&pod->apps[i]) && wait_ms(&pod->apps[i]) == 0)
			fds[n++] = (struct pollfd){pod->apps[i].notify_fd, POLLIN, 0};
	return n;
}

void notify_event(struct pod *pod, int fd)
{
	for (size_t i = 0; i < pod->napps; i++)
		if (pod->apps[i].notify && pod->apps[i].notify_fd == fd)
			take(pod, &pod->apps[i]);
}

int notify_timeout(const struct pod *pod, int timeout)
{
	for (size_t i = 0; i < pod->napps; i++) {
		int64_t wait = is_heard(&pod->apps[i]) ? wait_ms(&pod->apps[i]) : 0;
		if (wait > 0 && (timeout < 0 || wait < timeout))
			timeout = (int)wait;
	}
	return timeout;
}

/* The app has ended: what it said last, within bounds, and no more. */
void notify_close(struct pod *pod, struct app *app)
{
	if (!app->notify || app->notify_fd < 0)
		return;
	while (wait_ms(app) == 0 && take(pod, app))
		;
	guard(true);
	close(app->notify_fd);
	guard(false);
	app->notify_fd = -1;
	char path[4200];
	snprintf(path, sizeof path, "%s/%s", app->notify, socket_name);
	if (unlink(path) < 0 && errno != ENOENT)
		report_errno("remove", path);
}
