/* File names are bytes, Java strings are UTF-16: a byte that is not UTF-8 travels as U+DC00 + byte. */
#include <stdlib.h>
#include <string.h>

#include "rktos.h"

/* Writes at most 3 bytes per unit. Returns the length, or a negative errno. */
static long encode(const jchar *s, jsize length, char *out) {
  unsigned char *p = (unsigned char *)out;
  for (jsize i = 0; i < length; i++) {
    unsigned c = s[i];
    if (c == 0) return -EINVAL; /* would cut the name short: another name than the caller checked */
    if (c < 0x80) {
      *p++ = (unsigned char)c;
    } else if (c < 0x800) {
      *p++ = (unsigned char)(0xc0 | c >> 6);
      *p++ = (unsigned char)(0x80 | (c & 0x3f));
    } else if (c >= 0xd800 && c < 0xdc00 && i + 1 < length && (s[i + 1] & 0xfc00) == 0xdc00) {
      unsigned v = 0x10000 + ((c - 0xd800) << 10) + (s[++i] - 0xdc00u);
      *p++ = (unsigned char)(0xf0 | v >> 18);
      *p++ = (unsigned char)(0x80 | (v >> 12 & 0x3f));
      *p++ = (unsigned char)(0x80 | (v >> 6 & 0x3f));
      *p++ = (unsigned char)(0x80 | (v & 0x3f));
    } else if (c >= 0xdc80 && c <= 0xdcff) {
      *p++ = (unsigned char)c;
    } else if (c >= 0xd800 && c <= 0xdfff) {
      return -EILSEQ;
    } else {
      *p++ = (unsigned char)(0xe0 | c >> 12);
      *p++ = (unsigned char)(0x80 | (c >> 6 & 0x3f));
      *p++ = (unsigned char)(0x80 | (c & 0x3f));
    }
  }
  *p = 0;
  return p - (unsigned char *)out;
}

int path_of(JNIEnv *env, jstring s, char path[PATH_MAX]) {
  jchar units[PATH_MAX];
  char bytes[3 * PATH_MAX];
  if (!s) return -EFAULT;
  jsize length = (*env)->GetStringLength(env, s);
  if (length >= PATH_MAX) return -ENAMETOOLONG;
  (*env)->GetStringRegion(env, s, 0, length, units);
  long n = encode(units, length, bytes);
  if (n < 0) return (int)n;
  if (n >= PATH_MAX) return -ENAMETOOLONG;
  memcpy(path, bytes, (size_t)n + 1);
  return 0;
}

/* A string of any length; the caller frees it. */
char *string_of(JNIEnv *env, jstring s, int *error) {
  if (!s) {
    *error = -EFAULT;
    return NULL;
  }
  jsize length = (*env)->GetStringLength(env, s);
  jchar *units = malloc(sizeof *units * ((size_t)length + 1));
  char *bytes = malloc(3 * (size_t)length + 1);
  long n = -ENOMEM;
  if (units && bytes) {
    (*env)->GetStringRegion(env, s, 0, length, units);
    n = encode(units, length, bytes);
  }
  free(units);
  if (n < 0) {
    free(bytes);
    *error = (int)n;
    return NULL;
  }
  return bytes;
}

/* The length of the valid sequence at s (Unicode 3.9, table 3-7), 0 when there is none. */
static size_t sequence(const unsigned char *s, size_t left) {
  if (s[0] < 0x80) return 1;
  if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
  size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (n > left) return 0;
  unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
  unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
  if (s[1] < low || s[1] > high) return 0;
  for (size_t k = 2; k < n; k++)
    if ((s[k] & 0xc0) != 0x80) return 0;
  return n;
}

jstring name_to_java(JNIEnv *env, const char *name, size_t length) {
  jchar stack[PATH_MAX];
  stack[0] = 0;
  jchar *units = length <= PATH_MAX ? stack : malloc(sizeof *units * length);
  if (!units) return NULL;
  const unsigned char *s = (const unsigned char *)name;
  jsize n = 0;
  for (size_t i = 0; i < length;) {
    size_t k = sequence(s + i, length - i);
    if (k == 0) {
      units[n++] = (jchar)(0xdc00 | s[i++]);
      continue;
    }
    if (k == 1) {
      units[n++] = s[i];
    } else if (k == 2) {
      units[n++] = (jchar)((s[i] & 0x1f) << 6 | (s[i + 1] & 0x3f));
    } else if (k == 3) {
      units[n++] = (jchar)((s[i] & 0x0f) << 12 | (s[i + 1] & 0x3f) << 6 | (s[i + 2] & 0x3f));
    } else {
      unsigned v = (s[i] & 0x07u) << 18 | (s[i + 1] & 0x3fu) << 12 | (s[i + 2] & 0x3fu) << 6 |
                   (s[i + 3] & 0x3fu);
      units[n++] = (jchar)(0xd7c0 + (v >> 10));
      units[n++] = (jchar)(0xdc00 | (v & 0x3ff));
    }
    i += k;
  }
  jstring java = (*env)->NewString(env, units, n);
  if (units != stack) free(units);
  return java;
}

int names_add(struct names *names, const char *name) {
  size_t n = strlen(name) + 1;
  if (names->capacity - names->length < n) {
    size_t capacity = names->capacity * 2 + n + 4096;
    char *bytes = realloc(names->bytes, capacity);
    if (!bytes) return -ENOMEM;
    names->bytes = bytes;
    names->capacity = capacity;
  }
  memcpy(names->bytes + names->length, name, n);
  names->length += n;
  return 0;
}

/* Stores the NUL-terminated names as a new String[] in out[0]. */
int names_to_java(JNIEnv *env, const char *names, size_t length, jobjectArray out) {
  jsize count = 0;
  for (size_t i = 0; i < length; i++) count += names[i] == 0;
  jclass string = (*env)->FindClass(env, "java/lang/String");
  jobjectArray array = string ? (*env)->NewObjectArray(env, count, string, NULL) : NULL;
  if (!array) return -ENOMEM;
  for (jsize i = 0; i < count; i++) {
    size_t n = strlen(names);
    jstring java = name_to_java(env, names, n);
    if (!java) return -ENOMEM;
    (*env)->SetObjectArrayElement(env, array, i, java);
    (*env)->DeleteLocalRef(env, java);
    names += n + 1;
  }
  (*env)->SetObjectArrayElement(env, out, 0, array);
  return 0;
}
