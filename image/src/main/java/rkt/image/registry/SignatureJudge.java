package rkt.image.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.image.Diagnostics;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;
import rkt.trust.CosignSignature;
import rkt.trust.Demand;
import rkt.trust.Evidence;
import rkt.trust.Subject;
import rkt.trust.Trust;

/** Lets an image be judged by the signatures beside it, before any of its layers is downloaded. */
final class SignatureJudge {
  private final Trust trust;
  private final Diagnostics diagnostics;

  SignatureJudge(Trust trust, Diagnostics diagnostics) {
    this.trust = trust;
    this.diagnostics = diagnostics;
  }

  /**
   * What came of it.
   *
   * @param evidence the signatures that were looked at, to be kept beside the image
   */
  record Outcome(Verdict verdict, Optional<Evidence> evidence) {}

  /**
   * @param callers places to look for signatures, in order
   * @param digests of the manifest and of the indexes that led to it
   * @throws EngineException REFUSED
   */
  Outcome judge(
      String attempted,
      Subject subject,
      Demand demand,
      List<RegistryCaller> callers,
      List<Digest> digests)
      throws EngineException {
    if (demand instanceof Demand.Nothing nothing) {
      return new Outcome(nothing.verdict(), Optional.empty());
    }
    if (demand instanceof Demand.Pgp) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "the trust policy demands an OpenPGP signature, which an image in a registry cannot have",
          "give " + subject.name() + " a rule that accepts cosign");
    }
    List<CosignSignature> found = search(attempted, callers, digests);
    diagnostics.debug("found " + found.size() + " signatures of " + subject.name());
    Verdict verdict = trust.judgeCosign(subject, digests, found);
    return new Outcome(verdict, Optional.of(Evidence.cosign(found, digests)));
  }

  /**
   * The first place that has any signature decides. A mirror that breaks on the way is passed over,
   * like one that has none.
   */
  private List<CosignSignature> search(
      String attempted, List<RegistryCaller> callers, List<Digest> digests) throws EngineException {
    List<CosignSignature> found = new ArrayList<>();
    EngineException failure = null;
    for (RegistryCaller caller : callers) {
      try {
        found.addAll(new SignatureSearch(caller, diagnostics).search(attempted, digests));
      } catch (EngineException e) {
        diagnostics.debug(String.valueOf(e.getMessage()));
        failure = e;
      }
      if (!found.isEmpty()) {
        return found;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return found;
  }
}
