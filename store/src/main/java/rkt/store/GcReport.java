package rkt.store;

import java.util.List;

/**
 * What gc did, or would do.
 *
 * @param removedTrees tree store ids
 * @param removedFiles unreferenced blobs, layers, references and leftovers of killed imports
 * @param freedBytes by all that, also trees and directories, as far as that can be counted
 * @param failures one line each; gc goes on after a failure
 * @param decisions on everything it looked at, kept or not
 */
public record GcReport(
    List<String> removedTrees,
    List<RemovalResult> images,
    int removedFiles,
    long freedBytes,
    List<String> failures,
    List<GcDecision> decisions) {
  public GcReport {
    removedTrees = List.copyOf(removedTrees);
    images = List.copyOf(images);
    failures = List.copyOf(failures);
    decisions = List.copyOf(decisions);
  }
}
