package rkt.stage1.oci;

import java.util.List;
import java.util.Optional;
import rkt.stage1.seccomp.SeccompRequest;

/**
 * What an app's isolators ask for, in the terms of this flavor.
 *
 * @param capsRetain the whole capability set
 * @param capsRemove what is taken from the default set
 * @param seccomp the system call filter
 * @param memoryLimit bytes
 * @param cpuLimit thousandths of a CPU
 * @param cpuShares relative weight, 2 to 262144
 * @param oomScoreAdj -1000 to 1000
 */
record AppIsolators(
    Optional<List<String>> capsRetain,
    Optional<List<String>> capsRemove,
    Optional<SeccompRequest> seccomp,
    boolean noNewPrivileges,
    Optional<Long> memoryLimit,
    Optional<Long> cpuLimit,
    Optional<Integer> cpuShares,
    Optional<Integer> oomScoreAdj) {}
