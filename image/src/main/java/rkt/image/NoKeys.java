package rkt.image;

import java.io.InputStream;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;
import rkt.trust.CosignSignature;
import rkt.trust.Demand;
import rkt.trust.Subject;
import rkt.trust.Trust;

/**
 * Nobody is trusted: what is left when no keystore was opened. Images enter only where an insecure
 * option lets them.
 */
final class NoKeys implements Trust {
  private final boolean unchecked;

  NoKeys(InsecureOptions insecure) {
    this.unchecked = insecure.has(InsecureOption.IMAGE);
  }

  @Override
  public Demand demand(Subject subject) throws EngineException {
    if (unchecked) {
      return new Demand.Nothing(Verdict.unchecked(subject.name(), 0));
    }
    if (subject.format() == Subject.Format.OCI) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          "verify image " + subject.name(),
          "signature verification for docker images is not supported (try --insecure-options=image)");
    }
    return new Demand.Pgp("");
  }

  @Override
  public boolean hasKeysFor(String name) {
    return false;
  }

  @Override
  public void checkIssuer(Subject subject, byte[] signature) throws EngineException {
    throw unknown(subject);
  }

  @Override
  public Verdict judgePgp(Subject subject, InputStream signed, byte[] signature)
      throws EngineException {
    throw unknown(subject);
  }

  @Override
  public Verdict judgeCosign(Subject subject, List<Digest> digests, List<CosignSignature> found)
      throws EngineException {
    throw unknown(subject);
  }

  @Override
  public boolean rechecks() {
    return false;
  }

  @Override
  public void recheck(Subject subject, Verdict earlier) {}

  private static EngineException unknown(Subject subject) {
    return EngineException.of(
        ErrorCode.REFUSED,
        "verify image " + subject.name(),
        "openpgp: signature made by unknown entity",
        "no public key is trusted");
  }
}
