/* SPDX-License-Identifier: Apache-2.0
 * From what apps write to our own standard output and error, and to their logs.
 *
 * Plain mode passes bytes on as they come. Prefix mode (several apps on one
 * terminal) passes on whole lines, "[app] " before each, so that lines of
 * different apps never mix; a line longer than LINE_CAP goes out in parts, and
 * is broken off with a newline if another app speaks meanwhile. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A descriptor of our own on the same pipe or terminal: O_NONBLOCK belongs to the
 * open file description, which we share with our caller and must leave alone. */
int reopen_nonblocking(int fd, int access)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void outs_open(struct pod *pod)
{
	struct stat st[2] = {0};
	for (int i = 0; i < 2; i++) {
		struct out *out = &pod->outs[i];
		out->fd = i + 1;
		out->buf = malloc(OUT_CAP);
		if (!out->buf || fstat(out->fd, &st[i]) < 0) {
			out->dead = true;
			continue;
		}
		mode_t mode = st[i].st_mode;
		out->socket = S_ISSOCK(mode);
		if (S_ISFIFO(mode) || S_ISCHR(mode)) {
			int fd = reopen_nonblocking(out->fd, O_WRONLY);
			if (fd >= 0)
				out->fd = fd;
			else if (errno == ENXIO) /* a pipe without reader */
				out->dead = true;
			else
				out->polite = true;
		}
	}
}

/* Both ends of "2>&1" are one place: its lines must not mix either. */
static struct out *out_of(struct pod *pod, int index)
{
	struct stat a, b;
	if (index == 1 && !pod->outs[0].dead && fstat(pod->outs[0].fd, &a) == 0 && fstat(pod->outs[1].fd, &b) == 0 &&
	    !S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return &pod->outs[0];
	return &pod->outs[index];
}

static ssize_t out_write(struct out *out)
{
	size_t n = out->len - out->off;
	const char *p = out->buf + out->off;
	if (out->socket)
		return send(out->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (out->polite) {
		struct pollfd ready = {out->fd, POLLOUT, 0};
		if (poll(&ready, 1, 0) <= 0) {
			errno = EAGAIN;
			return -1;
		}
		if (n > 512)
			n = 512;
	}
	return write(out->fd, p, n);
}

static void stream_lines(struct pod *pod, struct stream *stream, size_t scanned);

static void out_try(struct out *out)
{
	while (out->off < out->len) {
		ssize_t n = out_write(out);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			out->dead = true;
			break;
		}
		out->off += (size_t)n;
	}
	out->off = out->len = 0;
}

/* Called when the descriptor takes bytes again: lines held back follow. */
void out_flush(struct pod *pod, struct out *out)
{
	out_try(out);
	for (size_t i = 0; i < pod->napps && out->len == 0; i++)
		for (int j = 0; j < STREAMS; j++) {
			struct stream *stream = &pod->apps[i].streams[j];
			if (stream->out == out && stream->len && pod->prefix)
				stream_lines(pod, stream, 0);
		}
	log_flush();
}

int stream_open(struct pod *pod, struct app *app, int index, int fd)
{
	struct stream *stream = &app->streams[index];
	stream->app = app;
	stream->name = index & 1 ? "stderr" : "stdout";
	stream->out = out_of(pod, index & 1);
	stream->fd = fd;
	stream->buf = malloc(LINE_CAP); /* untouched pages cost nothing */
	if (!stream->buf || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return 0;
}

bool stream_readable(const struct stream *stream)
{
	return stream->fd >= 0 && stream->len < LINE_CAP && (stream->out->dead || stream->out->len == 0);
}

void stream_close(struct stream *stream)
{
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static void append(struct out *out, const char *text, size_t len)
{
	memcpy(out->buf + out->len, text, len);
	out->len += len;
}

/* Puts one line, or a part of one, with its prefix. False: no room, try later. */
static bool put_prefixed(struct stream *stream, const char *text, size_t len, bool whole)
{
	struct out *out = stream->out;
	const char *name = stream->app->name;
	size_t need = len + strlen(name) + 6;
	if (out->dead)
		return true;
	if (out->len + need > OUT_CAP)
		out_try(out);
	if (out->len + need > OUT_CAP && !out->dead)
		return false;
	if (out->midline && out->midline != stream) {
		append(out, "\n", 1);
		out->midline = NULL;
	}
	if (out->midline != stream) {
		append(out, "[", 1);
		append(out, name, strlen(name));
		append(out, "] ", 2);
	}
	append(out, text, len);
	if (whole)
		append(out, "\n", 1);
	out->midline = whole ? NULL : stream;
	return true;
}

static bool emit(struct pod *pod, struct stream *stream, const char *text, size_t len, bool whole)
{
	/* The last bytes of an app without a newline still end their line on a
	 * terminal shared with others; the log keeps the difference (P). */
	if (pod->prefix && !put_prefixed(stream, text, len, whole || stream->eof))
		return false;
	log_line(pod, &stream->app->log, stream->name, whole ? 'F' : 'P', text, len);
	return true;
}

/* Passes on the lines in the buffer; bytes before `scanned` hold no newline. */
static void stream_lines(struct pod *pod, struct stream *stream, size_t scanned)
{
	size_t start = 0;
	for (;;) {
		size_t from = scanned > start ? scanned : start;
		char *nl = memchr(stream->buf + from, '\n', stream->len - from);
		size_t end = nl ? (size_t)(nl - stream->buf) : stream->len;
		bool part = !nl && (stream->eof || (start == 0 && stream->len == LINE_CAP));
		if ((!nl && !part) || (part && end == start))
			break;
		if (!emit(pod, stream, stream->buf + start, end - start, nl != NULL))
			break;
		start = nl ? end + 1 : end;
	}
	memmove(stream->buf, stream->buf + start, stream->len - start);
	stream->len -= start;
	if (pod->prefix && stream->out->len)
		out_try(stream->out);
}

void stream_read(struct pod *pod, struct stream *stream)
{
	struct out *out = stream->out;
	struct log *log = &stream->app->log;
	size_t room = LINE_CAP - stream->len;
	ssize_t n = read(stream->fd, stream->buf + stream->len, room < READ_CAP ? room : READ_CAP);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	size_t scanned = stream->len;
	if (n <= 0) { /* a pty master whose other side is closed says EIO */
		stream->eof = true;
		stream_close(stream);
	} else {
		stream->len += (size_t)n;
		if (!pod->prefix && !out->dead) {
			append(out, stream->buf + scanned, (size_t)n);
			out_try(out);
		}
	}
	if (pod->prefix || (log->path && !log->broken))
		stream_lines(pod, stream, scanned);
	else
		stream->len = 0;
	log_flush();
	/* Nobody reads and nothing is logged: let the app see it, as in a shell. */
	if (out->dead && (!log->path || log->broken) && !stream->app->terminal)
		stream_close(stream);
}
