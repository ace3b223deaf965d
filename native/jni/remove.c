/*
 * Removes a tree that a hostile program made and may still be changing.
 *
 * Security: every name is opened relative to the descriptor of its parent, without following links
 * and without crossing into another mount; ".." is never used. So whatever is renamed or swapped
 * meanwhile, only entries of directories that were reached through the tree can be touched.
 *
 * Depth: at most LEVELS directories are open. A directory that lies deeper is renamed into the top
 * of the tree ("hoisted") and removed from there in a later pass: no recursion, no growing set of
 * descriptors, no path that gets too long.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rktos.h"

#define LEVELS 24
#define BUFFER 8192
/* Passes over one directory that stays non-empty although nothing failed: some file systems skip
 * entries while others are removed, and somebody may be adding. */
#define PASSES 64
/* No real tree needs as many; a program that makes directories faster than we remove them does. */
#define HOISTS (1L << 22)
#define GUARDS (FS_IMMUTABLE_FL | FS_APPEND_FL)
#define DIR_TYPE 4

struct level {
  int fd;
  int passes;
  int failed;  /* something below stays: rmdir is pointless */
  int hoisted; /* the top got new entries during this pass */
  long filled, at;
  char name[NAME_MAX + 1];
  _Alignas(struct dirent64_kernel) char buffer[BUFFER];
};

struct removal {
  int parent; /* of the top; never changed but for the one entry */
  int depth;
  int error; /* the first */
  long hoists;
  char *culprit;
  size_t culprit_size;
  struct level levels[LEVELS];
};

static void failed(struct removal *t, const char *name, int error) {
  if (t->depth > 0) t->levels[t->depth - 1].failed = 1;
  if (t->error) return;
  t->error = error;
  size_t n = 0;
  for (int i = 0; i < t->depth && n < t->culprit_size; i++)
    n += (size_t)snprintf(t->culprit + n, t->culprit_size - n, "%s/", t->levels[i].name);
  if (n < t->culprit_size) snprintf(t->culprit + n, t->culprit_size - n, "%s", name);
}

/* Opens a file for real only once O_PATH has shown that this cannot run a device driver. */
static int open_harmless(int dir, const char *name, struct stat *st) {
  int path = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (path < 0) return -1;
  int fd = -1;
  if (fstat(path, st) == 0 && (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode))) {
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", path);
    fd = open(self, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  close(path);
  return fd;
}

/* Clears the flags that root must clear before a change. Returns those that were set. */
static int clear_guards(int fd) {
  int flags = 0;
  if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || !(flags & GUARDS)) return 0;
  int cleared = flags & ~GUARDS;
  return ioctl(fd, FS_IOC_SETFLAGS, &cleared) == 0 ? flags : 0;
}

static int top_or_parent(const struct removal *t) {
  return t->depth > 0 ? t->levels[t->depth - 1].fd : t->parent;
}

/* unlinkat, and once more after an immutable or append-only flag has been cleared. */
static int unlink_entry(struct removal *t, const char *name, int flags) {
  int dir = top_or_parent(t);
  if (unlinkat(dir, name, flags) == 0) return 0;
  if (errno != EPERM) return -1;
  struct stat st;
  int fd = open_harmless(dir, name, &st);
  int guards = clear_guards(fd);
  int inside = t->depth > 0 && clear_guards(dir);
  int r = -1;
  errno = EPERM;
  if (guards || inside) r = unlinkat(dir, name, flags);
  int error = errno;
  /* The inode may have another name, outside of the tree: it gets its flags back. */
  if (guards && st.st_nlink > 1 && S_ISREG(st.st_mode)) ioctl(fd, FS_IOC_SETFLAGS, &guards);
  if (fd >= 0) close(fd);
  errno = error;
  return r;
}

