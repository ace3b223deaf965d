package rkt.image;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;
import rkt.schema.trust.Verdict;
import rkt.store.Gate;
import rkt.trust.Demand;
import rkt.trust.Evidence;
import rkt.trust.Subject;
import rkt.trust.Trust;

/**
 * The last question before an ACI enters the store: is it the one that was asked for, and is its
 * signature good over the very bytes that were read? The owner closes it.
 */
final class AciGate implements Gate, AutoCloseable {
  private final String origin;
  private final ExpectedImage expected;
  private final Trust trust;
  private final String judgedName;
  private final @Nullable PgpJudge judge;

  private AciGate(
      String origin,
      ExpectedImage expected,
      Trust trust,
      String judgedName,
      @Nullable PgpJudge judge) {
    this.origin = origin;
    this.expected = expected;
    this.trust = trust;
    this.judgedName = judgedName;
    this.judge = judge;
  }

  /** No signature is demanded, or so it seems; the manifest's own name has to confirm it. */
  static AciGate unsigned(String origin, ExpectedImage expected, Trust trust) {
    return new AciGate(origin, expected, trust, "", null);
  }

  /**
   * @param name the name the image is judged under; its manifest must have it
   */
  static AciGate signed(
      String origin, ExpectedImage expected, Trust trust, String name, byte[] signature) {
    return new AciGate(
        origin, expected, trust, name, new PgpJudge(trust, Subject.aci(name), signature));
  }

  @Override
  public void bytes(byte[] block, int offset, int length) throws IOException {
    if (judge != null) {
      judge.bytes(block, offset, length);
    }
  }

  @Override
  public Verdict admit(ImageManifest manifest, ImageId id) throws EngineException {
    String name = manifest.name().value();
    expected.check(origin, manifest, id);
    if (judge == null) {
      if (trust.demand(Subject.aci(name)) instanceof Demand.Nothing nothing) {
        return nothing.verdict();
      }
      throw EngineException.of(
          ErrorCode.REFUSED,
          "import image " + origin,
          "image \"" + name + "\" needs a signature and came without one");
    }
    if (!name.equals(judgedName)) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          "import image " + origin,
          "image \"" + judgedName + "\" became \"" + name + "\" while it was read");
    }
    return judge.verdict();
  }

  /** What to report when the import failed: the refusal of the signature if that was first. */
  EngineException headline(EngineException importing) {
    EngineException refusal = judge == null ? null : judge.refusal();
    return refusal == null ? importing : refusal;
  }

  String judgedName() {
    return judgedName;
  }

  /** The signature, to be kept beside the image; empty when there is none. */
  byte[] evidence() {
    return judge == null ? new byte[0] : Evidence.pgp(judge.signature()).toJson();
  }

  @Override
  public void close() {
    if (judge != null) {
      judge.close();
    }
  }
}
