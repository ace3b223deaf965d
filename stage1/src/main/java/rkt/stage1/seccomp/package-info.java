/**
 * System call filters: from appc isolators to what the kernel runs.
 *
 * <p>Entry: {@link rkt.stage1.seccomp.SeccompProfiles} makes a {@link
 * rkt.stage1.seccomp.SeccompFilter}; {@link rkt.stage1.seccomp.SeccompJson} writes it as the {@code
 * linux.seccomp} section that runc compiles with libseccomp, and {@link
 * rkt.stage1.seccomp.BpfCompiler} as the BPF program that crun takes as it is. Compiling the
 * default filter for three ABIs costs libseccomp 13-17 ms at every start; ready-made it costs 1.
 *
 * <p>Invariants: both forms decide every call alike; a call on the blacklist is never allowed by
 * default; an unknown ABI is killed.
 */
@NullMarked
package rkt.stage1.seccomp;

import org.jspecify.annotations.NullMarked;
