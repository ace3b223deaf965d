/* SPDX-License-Identifier: Apache-2.0
 * App logs in the CRI format, "TIME STREAM TAG TEXT\n": F for a whole line, P for
 * a part of one. A file never exceeds log-max unless one line does; full files
 * become .1, .2, ... A log that cannot be written never disturbs the app. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Lines of one batch, so that a burst costs one write; see log_flush. */
static char batch[READ_CAP];
static size_t batched;
static struct log *batch_log;

static void broken(struct log *log, const char *verb)
{
	if (!log->broken)
		report_errno(verb, log->path);
	log->broken = true;
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

static void put(struct log *log, const struct iovec *parts, int count)
{
	ssize_t want = 0;
	for (int i = 0; i < count; i++)
		want += (ssize_t)parts[i].iov_len;
	ssize_t n = writev(log->fd, parts, count);
	if (n > 0)
		log->size += n;
	if (n != want) {
		if (n >= 0)
			errno = ENOSPC;
		broken(log, "write");
	}
}

void log_flush(void)
{
	if (batched && batch_log->fd >= 0) {
		struct iovec part = {batch, batched};
		put(batch_log, &part, 1);
	}
	batched = 0;
	batch_log = NULL;
}

static int open_log(struct log *log)
{
	struct stat st;
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0640);
	if (log->fd < 0 || fstat(log->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		broken(log, "open");
		return -1;
	}
	log->size = st.st_size;
	return 0;
}

static void rotate(struct pod *pod, struct log *log)
{
	char from[4200], to[4200];
	close(log->fd);
	log->fd = -1;
	for (int64_t i = pod->log_files - 1; i >= 1; i--) {
		snprintf(to, sizeof to, "%s.%d", log->path, (int)i);
		if (i == 1)
			snprintf(from, sizeof from, "%s", log->path);
		else
			snprintf(from, sizeof from, "%s.%d", log->path, (int)i - 1);
		if (rename(from, to) < 0 && errno != ENOENT) {
			broken(log, "rotate");
			return;
		}
	}
	if (pod->log_files == 1 && unlink(log->path) < 0 && errno != ENOENT)
		broken(log, "rotate");
	else
		open_log(log);
}

/* Two decimal digits. gmtime and printf would read time zone files and cost more. */
static void digits(char *p, unsigned value, int count)
{
	while (count-- > 0) {
		p[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Civil date from days since 1970-01-01 (proleptic Gregorian, era of 400 years). */
static void put_date(char *p, int64_t days)
{
	days += 719468;
	int64_t era = days / 146097, doe = days % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	digits(p, (unsigned)(yoe + era * 400 + (month <= 2)), 4);
	digits(p + 5, month, 2);
	digits(p + 8, (unsigned)(doy - (153 * mp + 2) / 5 + 1), 2);
}

/* "2016-10-06T00:17:09.669794202Z stdout F " */
static size_t put_header(char *p, const char *stream, char tag)
{
	static time_t second = -1;
	static char date[] = "0000-00-00T00:00:00.";
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	if (t.tv_sec < 0)
		t.tv_sec = 0;
	if (t.tv_sec != second) {
		unsigned s = (unsigned)(t.tv_sec % 86400);
		put_date(date, t.tv_sec / 86400);
		digits(date + 11, s / 3600, 2);
		digits(date + 14, s / 60 % 60, 2);
		digits(date + 17, s % 60, 2);
		second = t.tv_sec;
	}
	memcpy(p, date, 20);
	digits(p + 20, (unsigned)t.tv_nsec, 9);
	memcpy(p + 29, "Z ", 2);
	memcpy(p + 31, stream, 6);
	p[37] = ' ';
	p[38] = tag;
	p[39] = ' ';
	return 40;
}

void log_line(struct pod *pod, struct log *log, const char *stream, char tag, const char *text, size_t len)
{
	char header[64];
	if (!log->path || log->broken || (log->fd < 0 && open_log(log) < 0))
		return;
	if (batch_log != log)
		log_flush();
	batch_log = log;
	size_t head = put_header(header, stream, tag), total = head + len + 1;
	int64_t size = log->size + (int64_t)batched;
	if (pod->log_max && size && size + (int64_t)total > pod->log_max) {
		log_flush();
		rotate(pod, log);
		if (log->fd < 0)
			return;
		batch_log = log;
	}
	if (batched + total > sizeof batch) {
		log_flush();
		batch_log = log;
		if (log->fd < 0)
			return;
	}
	if (total > sizeof batch) {
		struct iovec parts[] = {{header, head}, {(void *)text, len}, {(char[]){'\n'}, 1}};
		put(log, parts, 3);
		return;
	}
	memcpy(batch + batched, header, head);
	memcpy(batch + batched + head, text, len);
	batch[batched + total - 1] = '\n';
	batched += total;
}
