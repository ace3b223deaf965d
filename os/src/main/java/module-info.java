import org.jspecify.annotations.NullMarked;

/** The kernel as rkt sees it: system calls, locks, mounts, cgroups, processes. */
@NullMarked
module rkt.os {
  requires static org.jspecify;

  exports rkt.os;
}
