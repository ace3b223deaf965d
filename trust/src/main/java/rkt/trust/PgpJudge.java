package rkt.trust;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.schema.trust.Verdict;
import rkt.trust.Keystore.KeyFile;
import rkt.trust.pgp.DetachedSignatures;
import rkt.trust.pgp.OpenPgpException;
import rkt.trust.pgp.PgpKey;

/** Judges ACIs by the keystore. The only class here that leads to Bouncy Castle. */
final class PgpJudge {
  private static final int SHOWN_KEYS = 5;

  private final Keystore keystore;
  private final Instant now;

  PgpJudge(Keystore keystore, Instant now) {
    this.keystore = keystore;
    this.now = now;
  }

  void checkIssuer(Subject subject, byte[] signature) throws EngineException {
    DetachedSignatures signatures = parse(subject, signature);
    if (!signatures.madeByAny(keyring(subject))) {
      throw unknown(subject, signatures);
    }
  }

  Verdict judge(Subject subject, String rule, InputStream signed, byte[] signature)
      throws EngineException {
    DetachedSignatures signatures = parse(subject, signature);
    List<PgpKey> keyring = keyring(subject);
    if (!signatures.madeByAny(keyring)) {
      throw unknown(subject, signatures);
    }
    List<DetachedSignatures.Result> results;
    try {
      results = signatures.verify(signed, keyring, now);
    } catch (IOException e) {
      throw new EngineException(
          ErrorCode.SYSTEM, failing(subject), "reading it: " + e.getMessage(), "", e);
    }
    for (DetachedSignatures.Result result : results) {
      if (result instanceof DetachedSignatures.Result.Good good) {
        return new Verdict(
            Verdict.Kind.PGP,
            subject.name(),
            rule,
            good.key().fingerprint(),
            good.key().identities(),
            Nanos.of(now));
      }
    }
    throw refused(subject, reasons(results));
  }

  private static String reasons(List<DetachedSignatures.Result> results) {
    List<String> out = new ArrayList<>(results.size());
    for (DetachedSignatures.Result result : results) {
      if (result instanceof DetachedSignatures.Result.Bad bad) {
        out.add(
            results.size() == 1
                ? bad.why() + " (key " + bad.issuer() + ")"
                : "signature by " + bad.issuer() + ": " + bad.why());
      }
    }
    return String.join("; ", out);
  }

  /**
   * Whether a key that vouched once still may.
   *
   * @throws EngineException REFUSED when it is gone, masked, revoked or expired
   */
  void recheck(Subject subject, Verdict earlier) throws EngineException {
    for (KeyFile file : keystore.applying(subject.name())) {
      if (file.fingerprint().equals(earlier.key())) {
        String problem = keystore.read(file, now).problem();
        if (!problem.isEmpty()) {
          throw refused(subject, "openpgp: " + problem + " (key " + earlier.key() + ")");
        }
        return;
      }
    }
    throw EngineException.of(
        ErrorCode.REFUSED,
        failing(subject),
        "the key it was verified with is no longer trusted for it: " + earlier.key(),
        hint(subject));
  }

  private List<PgpKey> keyring(Subject subject) throws EngineException {
    List<PgpKey> out = new ArrayList<>();
    for (KeyFile file : keystore.applying(subject.name())) {
      out.add(keystore.read(file, now));
    }
    return out;
  }

  private static DetachedSignatures parse(Subject subject, byte[] signature)
      throws EngineException {
    try {
      return DetachedSignatures.parse(signature);
    } catch (OpenPgpException e) {
      throw new EngineException(ErrorCode.REFUSED, failing(subject), e.why(), "", e);
    }
  }

  /** How to trust another key is said by whoever fetches, as the ancestor said it. */
  private EngineException unknown(Subject subject, DetachedSignatures signatures)
      throws EngineException {
    StringBuilder why = new StringBuilder(DetachedSignatures.UNKNOWN);
    why.append(": it is by key ").append(String.join(", ", signatures.issuers()));
    List<KeyFile> tried = keystore.applying(subject.name());
    if (tried.isEmpty()) {
      return refused(subject, why.append("; no key is trusted for this name").toString());
    }
    why.append("; trusted for this name: ").append(tried.size());
    why.append(tried.size() == 1 ? " key (" : " keys (");
    for (int i = 0; i < tried.size() && i < SHOWN_KEYS; i++) {
      why.append(i == 0 ? "" : ", ").append(Texts.printable(tried.get(i).path().toString()));
    }
    return refused(subject, why.append(tried.size() > SHOWN_KEYS ? ", ...)" : ")").toString());
  }

  private static EngineException refused(Subject subject, String why) {
    return EngineException.of(ErrorCode.REFUSED, failing(subject), why);
  }

  private static String failing(Subject subject) {
    return "image \"" + subject.name() + "\" verification failed";
  }

  private static String hint(Subject subject) {
    return "if you expected the signing key to change, try running: rkt trust --prefix \""
        + subject.name()
        + "\"";
  }
}
