package rkt.trust;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of all policy files: for each prefix the one of the most important directory.
 *
 * @param rules longest prefix first
 */
public record Policy(List<PolicyRule> rules) {
  /** No policy file, or none that says anything. */
  public static final Policy NONE = new Policy(List.of());

  public Policy {
    List<PolicyRule> sorted = new ArrayList<>(rules);
    if (sorted.size() > 1) {
      // Without a policy, the usual case, start-up pays for no lambda.
      sorted.sort(Policy::longestFirst);
    }
    rules = List.copyOf(sorted);
  }

  private static int longestFirst(PolicyRule a, PolicyRule b) {
    int byLength = Integer.compare(b.prefix().length(), a.prefix().length());
    return byLength != 0 ? byLength : a.prefix().compareTo(b.prefix());
  }

  /** This policy with another one, of a more important directory, over it, prefix by prefix. */
  Policy overriddenBy(Policy other) {
    List<PolicyRule> merged = new ArrayList<>(other.rules);
    for (PolicyRule rule : rules) {
      if (other.at(rule.prefix()).isEmpty()) {
        merged.add(rule);
      }
    }
    return new Policy(merged);
  }

  private Optional<PolicyRule> at(String prefix) {
    for (PolicyRule rule : rules) {
      if (rule.prefix().equals(prefix)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  /** The rule that decides about a subject: the one with the longest prefix. */
  public Optional<PolicyRule> ruleFor(Subject subject) {
    String name = Names.canonical(subject.name());
    for (PolicyRule rule : rules) {
      if (rule.covers(name)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  /** Every rule whose prefix matches, the one that decides first. */
  public List<PolicyRule> covering(Subject subject) {
    String name = Names.canonical(subject.name());
    List<PolicyRule> out = new ArrayList<>();
    for (PolicyRule rule : rules) {
      if (rule.covers(name)) {
        out.add(rule);
      }
    }
    return out;
  }
}
