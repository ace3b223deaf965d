#include <fcntl.h>

#include "rktos.h"

#define X86_O_DIRECTORY 0200000ull
#define X86_O_NOFOLLOW 0400000ull

/* The others that rkt.os.Consts names are the same on every architecture with asm-generic values. */
_Static_assert(O_CREAT == 0100 && O_EXCL == 0200 && O_CLOEXEC == 02000000 && O_PATH == 010000000,
               "open flags of this architecture need a translation");

unsigned long long open_flags(unsigned long long x86) {
  unsigned long long flags = x86 & ~(X86_O_DIRECTORY | X86_O_NOFOLLOW);
  if (x86 & X86_O_DIRECTORY) flags |= O_DIRECTORY;
  if (x86 & X86_O_NOFOLLOW) flags |= O_NOFOLLOW;
  return flags;
}
