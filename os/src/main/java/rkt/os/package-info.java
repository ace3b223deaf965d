/**
 * The kernel: the only place that calls native code, reads {@code /proc} and {@code /sys}, or
 * starts a process.
 *
 * <p>Enter through {@link rkt.os.Kernel}, the seam that {@link rkt.os.Kernel#linux()} implements
 * over JNI and that tests replace by a recording fake. The other classes build one mechanism each
 * on top of it: locks, atomic replacement, mounts, cgroups, processes, users.
 *
 * <p>Invariants: a failed call is an {@link rkt.os.OsException} naming syscall, object and errno;
 * every descriptor opened here is close-on-exec; file names are byte strings, carried in Java
 * strings without loss (see {@link rkt.os.Kernel}).
 *
 * <p>This package knows nothing of images, pods or JSON: it has mechanism and no policy.
 */
package rkt.os;
