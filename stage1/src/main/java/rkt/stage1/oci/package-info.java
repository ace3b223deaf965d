/**
 * The built-in {@code oci} flavor: one OCI bundle per app, run by crun or runc, all apps in the
 * namespaces of the pod's sandbox.
 *
 * <p>Entry: {@link rkt.stage1.oci.OciFlavor}. Invariants: a bundle never asks for less isolation
 * than the pod specification, sets no rlimit that nobody asked for, and joins namespaces only by
 * the paths below the pod directory.
 */
@NullMarked
package rkt.stage1.oci;

import org.jspecify.annotations.NullMarked;
