/**
 * Pods and everything done to them.
 *
 * <p>Entry class: {@link rkt.pod.Engine}. {@link rkt.pod.PodStore} knows the directories, {@link
 * rkt.pod.Pod} is one pod held by a descriptor on its directory, and each verb of the command line
 * has one class: {@link rkt.pod.Runner}, {@link rkt.pod.Waiter}, {@link rkt.pod.Stopper}, {@link
 * rkt.pod.Remover}, {@link rkt.pod.GarbageCollector}, {@link rkt.pod.Enterer}.
 *
 * <p>Invariants: a pod's state is its directory's place plus whether somebody holds its {@code
 * flock}; it moves only by one {@code rename} under the exclusive lock, followed by an {@code
 * fsync} of the target directory. A process killed between any two steps leaves a state that {@code
 * gc} reclaims.
 *
 * <p>Must not know: argument grammar, output layout, the network, or how a flavor isolates.
 */
package rkt.pod;
