package rkt.stage1.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rkt.schema.appc.Rlimit;
import rkt.stage1.seccomp.SeccompRequest;

/**
 * What an app's isolators ask for, in the terms of this flavor.
 *
 * @param capsRetain the whole capability set
 * @param capsRemove what is taken from the default set
 * @param seccomp the system call filter
 * @param oomScoreAdj -1000 to 1000
 * @param rlimits by their names in lower case
 * @param resources what its cgroup may use
 */
record AppIsolators(
    Optional<List<String>> capsRetain,
    Optional<List<String>> capsRemove,
    Optional<SeccompRequest> seccomp,
    boolean noNewPrivileges,
    Optional<Integer> oomScoreAdj,
    Map<String, Rlimit> rlimits,
    Resources resources) {
  AppIsolators {
    rlimits = Collections.unmodifiableMap(new TreeMap<>(rlimits));
  }
}