static int open_directory(int dir, const char *name) {
  struct open_how how = {
      .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
      .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
  };
  int fd = -1;
  for (int i = 0; i < 128; i++) {
    fd = (int)RETRY(syscall(SYS_openat2, dir, name, &how, sizeof how));
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return fd;
}

/* Without privileges: a directory of ours that we may not list or change. */
static int open_own_directory(int dir, const char *name) {
  int fd = open_directory(dir, name);
  if (fd < 0 && errno == EACCES) {
    int path = openat(dir, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
    if (path >= 0) {
      char self[64];
      snprintf(self, sizeof self, "/proc/self/fd/%d", path);
      int r = chmod(self, 0700);
      close(path);
      errno = EACCES;
      if (r == 0) fd = open_directory(dir, name);
    }
  }
  struct stat st;
  if (fd >= 0 && geteuid() != 0 && fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700) {
    /* When it is not ours this fails, and so will the removal, with the error to report. */
    int ignored UNUSED = fchmod(fd, 0700);
  }
  return fd;
}

/* Moves a directory of the current level into the top of the tree, under a name of ours. */
static int hoist(struct removal *t, const char *name) {
  int dir = top_or_parent(t), top = t->levels[0].fd;
  if (++t->hoists > HOISTS) {
    errno = EBUSY;
    return -1;
  }
  int tried_guards = 0;
  for (int i = 0; i < 1000; i++) {
    char to[64];
    snprintf(to, sizeof to, ".rkt-removing-%lx-%x", t->hoists, i);
    if (renameat(dir, name, top, to) == 0) {
      t->levels[0].hoisted = 1;
      return 0;
    }
    if (errno == EPERM && !tried_guards) {
      struct stat st;
      int fd = open_harmless(dir, name, &st);
      tried_guards = 1;
      int cleared = clear_guards(fd) | clear_guards(dir) | clear_guards(top);
      if (fd >= 0) close(fd);
      errno = EPERM;
      if (!cleared) return -1;
    } else if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR) {
      return -1;
    }
  }
  return -1;
}

/* Goes down into a directory, or hoists it. */
static int enter(struct removal *t, const char *name) {
  if (t->depth == LEVELS) return hoist(t, name);
  int fd = open_own_directory(top_or_parent(t), name);
  if (fd < 0) {
    if ((errno == EMFILE || errno == ENFILE) && t->depth > 1) return hoist(t, name);
    if (errno == EXDEV) errno = EBUSY; /* a mount point */
    return -1;
  }
  struct level *l = &t->levels[t->depth++];
  l->fd = fd;
  l->passes = l->failed = l->hoisted = 0;
  l->filled = l->at = 0;
  snprintf(l->name, sizeof l->name, "%s", name);
  return 0;
}

static void remove_entry(struct removal *t, const char *name, int type) {
  /* Twice, for an entry that changes from one kind to the other between two calls. */
  for (int i = 0; i < 3; i++) {
    if (type != DIR_TYPE) {
      if (unlink_entry(t, name, 0) == 0 || errno == ENOENT) return;
      if (errno != EISDIR) break;
    }
    if (enter(t, name) == 0 || errno == ENOENT) return;
    if (errno != ENOTDIR && errno != ELOOP) break;
    type = 0;
  }
  failed(t, name, errno);
}

static struct dirent64_kernel *next_entry(struct removal *t, struct level *l) {
  for (;;) {
    if (l->at >= l->filled) {
      l->filled = read_entries(l->fd, l->buffer, sizeof l->buffer);
      l->at = 0;
      /* ENOENT: removed by somebody else while we are in it. */
      if (l->filled < 0 && errno != ENOENT) failed(t, "", errno);
      if (l->filled <= 0) return NULL;
    }
    struct dirent64_kernel *e = (struct dirent64_kernel *)(void *)(l->buffer + l->at);
    l->at += e->reclen;
    if (!is_dot(e->name)) return e;
  }
}

static void leave(struct removal *t) {
  struct level *l = &t->levels[--t->depth];
  close(l->fd);
  if (l->failed && t->depth > 0) t->levels[t->depth - 1].failed = 1;
}

/* At the end of a pass: removes the directory, or starts another pass, or gives up on it. */
static void finish(struct removal *t) {
  struct level *l = &t->levels[t->depth - 1];
  int again = l->hoisted;
  if (!again && !l->failed) {
    t->depth--;
    int r = unlink_entry(t, l->name, AT_REMOVEDIR);
    int error = errno;
    t->depth++;
    if (r < 0 && error == ENOTEMPTY && l->passes++ < PASSES) {
      again = 1;
    } else if (r < 0 && error != ENOENT) {
      t->depth--;
      failed(t, l->name, error);
      t->depth++;
      l->failed = 1;
    }
  }
  if (again && lseek(l->fd, 0, SEEK_SET) == 0) {
    l->hoisted = 0;
    l->filled = l->at = 0;
    return;
  }
  leave(t);
}

static int remove_below(int dir, const char *name, char *culprit, size_t culprit_size) {
  if (!*name || is_dot(name)) return -EINVAL;
  if (strlen(name) > NAME_MAX) return -ENAMETOOLONG;
  if (unlinkat(dir, name, 0) == 0 || errno == ENOENT) return 0; /* most often: a plain file */
  struct removal *t = malloc(sizeof *t);
  if (!t) return -ENOMEM;
  t->parent = dir;
  t->depth = t->error = 0;
  t->hoists = 0;
  t->culprit = culprit;
  t->culprit_size = culprit_size;
  remove_entry(t, name, 0);
  while (t->depth > 0) {
    struct dirent64_kernel *e = next_entry(t, &t->levels[t->depth - 1]);
    if (e)
      remove_entry(t, e->name, e->type);
    else
      finish(t);
  }
  int error = t->error;
  free(t);
  return -error;
}

int remove_tree(int dir, const char *name, char *culprit, size_t culprit_size) {
  const char *slash = strrchr(name, '/');
  if (!slash) return remove_below(dir, name, culprit, culprit_size);
  /* Only a caller that names no directory of its own trusts the path's parents. */
  if (dir != AT_FDCWD) return -EINVAL;
  char parent[PATH_MAX];
  size_t n = slash == name ? 1 : (size_t)(slash - name);
  if (n >= sizeof parent) return -ENAMETOOLONG;
  memcpy(parent, name, n);
  parent[n] = 0;
  int fd = (int)RETRY(open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd < 0) return errno == ENOENT ? 0 : -errno;
  int r = remove_below(fd, slash + 1, culprit, culprit_size);
  close(fd);
  return r;
}
