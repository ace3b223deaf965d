package rkt.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.Texts;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;
import rkt.trust.Keystore.KeyFile;
import rkt.trust.cosign.CosignException;
import rkt.trust.cosign.SimpleSigning;
import rkt.trust.pgp.DetachedSignatures;
import rkt.trust.pgp.OpenPgpException;
import rkt.trust.pgp.PgpKey;

/**
 * Says why an image is trusted or not: every rule and key that was looked at, and every signature
 * verified again, as far as what was signed is still there.
 */
public final class Explainer {
  /** The image's content as it is stored, to be hashed; not asked for unless needed. */
  public interface Content {
    InputStream open() throws IOException, EngineException;
  }

  /**
   * An image of the store.
   *
   * @param verdicts all that was found out about it
   * @param evidence the signatures kept beside it
   * @param manifest OCI: its digest
   * @param content ACI: the uncompressed archive
   */
  public record Stored(
      List<Verdict> verdicts,
      Optional<Evidence> evidence,
      Optional<Digest> manifest,
      Content content) {
    public Stored {
      verdicts = List.copyOf(verdicts);
    }
  }

  /**
   * The answer.
   *
   * @param lines for people
   * @param trusted whether the image may be used now; for a name that is not stored: whether an
   *     image of that name could be
   */
  public record Explanation(List<String> lines, boolean trusted) {
    public Explanation {
      lines = List.copyOf(lines);
    }
  }

  private final Kernel kernel;
  private final List<Path> dirs;
  private final Keystore keystore;
  private final Instant now;
  private final ConfiguredTrust trust;

  /** The directories as for {@link Trusts#open}. */
  public static Explainer open(Optional<Path> systemDir, Path localDir, Optional<Path> userDir) {
    List<Path> dirs = new ArrayList<>(3);
    systemDir.ifPresent(dirs::add);
    dirs.add(localDir);
    userDir.ifPresent(dirs::add);
    return new Explainer(Kernel.linux(), dirs, Keystore.open(systemDir, localDir), Instant.now());
  }

  Explainer(Kernel kernel, List<Path> dirs, Keystore keystore, Instant now) {
    this.kernel = kernel;
    this.dirs = List.copyOf(dirs);
    this.keystore = keystore;
    this.now = now;
    this.trust = new ConfiguredTrust(kernel, dirs, keystore, () -> now, false);
  }

  /** Explains the judgement of a subject, and of the stored image of it if there is one. */
  public Explanation explain(Subject subject, Optional<Stored> stored) throws EngineException {
    List<String> out = new ArrayList<>();
    out.add("subject: " + subject.name() + " (" + subject.format() + ")");
    rules(subject, out);
    boolean trusted = true;
    Demand demand = null;
    try {
      demand = trust.demand(subject);
      out.add("demanded: " + wording(demand));
    } catch (EngineException e) {
      out.add("demanded: nothing can satisfy: " + e.why());
      trusted = false;
    }
    if (demand instanceof Demand.Pgp) {
      trusted = pgpKeys(subject, out);
    } else if (demand instanceof Demand.Cosign) {
      trusted = cosignKeys(subject, out);
    }
    if (stored.isEmpty()) {
      out.add("image: not in the store");
      out.add(
          "verdict: " + (trusted ? "an image with what is demanded would be accepted" : "refused"));
      return new Explanation(out, trusted);
    }
    return verdict(subject, stored.get(), demand, out);
  }

  private Explanation verdict(
      Subject subject, Stored stored, @Nullable Demand demand, List<String> out)
      throws EngineException {
    for (Verdict each : stored.verdicts()) {
      out.add("stored as: " + describe(each));
    }
    boolean good = true;
    boolean again = false;
    if (stored.evidence().isPresent()) {
      Evidence evidence = stored.evidence().get();
      if (evidence.pgp().length > 0) {
        good = verifyPgp(subject, evidence, stored, out) || !(demand instanceof Demand.Pgp);
      } else if (demand instanceof Demand.Cosign) {
        good = verifyCosign(subject, evidence, stored, out);
        again = good;
      }
    } else {
      out.add("signatures: none were kept");
    }
    Optional<String> refusal = again ? Optional.empty() : refusal(subject, stored.verdicts(), out);
    if (refusal.isPresent()) {
      out.add("verdict: refused: " + refusal.get());
      return new Explanation(out, false);
    }
    boolean ruled = trust.policy().ruleFor(subject).isPresent();
    if (!good && ruled) {
      out.add("verdict: refused: no signature is good");
      return new Explanation(out, false);
    }
    out.add(
        "verdict: accepted"
            + (ruled ? "" : " (no rule covers it: what is in the store may be used)"));
    return new Explanation(out, true);
  }

