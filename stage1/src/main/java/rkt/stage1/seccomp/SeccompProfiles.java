package rkt.stage1.seccomp;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import rkt.stage1.seccomp.SeccompFilter.Action;
import rkt.stage1.seccomp.SeccompFilter.Rule;

/**
 * Makes filters: the default one, and those that isolators describe.
 *
 * <p>The default allows {@link SyscallSets#whitelist}, refuses the blacklist (mostly by killing, as
 * the ancestor did), and lets everything else, above all calls younger than this list, fail with
 * ENOSYS, so that programs fall back to older ones.
 */
public final class SeccompProfiles {
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  private SeccompProfiles() {}

  /**
   * The filter of an app without a seccomp isolator.
   *
   * @param devicePolicy whether mknod is confined to harmless devices
   */
  public static SeccompFilter defaultFilter(Arch arch, boolean devicePolicy) {
    List<Rule> rules = new ArrayList<>(80);
    allow(SyscallSets.whitelist(arch), Set.of(), devicePolicy, false, rules);
    rules.add(new Rule(SyscallSets.words(SyscallSets.BLACKLIST_KILLED), new Action.Kill()));
    rules.add(new Rule(SyscallSets.words(SyscallSets.BLACKLIST_REFUSED), new Action.Fail(EPERM)));
    return new SeccompFilter(new Action.Fail(ENOSYS), rules);
  }

  /**
   * The filter an isolator asks for.
   *
   * @param warnings receives one line per member that means nothing here
   * @return empty when it asks for none ({@code @appc.io/all})
   * @throws IllegalArgumentException when the errno has no known name; the message is for users
   */
  public static Optional<SeccompFilter> requested(
      SeccompRequest request, Arch arch, boolean devicePolicy, List<String> warnings) {
    if (request.retain() && request.set().contains("@appc.io/all")) {
      return Optional.empty();
    }
    Set<String> known = known(arch);
    Set<String> explicit = new LinkedHashSet<>();
    Set<String> implied = new LinkedHashSet<>();
    boolean isDefault = false;
    for (String item : request.set()) {
      if (!item.startsWith("@")) {
        if (known.contains(item)) {
          explicit.add(item);
        } else {
          warnings.add("unknown system call \"" + item + "\" in the seccomp isolator is ignored");
        }
        continue;
      }
      List<String> members = SyscallSets.wildcard(item, arch);
      if (members != null) {
        implied.addAll(members);
      } else if (item.equals("@appc.io/empty") && !request.retain()) {
        isDefault = true;
      } else {
        warnings.add("unknown seccomp wildcard \"" + item + "\" is ignored");
      }
    }
    Optional<Action> refusal =
        request.errno().isEmpty()
            ? Optional.empty()
            : Optional.of(new Action.Fail(ErrnoNames.number(request.errno())));
    if (request.retain()) {
      return Optional.of(retain(explicit, implied, refusal, devicePolicy));
    }
    implied.addAll(explicit);
    return Optional.of(
        isDefault
            ? without(defaultFilter(arch, devicePolicy), implied, refusal)
            : remove(implied, refusal, devicePolicy));
  }

  private static SeccompFilter retain(
      Set<String> explicit, Set<String> implied, Optional<Action> refusal, boolean devicePolicy) {
    List<Rule> rules = new ArrayList<>(80);
    List<String> all = new ArrayList<>(implied);
    all.addAll(explicit);
    all.addAll(SyscallSets.words(SyscallSets.IMPLICIT, SyscallSets.RUNTIME));
    allow(all, explicit, devicePolicy, true, rules);
    return new SeccompFilter(refusal.orElse(new Action.Kill()), rules);
  }

  private static SeccompFilter remove(
      Set<String> refused, Optional<Action> refusal, boolean devicePolicy) {
    List<Rule> rules = new ArrayList<>();
    if (devicePolicy && !refused.contains("mknod") && !refused.contains("mknodat")) {
      ConditionalCalls.devices(true, rules);
    }
    rules.add(new Rule(List.copyOf(refused), refusal.orElse(new Action.Kill())));
    return new SeccompFilter(ConditionalCalls.ALLOW, rules);
  }

  private static SeccompFilter without(
      SeccompFilter filter, Set<String> refused, Optional<Action> refusal) {
    List<Rule> rules = new ArrayList<>(filter.rules().size() + 1);
    for (Rule rule : filter.rules()) {
      List<String> names = new ArrayList<>(rule.names());
      names.removeAll(refused);
      if (!names.isEmpty()) {
        rules.add(new Rule(names, rule.action(), rule.conditions()));
      }
    }
    if (!refused.isEmpty()) {
      rules.add(new Rule(List.copyOf(refused), refusal.orElse(new Action.Kill())));
    }
    return new SeccompFilter(refusal.orElse(filter.fallback()), rules);
  }

  /**
   * Adds the rules of a whitelist.
   *
   * @param unconditional calls the user named, which get no conditions (but for the device policy)
   * @param complete whether every refused device gets EPERM, where the default action would kill
   */
  private static void allow(
      List<String> names,
      Set<String> unconditional,
      boolean devicePolicy,
      boolean complete,
      List<Rule> rules) {
    List<String> plain = new ArrayList<>(names.size());
    List<String> conditional = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    boolean makesNodes = false;
    for (String name : names) {
      if (!seen.add(name)) {
        continue;
      }
      if (devicePolicy && (name.equals("mknod") || name.equals("mknodat"))) {
        makesNodes = true;
      } else if (ConditionalCalls.contains(name) && !unconditional.contains(name)) {
        conditional.add(name);
      } else {
        plain.add(name);
      }
    }
    rules.add(new Rule(plain, ConditionalCalls.ALLOW));
    for (String name : conditional) {
      ConditionalCalls.allow(name, rules);
    }
    if (makesNodes) {
      ConditionalCalls.devices(complete, rules);
    }
    if (!unconditional.contains("clone3")) {
      rules.add(ConditionalCalls.noClone3());
    }
  }

  private static Set<String> known(Arch arch) {
    Set<String> known = new TreeSet<>();
    for (Arch.Abi abi : arch.abis()) {
      known.addAll(abi.numbers().keySet());
    }
    known.addAll(SyscallSets.words(SyscallSets.ALLOWED, SyscallSets.ALLOWED_ARM));
    known.addAll(
        SyscallSets.words(
            SyscallSets.BLACKLIST_KILLED,
            SyscallSets.BLACKLIST_REFUSED,
            SyscallSets.BLACKLIST_SINCE));
    return known;
  }
}
