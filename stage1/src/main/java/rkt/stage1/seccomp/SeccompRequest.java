package rkt.stage1.seccomp;

import java.util.List;

/**
 * What a seccomp isolator asks for.
 *
 * @param retain whether the set is all that is allowed; otherwise it is what is refused
 * @param set system calls and wildcards
 * @param errno name of the error that refused calls fail with; empty kills
 */
public record SeccompRequest(boolean retain, List<String> set, String errno) {
  public SeccompRequest {
    set = List.copyOf(set);
  }
}
