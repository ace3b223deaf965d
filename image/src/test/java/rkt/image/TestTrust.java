package rkt.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;
import rkt.trust.CosignSignature;
import rkt.trust.Demand;
import rkt.trust.Subject;
import rkt.trust.Trust;

/** A signature is a key's name and a hash; what is behind real ones is tested in module trust. */
final class TestTrust implements Trust {
  final Set<String> keys = ConcurrentHashMap.newKeySet();
  final Set<String> unsigned = ConcurrentHashMap.newKeySet();
  final Set<String> forbidden = ConcurrentHashMap.newKeySet();

  static byte[] sign(String key, byte[] bytes) {
    return (key + ":" + hash(bytes)).getBytes(StandardCharsets.UTF_8);
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Demand demand(Subject subject) {
    return unsigned.contains(subject.name())
        ? new Demand.Nothing(Verdict.unchecked(subject.name(), 1))
        : new Demand.Pgp("");
  }

  @Override
  public boolean hasKeysFor(String name) {
    return !keys.isEmpty();
  }

  @Override
  public void checkIssuer(Subject subject, byte[] signature) throws EngineException {
    String text = new String(signature, StandardCharsets.UTF_8);
    if (!keys.contains(text.substring(0, Math.max(0, text.indexOf(':'))))) {
      throw refused(subject, "openpgp: signature made by unknown entity");
    }
  }

  @Override
  public Verdict judgePgp(Subject subject, InputStream signed, byte[] signature)
      throws EngineException {
    checkIssuer(subject, signature);
    String text = new String(signature, StandardCharsets.UTF_8);
    try {
      if (!text.endsWith(":" + hash(signed.readAllBytes()))) {
        throw refused(subject, "the hash differs");
      }
    } catch (IOException e) {
      throw refused(subject, "cannot read it: " + e.getMessage());
    }
    String key = text.substring(0, text.indexOf(':'));
    return new Verdict(Verdict.Kind.PGP, subject.name(), "", "00", List.of(key), 1);
  }

  @Override
  public Verdict judgeCosign(Subject subject, List<Digest> digests, List<CosignSignature> found)
      throws EngineException {
    throw refused(subject, "no cosign here");
  }

  @Override
  public void recheck(Subject subject, Verdict earlier) throws EngineException {
    if (forbidden.contains(subject.name())) {
      throw refused(subject, "not any more");
    }
  }

  private static EngineException refused(Subject subject, String why) {
    return EngineException.of(
        ErrorCode.REFUSED, "image \"" + subject.name() + "\" verification failed", why);
  }
}
