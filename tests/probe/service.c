/* SPDX-License-Identifier: Apache-2.0
 * What a service does with the protocols of its manager, and what a hostile one would do. */
#define _GNU_SOURCE
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int passed(void)
{
	const char *fds = getenv("LISTEN_FDS");
	return fds ? (int)number(fds) : 0;
}

/* As sd_listen_fds(3) has it. */
static void sockets(int count, char **args)
{
	(void)count;
	(void)args;
	const char *pid = getenv("LISTEN_PID"), *names = getenv("LISTEN_FDNAMES");
	say("listen.mine", "%s", pid && number(pid) == (unsigned long)getpid() ? "yes" : pid ? pid : "no");
	say("listen.fds", "%d", passed());
	say("listen.names", "%s", names ? names : "none");
	for (int fd = 3; fd < 3 + passed(); fd++) {
		struct sockaddr_in6 name;
		socklen_t length = sizeof(name);
		char arg[16];
		snprintf(arg, sizeof(arg), "%d", fd);
		if (getsockname(fd, (struct sockaddr *)&name, &length) < 0)
			say_result("socket", arg, -1);
		else
			say_of("socket", arg, "%d", ntohs(name.sin6_port)); /* at the same place in IPv4 */
	}
}

/* serve COUNT: answers so many connections or datagrams, on whichever socket they come. */
static void serve(int count, char **args)
{
	(void)count;
	struct pollfd fds[64];
	char text[256];
	int n = passed();
	for (int i = 0; i < n && i < 64; i++)
		fds[i] = (struct pollfd){ 3 + i, POLLIN, 0 };
	for (unsigned long left = number(args[0]); left > 0;) {
		if (poll(fds, (nfds_t)n, 30000) <= 0)
			return;
		for (int i = 0; i < n; i++) {
			int type, fd = fds[i].fd, connection = -1;
			socklen_t size = sizeof(type), length = sizeof(struct sockaddr_storage);
			struct sockaddr_storage peer;
			if (!fds[i].revents || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
				continue;
			if (type == SOCK_STREAM && (connection = accept(fd, NULL, NULL)) < 0)
				continue;
			ssize_t got = type == SOCK_STREAM ? recv(connection, text, sizeof(text) - 1, 0) :
							    recvfrom(fd, text, sizeof(text) - 1, 0, (struct sockaddr *)&peer, &length);
			text[got < 0 ? 0 : got] = 0;
			char answer[300];
			int m = snprintf(answer, sizeof(answer), "%d: %s", fd, text);
			if (type == SOCK_STREAM)
				send(connection, answer, (size_t)m, MSG_NOSIGNAL);
			else
				sendto(fd, answer, (size_t)m, 0, (struct sockaddr *)&peer, length);
			if (connection >= 0)
				close(connection);
			left--;
		}
	}
	say("served", "yes");
}

static long tell(const char *text, size_t length, const int *fds, size_t count)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char control[CMSG_SPACE(sizeof(int) * 64)] = { 0 };
	if (!path || strlen(path) >= sizeof(to.sun_path)) {
		errno = ENOENT;
		return -1;
	}
	strcpy(to.sun_path, path);
	struct iovec part = { (char *)text, length };
	struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &part, .msg_iovlen = 1 };
	if (count) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
	}
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long result = sendmsg(fd, &message, MSG_NOSIGNAL);
	int why = errno;
	close(fd);
	errno = why;
	return result;
}

/* notify TEXT: \n begins a new line, \xHH is a byte. */
static void notify(int count, char **args)
{
	(void)count;
	char text[8192];
	size_t n = 0;
	for (const char *c = args[0]; *c && n < sizeof(text); c++) {
		if (c[0] == '\\' && c[1] == 'n') {
			text[n++] = '\n';
			c++;
		} else if (c[0] == '\\' && c[1] == 'x') {
			text[n++] = (char)strtol((char[]){ c[2], c[3], 0 }, NULL, 16);
			c += 3;
		} else
			text[n++] = *c;
	}
	say_result("notify", args[0], tell(text, n, NULL, 0));
}

/* notify-big LENGTH */
static void notify_big(int count, char **args)
{
	(void)count;
	static char text[200000];
	size_t length = number(args[0]);
	memset(text, '\n', sizeof(text));
	memcpy(text, "READY=1\nSTATUS=big\n", 19);
	say_result("notify-big", args[0], tell(text, length < sizeof(text) ? length : sizeof(text), NULL, 0));
}

/* notify-flood COUNT */
static void notify_flood(int count, char **args)
{
	(void)count;
	long result = 0;
	char text[64];
	for (unsigned long i = 0; i < number(args[0]) && result >= 0; i++)
		result = tell(text, (size_t)snprintf(text, sizeof(text), "STATUS=%lu", i), NULL, 0);
	say_result("notify-flood", args[0], result);
}

/* A connection that cannot be closed soon: it lingers, and its peer takes nothing. */
static int lingering(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct linger linger = { 1, 600 };
	socklen_t length = sizeof(name);
	static char zeroes[1 << 16];
	int server = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(server, 1) < 0 ||
	    getsockname(server, (struct sockaddr *)&name, &length) < 0 || connect(fd, (struct sockaddr *)&name, length) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0)
		return -1;
	while (send(fd, zeroes, sizeof(zeroes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	return fd;
}

/* notify-linger COUNT: READY=1 and so many descriptors, each of which the receiver would have to close for ten minutes. */
static void notify_linger(int count, char **args)
{
	(void)count;
	int fds[64];
	size_t n = number(args[0]) > 64 ? 64 : number(args[0]);
	for (size_t i = 0; i < n; i++)
		if ((fds[i] = lingering()) < 0)
			say_result("linger", args[0], -1);
	/* The receiver shall be the last who closes them, and it would read this at once unless there was much before. */
	for (int i = 0; i < 30; i++)
		tell("STATUS=much", 11, NULL, 0);
	long result = tell("READY=1", 7, fds, n);
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	say_result("notify-linger", args[0], result);
}

/* pause MILLISECONDS */
static void pause_for(int count, char **args)
{
	(void)count;
	struct timespec time = { (time_t)(number(args[0]) / 1000), (long)(number(args[0]) % 1000) * 1000000 };
	nanosleep(&time, NULL);
}

/* await PATH: until it is there */
static void await(int count, char **args)
{
	(void)count;
	for (int i = 0; i < 6000 && access(args[0], F_OK) < 0; i++)
		usleep(10000);
	say_result("await", args[0], access(args[0], F_OK));
}

const struct command services[] = {
	{ "await", 1, await, "PATH: until it is there" },
	{ "sockets", 0, sockets, "the sockets that a service manager passed" },
	{ "serve", 1, serve, "COUNT: answers so many connections or datagrams on them" },
	{ "notify", 1, notify, "TEXT: tells the service manager" },
	{ "notify-big", 1, notify_big, "LENGTH: a long message" },
	{ "notify-flood", 1, notify_flood, "COUNT: many messages" },
	{ "notify-linger", 1, notify_linger, "COUNT: descriptors that take long to close" },
	{ "pause", 1, pause_for, "MILLISECONDS" },
	{ 0 },
};
