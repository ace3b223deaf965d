/**
 * Stage1: the plug-in that decides how a pod is isolated.
 *
 * <p>Entry: {@link rkt.stage1.Stage1}. A flavor turns a {@link rkt.stage1.PodSpec} into a {@link
 * rkt.stage1.LaunchPlan}: an immutable, printable list of files to write and the command to exec.
 * Nothing runs and nothing is written while planning; the only input besides the specification is
 * what the apps' root file systems contain, and that is read as hostile.
 *
 * <p>Must not know: images, stores, networks, pod states, command lines.
 */
@NullMarked
package rkt.stage1;

import org.jspecify.annotations.NullMarked;
