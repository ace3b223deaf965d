package rkt.image.registry;

import java.util.List;
import java.util.Optional;

/**
 * What a token is to allow.
 *
 * @param actions {@code pull} or {@code pull,push}
 * @param from another repository of the same registry that is to be read
 */
record Scope(String actions, Optional<String> from) {
  static final Scope PULL = new Scope("pull", Optional.empty());
  static final Scope PUSH = new Scope("pull,push", Optional.empty());

  static Scope mount(String from) {
    return new Scope("pull,push", Optional.of(from));
  }

  /** In the words of a token service. */
  List<String> of(String repository) {
    String own = "repository:" + repository + ":" + actions;
    return from.isPresent() ? List.of(own, "repository:" + from.get() + ":pull") : List.of(own);
  }
}
