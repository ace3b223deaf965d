package rkt.trust;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;
import rkt.trust.PolicyRule.Identity;
import rkt.trust.cosign.CosignException;
import rkt.trust.cosign.CosignKey;
import rkt.trust.cosign.SimpleSigning;

/** Judges OCI images by the keys of a rule. */
final class CosignJudge {
  /** More signatures than this are not looked at: each costs arithmetic per key. */
  static final int MAX_SIGNATURES = 64;

  private static final String READING = "cannot read a cosign key";

  /** A key of the rule and where it is from. */
  record NamedKey(Path file, CosignKey key) {}

  private final Kernel kernel;
  private final PolicyRule rule;

  CosignJudge(Kernel kernel, PolicyRule rule) {
    this.kernel = kernel;
    this.rule = rule;
  }

  /** A key that cannot be read stops the judgement: another one might be meant to be in force. */
  List<NamedKey> keys() throws EngineException {
    List<NamedKey> out = new ArrayList<>(rule.keys().size());
    for (Path file : rule.keys()) {
      out.add(key(kernel, file, rule));
    }
    return out;
  }

  static NamedKey key(Kernel kernel, Path file, PolicyRule rule) throws EngineException {
    byte[] bytes =
        BoundedFiles.readIfThere(kernel, file, CosignKey.MAX_FILE, READING)
            .orElseThrow(() ->
                EngineException.of(
                    ErrorCode.NOT_FOUND,
                    READING,
                    file + " does not exist",
                    "it is named in the " + rule.where()));
    try {
      return new NamedKey(file, CosignKey.parse(bytes));
    } catch (CosignException e) {
      throw new EngineException(
          ErrorCode.INVALID,
          READING,
          file + ": " + e.why(),
          "it is named in the " + rule.where(),
          e);
    }
  }

  Verdict judge(Subject subject, List<Digest> digests, List<CosignSignature> found, Instant now)
      throws EngineException {
    List<NamedKey> keys = keys();
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < found.size() && i < MAX_SIGNATURES; i++) {
      CosignSignature signature = found.get(i);
      try {
        NamedKey by = verified(subject, digests, signature, keys);
        return new Verdict(
            Verdict.Kind.COSIGN,
            subject.name(),
            rule.prefix(),
            by.key().id(),
            List.of(by.file().toString()),
            Nanos.of(now));
      } catch (CosignException e) {
        reasons.add(Texts.printable(signature.origin()) + ": " + e.why());
      }
    }
    if (found.size() > MAX_SIGNATURES) {
      reasons.add((found.size() - MAX_SIGNATURES) + " more were not looked at");
    }
    throw EngineException.of(
        ErrorCode.REFUSED,
        "image \"" + subject.name() + "\" verification failed",
        found.isEmpty()
            ? "no cosign signature found"
            : "no valid cosign signature: " + String.join("; ", reasons),
        "the " + rule.where() + " asks for one");
  }

  private NamedKey verified(
      Subject subject, List<Digest> digests, CosignSignature found, List<NamedKey> keys)
      throws CosignException {
    if (found.payload().length > SimpleSigning.MAX_PAYLOAD) {
      throw new CosignException("the payload is too large");
    }
    NamedKey by = signer(found, keys);
    SimpleSigning signed = SimpleSigning.parse(found.payload());
    if (!digests.contains(signed.digest())) {
      throw new CosignException("it is for another image: " + signed.digest());
    }
    checkIdentity(subject, signed);
    return by;
  }

  private static NamedKey signer(CosignSignature found, List<NamedKey> keys)
      throws CosignException {
    byte[] signature;
    try {
      signature = Base64.getDecoder().decode(found.signature().strip());
    } catch (IllegalArgumentException e) {
      throw new CosignException("the signature is not base64", e);
    }
    String unusable = "";
    for (NamedKey key : keys) {
      try {
        if (key.key().verifies(found.payload(), signature)) {
          return key;
        }
      } catch (CosignException e) {
        unusable = " (" + key.file() + ": " + e.why() + ")";
      }
    }
    throw new CosignException("not made by any of the rule's keys, or damaged" + unusable);
  }

  private void checkIdentity(Subject subject, SimpleSigning signed) throws CosignException {
    boolean local = Names.isLocal(subject.name());
    Identity wanted = rule.identity().orElse(local ? Identity.ANY : Identity.REPOSITORY);
    if (wanted == Identity.ANY) {
      return;
    }
    if (local) {
      throw new CosignException(
          "the rule's identity \"repository\" cannot be checked: a local image is in none");
    }
    if (signed.reference().isEmpty()) {
      throw new CosignException(
          "it names no repository (a rule with identity \"any\" would accept it)");
    }
    if (!signed.names(Names.canonical(subject.name()))) {
      throw new CosignException(
          "it was signed as "
              + Texts.quote(signed.reference())
              + ", which is another repository (a rule with identity \"any\" would accept it)");
    }
  }

  /**
   * Whether the key that vouched once is one of the rule's today.
   *
   * @throws EngineException REFUSED when it is not
   */
  void recheck(Subject subject, Verdict earlier) throws EngineException {
    try {
      for (NamedKey key : keys()) {
        if (key.key().id().equals(earlier.key())) {
          return;
        }
      }
    } catch (CosignException e) {
      throw new EngineException(ErrorCode.SYSTEM, READING, e.why(), "", e);
    }
    throw EngineException.of(
        ErrorCode.REFUSED,
        "image \"" + subject.name() + "\" is not trusted any more",
        "the cosign key it was verified with is none of those in the " + rule.where(),
        "fetch it again");
  }
}
