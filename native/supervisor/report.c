/* SPDX-License-Identifier: Apache-2.0
 * Errors as users see them ("stage1: verb object: errno"), small files, clocks. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Messages hold words of others: a runtime quotes the image's file names. Control
 * characters, C1 in UTF-8 included, would drive the terminal they are shown on, now
 * or when `rkt status` shows the failure (CWE-150). */
static void make_plain(char *text)
{
	unsigned char *s = (unsigned char *)text;
	for (; *s; s++) {
		if (*s == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0)
			*s++ = '?';
		else if ((*s >= ' ' && *s != 0x7f) || *s == '\n' || *s == '\t')
			continue;
		*s = '?';
	}
}

static void report_text(const char *text)
{
	char line[2048];
	int n = snprintf(line, sizeof line, "stage1: %s\n", text);
	if (n >= (int)sizeof line) {
		n = sizeof line;
		line[n - 1] = '\n';
	}
	/* Nothing sensible is left to do when standard error itself fails. */
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

void report(const char *format, ...)
{
	char text[1900];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	make_plain(text);
	report_text(text);
}

int report_errno(const char *verb, const char *object)
{
	report("%s %s: %s", verb, object, strerror(errno));
	return -1;
}

/* The first failure is the one worth keeping; later ones follow from it. */
void pod_failure(struct pod *pod, const char *format, ...)
{
	char text[1900];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	make_plain(text);
	report_text(text);
	if (!pod->failed && pod->failure && write_file(pod->failure, text, strlen(text)) < 0)
		report_errno("write", pod->failure);
	pod->failed = true;
}

int pod_failure_errno(struct pod *pod, const char *verb, const char *object)
{
	pod_failure(pod, "%s %s: %s", verb, object, strerror(errno));
	return -1;
}

int write_file(const char *path, const char *text, size_t len)
{
	char temp[PATH_MAX];
	if (snprintf(temp, sizeof temp, "%s.new", path) >= (int)sizeof temp) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, len);
	if (n != (ssize_t)len) {
		int e = n < 0 ? errno : ENOSPC;
		close(fd);
		unlink(temp);
		errno = e;
		return -1;
	}
	if (close(fd) < 0 || rename(temp, path) < 0) {
		int e = errno;
		unlink(temp);
		errno = e;
		return -1;
	}
	return 0;
}

ssize_t read_file(const char *path, char *buf, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -1;
	size_t len = 0;
	while (len < cap - 1) {
		ssize_t n = read(fd, buf + len, cap - 1 - len);
		if (n < 0) {
			int e = errno;
			close(fd);
			errno = e;
			return -1;
		}
		if (n == 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	buf[len] = 0;
	return (ssize_t)len;
}

int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t monotonic_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
