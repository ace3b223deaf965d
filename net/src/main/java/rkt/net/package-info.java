/**
 * Networks of pods. A request ({@link rkt.net.NetRequest}) selects configured networks ({@link
 * rkt.net.NetworkFiles}); {@link rkt.net.NetworkSetup} makes the pod's namespace and has the CNI
 * plugins connect it, while the rest of the launch goes on; {@link rkt.net.Teardown} undoes it.
 *
 * <p>Invariants: how to undo a step is on disk before the step is taken, so that a kill at any
 * point loses no knowledge; undoing is idempotent and needs neither the configuration nor this
 * module (the supervisor does it at the pod's end, from the same file: docs/adr/0017); what failed
 * first is what is reported.
 *
 * <p>Must not know: images, the life cycle of pods, how apps are isolated.
 */
package rkt.net;
