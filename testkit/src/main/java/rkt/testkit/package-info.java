/**
 * Fakes that several modules' tests share.
 *
 * <p>Enter through {@link rkt.testkit.RecordingKernel}: the kernel seam that writes down what it
 * was asked, so that mounts, namespaces and ownership are asserted without root, and that fails on
 * demand, so that every error path and every "killed between two steps" can be reached.
 *
 * <p>Nothing here is shipped.
 */
@NullMarked
package rkt.testkit;

import org.jspecify.annotations.NullMarked;
