/* SPDX-License-Identifier: Apache-2.0
 * probe: says what a process sees and may do, as lines of KEY=VALUE. */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>

/* One line. In both parts control characters, backslashes and bytes above 126 become \xHH; in a key '=' does too. */
void say(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* KEY ARG=VALUE. */
void say_of(const char *key, const char *arg, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* KEY ARG=ok, or error:ERRNO when the result is negative. */
void say_result(const char *key, const char *arg, long result);
/* Name of an errno, such as EPERM. */
const char *errno_name(int number);
/* A decimal, octal (0...) or hexadecimal (0x...) number; ends the program when it is none. */
unsigned long number(const char *text);
/* What a file holds, at most size - 1 bytes, terminated; -1 with errno. */
long slurp(const char *path, char *buffer, size_t size);
/* Runs act in a child, which is killed after five seconds, and says what became of it. */
void in_child(const char *key, const char *arg, long (*act)(char **args), char **args);

/* A sub-command: takes what it needs from args (count of them, up to the next ","). */
struct command {
	const char *name;
	int least; /* arguments it needs at least */
	void (*run)(int count, char **args);
	const char *help;
};
extern const struct command attacks[], services[];

#endif
