/**
 * Reading and preparing an app's root file system, which an image's author controls.
 *
 * <p>Entry: {@link rkt.stage1.rootfs.Rootfs}, the only way in. Every path is resolved by the kernel
 * with {@code openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)}: absolute links and {@code ..} stay
 * inside. A file is opened for reading only after it is known to be regular, so neither a fifo nor
 * a device can make rkt wait or act, and never beyond a limit.
 *
 * <p>On top of it: {@link rkt.stage1.rootfs.AppUser} (who the app runs as), {@link
 * rkt.stage1.rootfs.ExecLookup} (which file it runs) and {@link rkt.stage1.rootfs.ExecDiagnosis}
 * (why that file would not start).
 */
@NullMarked
package rkt.stage1.rootfs;

import org.jspecify.annotations.NullMarked;
