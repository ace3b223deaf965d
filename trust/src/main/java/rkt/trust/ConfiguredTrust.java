package rkt.trust;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;
import rkt.trust.PolicyRule.Accept;
import rkt.trust.Subject.Format;

/** Judges by policy files and the keystore. */
final class ConfiguredTrust implements Trust {
  private final Kernel kernel;
  private final List<Path> dirs;
  private final Keystore keystore;
  private final InstantSource clock;
  private final boolean disabled;
  private volatile @Nullable Policy policy;

  /**
   * @param dirs the configuration directories, least important first
   */
  ConfiguredTrust(
      Kernel kernel, List<Path> dirs, Keystore keystore, InstantSource clock, boolean disabled) {
    this.kernel = kernel;
    this.dirs = List.copyOf(dirs);
    this.keystore = keystore;
    this.clock = clock;
    this.disabled = disabled;
  }

  /** Two threads may both load it: they read the same. */
  Policy policy() throws EngineException {
    Policy loaded = policy;
    if (loaded == null) {
      loaded = PolicyFile.load(kernel, dirs);
      policy = loaded;
    }
    return loaded;
  }

  @Override
  public Demand demand(Subject subject) throws EngineException {
    if (disabled) {
      return new Demand.Nothing(Verdict.unchecked(subject.name(), now()));
    }
    Optional<PolicyRule> rule = decisive(subject);
    if (rule.isEmpty()) {
      if (subject.format() == Format.OCI) {
        throw noRule(subject);
      }
      return new Demand.Pgp("");
    }
    PolicyRule found = rule.get();
    return switch (demanded(subject, found)) {
      case NOTHING -> throw closed(subject, found);
      case UNSIGNED ->
          new Demand.Nothing(
              new Verdict(
                  Verdict.Kind.UNSIGNED, subject.name(), found.prefix(), "", List.of(), now()));
      case PGP -> new Demand.Pgp(found.prefix());
      case COSIGN -> new Demand.Cosign(found.prefix());
    };
  }

  /**
   * The rule that decides. One for everything that accepts only signatures an image of this format
   * cannot have was written with the other format in mind: then it is as if there were none.
   */
  private Optional<PolicyRule> decisive(Subject subject) throws EngineException {
    Optional<PolicyRule> rule = policy().ruleFor(subject);
    if (rule.isPresent() && rule.get().prefix().isEmpty() && !rule.get().suits(subject.format())) {
      return Optional.empty();
    }
    return rule;
  }

  @Override
  public Optional<PolicyRule> rule(Subject subject) throws EngineException {
    return disabled ? Optional.empty() : policy().ruleFor(subject);
  }

  private static @Nullable Accept fitting(Subject subject, PolicyRule rule) {
    Accept unfit = subject.format() == Format.ACI ? Accept.COSIGN : Accept.PGP;
    for (Accept accept : rule.accept()) {
      if (accept != unfit) {
        return accept;
      }
    }
    return null;
  }

  private static Accept demanded(Subject subject, PolicyRule rule) throws EngineException {
    Accept fitting = fitting(subject, rule);
    if (fitting != null) {
      return fitting;
    }
    boolean aci = subject.format() == Format.ACI;
    throw refused(
        subject,
        "the "
            + rule.where()
            + " accepts \""
            + rule.accepted()
            + "\", but "
            + (aci ? "an ACI has OpenPGP signatures" : "an OCI image has cosign signatures"),
        aci ? "accept \"pgp\" there" : "accept \"cosign\" or \"unsigned\" there");
  }

  private static EngineException noRule(Subject subject) {
    return refused(
        subject,
        "signature verification for docker images is not supported without a rule in the trust policy",
        "add a rule for \""
            + subject.name()
            + "\" to policy.json that accepts \"cosign\" or \"unsigned\", or try --insecure-options=image");
  }

  private static EngineException closed(Subject subject, PolicyRule rule) {
    return refused(subject, "the " + rule.where() + " accepts nothing", "");
  }

  private static EngineException refused(Subject subject, String why, String remedy) {
    return EngineException.of(
        ErrorCode.REFUSED, "image \"" + subject.name() + "\" is not trusted", why, remedy);
  }

  private long now() {
    return Nanos.of(clock.instant());
  }

  private PgpJudge pgp() {
    return new PgpJudge(keystore, clock.instant());
  }

  @Override
  public boolean hasKeysFor(String name) throws EngineException {
    return keystore.hasKeysFor(name);
  }

  @Override
  public void checkIssuer(Subject subject, byte[] signature) throws EngineException {
    pgp().checkIssuer(subject, signature);
  }

  @Override
  public Verdict judgePgp(Subject subject, InputStream signed, byte[] signature)
      throws EngineException {
    Demand demand = demand(subject);
    String rule = demand instanceof Demand.Pgp pgp ? pgp.rule() : "";
    return pgp().judge(subject, rule, signed, signature);
  }

  @Override
  public Verdict judgeCosign(Subject subject, List<Digest> digests, List<CosignSignature> found)
      throws EngineException {
    Optional<PolicyRule> rule = decisive(subject);
    if (rule.isEmpty()) {
      throw noRule(subject);
    }
    if (demanded(subject, rule.get()) != Accept.COSIGN) {
      throw refused(
          subject, "the " + rule.get().where() + " does not accept cosign signatures", "");
    }
    return new CosignJudge(kernel, rule.get()).judge(subject, digests, found, clock.instant());
  }

  @Override
  public boolean rechecks() throws EngineException {
    return !disabled && !policy().rules().isEmpty();
  }

  @Override
  public void recheck(Subject subject, Verdict earlier) throws EngineException {
    if (!rechecks()) {
      return;
    }
    Optional<PolicyRule> rule = decisive(subject);
    if (rule.isEmpty()) {
      return;
    }
    PolicyRule found = rule.get();
    Accept demanded = demanded(subject, found);
    if (demanded == Accept.NOTHING) {
      throw closed(subject, found);
    }
    if (demanded == Accept.PGP) {
      mustBe(subject, earlier, Verdict.Kind.PGP, found);
      pgp().recheck(subject, earlier);
    } else if (demanded == Accept.COSIGN) {
      mustBe(subject, earlier, Verdict.Kind.COSIGN, found);
      new CosignJudge(kernel, found).recheck(subject, earlier);
    }
  }

  private static void mustBe(Subject subject, Verdict earlier, Verdict.Kind wanted, PolicyRule rule)
      throws EngineException {
    if (earlier.kind() == wanted) {
      return;
    }
    boolean unchecked = earlier.kind() == Verdict.Kind.UNCHECKED;
    throw refused(
        subject,
        "the "
            + rule.where()
            + " accepts \""
            + rule.accepted()
            + "\", but the image "
            + (unchecked
                ? "was stored without any check"
                : "was accepted as \"" + earlier.kind().word() + "\""),
        "fetch it again, or try --insecure-options=image");
  }
}
