package rkt.store;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether what the store holds of an image is what was imported.
 *
 * @param checked what was looked at
 * @param findings what is wrong, or was before it was repaired; empty when all is well
 */
public record VerifyReport(List<String> checked, List<Finding> findings) {
  public VerifyReport {
    checked = List.copyOf(checked);
    findings = List.copyOf(findings);
  }

  public boolean ok() {
    return findings.isEmpty();
  }

  /** One line each. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    for (Finding finding : findings) {
      problems.add(finding.problem());
    }
    return problems;
  }

  /** What only fetching the image again mends. */
  public List<Finding> unrepaired() {
    List<Finding> left = new ArrayList<>();
    for (Finding finding : findings) {
      if (!finding.repaired()) {
        left.add(finding);
      }
    }
    return left;
  }
}
