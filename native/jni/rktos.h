/*
 * The system calls of rkt.os.Native: each function makes one call and returns its result or the
 * negative errno. No state is kept between calls, so any thread may call anything at any time.
 */
#ifndef RKTOS_H
#define RKTOS_H

#include <errno.h>
#include <jni.h>
#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_rkt_os_Native_##name
#define UNUSED __attribute__((unused))

/* What one read or write copies through the stack: a critical array would stop the collector for
 * as long as the call blocks. */
#define CHUNK (64 * 1024)

static inline jint result(long r) { return r < 0 ? -errno : (jint)r; }

/* Evaluates a call again for as long as a signal interrupts it. */
#define RETRY(call)                                  \
  __extension__({                                    \
    long r_;                                         \
    do r_ = (call); while (r_ < 0 && errno == EINTR); \
    r_;                                              \
  })

/* names.c: Java strings from and to file names, without loss (see rkt.os.FileNames). */
int path_of(JNIEnv *env, jstring s, char path[PATH_MAX]);
char *string_of(JNIEnv *env, jstring s, int *error);
jstring name_to_java(JNIEnv *env, const char *name, size_t length);
int names_to_java(JNIEnv *env, const char *names, size_t length, jobjectArray out);

/* A growing sequence of NUL-terminated names. */
struct names {
  char *bytes;
  size_t length, capacity;
};
int names_add(struct names *names, const char *name);

/* process.c: arguments of execve(2), NULL-terminated; NULL on failure, with a negative errno. */
char **strings_of(JNIEnv *env, jobjectArray array, int *error);
void free_strings(char **strings);

/* flags.c: flags of open(2) whose values depend on the architecture. */
unsigned long long open_flags(unsigned long long x86);

/* directory.c: what getdents64(2) fills a buffer with. */
struct dirent64_kernel {
  unsigned long long ino;
  long long off;
  unsigned short reclen;
  unsigned char type;
  char name[];
};
long read_entries(int fd, void *buffer, size_t size);
int is_dot(const char *name);

/* remove.c */
int remove_tree(int dir, const char *name, char *culprit, size_t culprit_size);

/* Declares `char name[PATH_MAX]` with the bytes of a Java string, or returns. */
#define PATH(name, string)                    \
  char name[PATH_MAX];                        \
  do {                                        \
    int error_ = path_of(env, string, name);  \
    if (error_) return error_;                \
  } while (0)

#endif
