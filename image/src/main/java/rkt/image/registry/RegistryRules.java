package rkt.image.registry;

/** Mirrors, fall-backs and exceptions of registries; none yet. */
public record RegistryRules() {
  /** Nothing configured. */
  public static final RegistryRules NONE = new RegistryRules();
}
