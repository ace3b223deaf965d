package rkt.stage1.oci;

import java.util.Optional;

/**
 * What a cgroup may use at most, of an app or of a whole pod.
 *
 * @param memory bytes
 * @param cpu thousandths of a CPU
 * @param shares relative weight, 2 to 262144
 * @param pids processes and threads
 * @param blockBytes bytes per second of each block device, reading and writing each
 * @param blockOperations operations per second of each block device, reading and writing each
 */
record Resources(
    Optional<Long> memory,
    Optional<Long> cpu,
    Optional<Integer> shares,
    Optional<Long> pids,
    Optional<Long> blockBytes,
    Optional<Long> blockOperations) {

  /** Not by {@code equals}: the first use of a record's costs 10 ms, at every start of a pod. */
  boolean isNone() {
    return memory.isEmpty()
        && cpu.isEmpty()
        && shares.isEmpty()
        && pids.isEmpty()
        && !limitsBlockDevices();
  }

  boolean limitsBlockDevices() {
    return blockBytes.isPresent() || blockOperations.isPresent();
  }

  /** As {@code cpu.weight} of cgroup v2, 1 to 10000, by the rule the OCI runtimes use. */
  static long weight(int shares) {
    return 1 + ((long) shares - 2) * 9999 / 262_142;
  }
}