  /** What was found out under another name counts for an ACI only: there it is about the bytes. */
  private Optional<String> refusal(Subject subject, List<Verdict> verdicts, List<String> out)
      throws EngineException {
    List<Verdict> about = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      if (subject.format() == Subject.Format.ACI || subject.isNamed(verdict.subject())) {
        about.add(verdict);
      }
    }
    if (about.isEmpty()) {
      out.add("judged as " + Texts.printable(subject.name()) + ": never");
      about.add(Verdict.unchecked(subject.name(), 0));
    }
    Optional<String> first = Optional.empty();
    for (Verdict verdict : about) {
      try {
        trust.recheck(subject, verdict);
        return Optional.empty();
      } catch (EngineException e) {
        first = first.isPresent() ? first : Optional.of(e.why());
      }
    }
    return first;
  }

  private void rules(Subject subject, List<String> out) throws EngineException {
    for (Path dir : dirs) {
      Path file = dir.resolve(PolicyFile.NAME);
      boolean there =
          BoundedFiles.readIfThere(kernel, file, 1 << 20, "cannot read the trust policy")
              .isPresent();
      out.add("policy: " + file + (there ? "" : " (not there)"));
    }
    List<PolicyRule> covering = trust.policy().covering(subject);
    for (int i = 0; i < covering.size(); i++) {
      PolicyRule rule = covering.get(i);
      out.add(
          "rule: prefix \""
              + rule.prefix()
              + "\" accepts "
              + rule.accepted()
              + " ("
              + rule.file()
              + ", line "
              + rule.line()
              + ")"
              + (i == 0 ? ": decides, its prefix is the longest" : ": overruled"));
    }
    if (covering.isEmpty()) {
      out.add("rule: none covers it");
    }
  }

  private static String wording(Demand demand) {
    return switch (demand) {
      case Demand.Nothing nothing -> "nothing (" + nothing.verdict().kind().word() + ")";
      case Demand.Pgp pgp -> "an OpenPGP signature by a key of the keystore";
      case Demand.Cosign cosign -> "a cosign signature by a key of the rule";
    };
  }

  /**
   * @return whether any key could vouch
   */
  private boolean pgpKeys(Subject subject, List<String> out) throws EngineException {
    List<KeyFile> applying = keystore.applying(subject.name());
    boolean any = false;
    for (KeyFile file : keystore.considered(subject.name())) {
      String status;
      if (file.mask()) {
        status = "withdraws the key";
      } else if (!applying.contains(file)) {
        status = "withdrawn or replaced by a later file";
      } else {
        status = status(file);
        any |= status.startsWith("trusted");
      }
      out.add("key: " + file.path() + ": " + status);
    }
    if (applying.isEmpty()) {
      out.add("key: none is trusted for it");
    }
    return any;
  }

  private String status(KeyFile file) {
    try {
      PgpKey key = keystore.read(file, now);
      return key.problem().isEmpty()
          ? "trusted " + owners(key.identities())
          : "not usable: " + key.problem() + " " + owners(key.identities());
    } catch (EngineException e) {
      return "broken: " + e.why();
    }
  }

  private static String owners(List<String> identities) {
    List<String> out = new ArrayList<>(identities.size());
    for (String identity : identities) {
      out.add(Texts.printable(identity));
    }
    return "(" + String.join(", ", out) + ")";
  }

  private boolean cosignKeys(Subject subject, List<String> out) throws EngineException {
    PolicyRule rule = trust.policy().ruleFor(subject).orElseThrow();
    boolean any = false;
    for (Path file : rule.keys()) {
      try {
        CosignJudge.NamedKey key = CosignJudge.key(kernel, file, rule);
        out.add("key: " + file + ": " + key.key().describe() + ", " + key.key().id());
        any = true;
      } catch (EngineException e) {
        out.add("key: " + file + ": " + e.why());
        return false;
      } catch (CosignException e) {
        out.add("key: " + file + ": " + e.why());
      }
    }
    return any;
  }

  private static String describe(Verdict verdict) {
    StringBuilder text = new StringBuilder(verdict.kind().word());
    if (!verdict.key().isEmpty()) {
      text.append(" by ").append(verdict.key());
    }
    if (!verdict.identities().isEmpty()) {
      text.append(' ').append(owners(verdict.identities()));
    }
    if (verdict.timeNanos() > 0) {
      text.append(" on ")
          .append(Instant.ofEpochSecond(verdict.timeNanos() / 1_000_000_000L).toString());
    }
    if (!verdict.subject().isEmpty()) {
      text.append(", judged as ").append(Texts.printable(verdict.subject()));
    }
    return text.toString();
  }

  /**
   * The signature is over the file as it came. When that was compressed it is gone: then the key is
   * all that can be judged again.
   */
  private boolean verifyPgp(Subject subject, Evidence evidence, Stored stored, List<String> out)
      throws EngineException {
    List<PgpKey> keyring = new ArrayList<>();
    for (KeyFile file : keystore.applying(subject.name())) {
      keyring.add(keystore.read(file, now));
    }
    List<DetachedSignatures.Result> results;
    try (InputStream content = stored.content().open()) {
      results = DetachedSignatures.parse(evidence.pgp()).verify(content, keyring, now);
    } catch (OpenPgpException e) {
      out.add("signature: " + e.why());
      return false;
    } catch (IOException e) {
      out.add("signature: cannot read the image: " + e.getMessage());
      return false;
    }
    boolean good = false;
    boolean other = false;
    for (DetachedSignatures.Result result : results) {
      if (result instanceof DetachedSignatures.Result.Bad bad
          && bad.why().equals(DetachedSignatures.OTHER_FILE)) {
        other = true;
        out.add(
            "signature: by "
                + bad.issuer()
                + ": not over the stored archive; presumably over the compressed file it came in,"
                + " which is not kept");
      } else if (result instanceof DetachedSignatures.Result.Bad bad) {
        out.add("signature: by " + bad.issuer() + ": " + bad.why());
      } else {
        good = true;
        out.add("signature: by " + result.issuer() + ": good, over the stored archive");
      }
    }
    // What was verified when it came in, by a key that may still vouch, stands.
    return good || other;
  }

  private boolean verifyCosign(Subject subject, Evidence evidence, Stored stored, List<String> out)
      throws EngineException {
    Digest manifest = stored.manifest().orElse(null);
    List<Digest> digests = manifest == null ? List.of() : evidence.digestsOf(manifest);
    if (manifest != null
        && !evidence.digests().isEmpty()
        && digests.size() == 1
        && !evidence.digests().contains(manifest)) {
      out.add("signatures: those kept do not say that they are of " + manifest);
    }
    boolean good = false;
    for (CosignSignature signature : evidence.cosign()) {
      try {
        Verdict verdict = trust.judgeCosign(subject, digests, List.of(signature));
        good = true;
        out.add(
            "signature: "
                + Texts.printable(signature.origin())
                + ": good, by "
                + verdict.key()
                + over(signature, manifest));
      } catch (EngineException e) {
        out.add("signature: " + e.why());
      }
    }
    return good;
  }

  /** A signature over an index vouches for the image because the index led to it once. */
  private static String over(CosignSignature signature, @Nullable Digest manifest) {
    try {
      Digest signed = SimpleSigning.parse(signature.payload()).digest();
      return signed.equals(manifest)
          ? ""
          : ", over the index " + signed + " by which the image was fetched";
    } catch (CosignException e) {
      return "";
    }
  }
}
