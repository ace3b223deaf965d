package rkt.store;

import java.util.List;

/**
 * Whether what the store holds of an image is what was imported.
 *
 * @param checked what was looked at
 * @param problems one line each; empty when all is well
 */
public record VerifyReport(List<String> checked, List<String> problems) {
  public VerifyReport {
    checked = List.copyOf(checked);
    problems = List.copyOf(problems);
  }

  public boolean ok() {
    return problems.isEmpty();
  }
}
