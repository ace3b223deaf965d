package rkt.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.ImportOptions;
import rkt.store.Reference;
import rkt.trust.Demand;
import rkt.trust.Subject;
import rkt.trust.Trust;

/** From an open ACI file, wherever it came from, to an image in the store: judged, then kept. */
final class AciIntake {
  private final ImageStore store;
  private final FetchOptions options;
  private final Diagnostics diagnostics;
  private final boolean rendering;

  /**
   * @param rendering unpack images while they are imported: those that were asked for, since the
   *     trees of dependencies are of no use by themselves
   */
  AciIntake(ImageStore store, FetchOptions options, boolean rendering) {
    this.rendering = rendering;
    this.store = store;
    this.options = options;
    this.diagnostics = options.diagnostics();
  }

  /** The one open file; each call begins at its first byte. */
  @FunctionalInterface
  interface AciFile {
    InputStream fromStart() throws IOException;
  }

  /** Where the detached signature is; asked only when one is demanded. */
  @FunctionalInterface
  interface SignatureSource {
    byte[] get() throws EngineException;
  }

  /**
   * What to take in.
   *
   * @param origin what the user called it, for messages
   * @param latest whether it was asked for without a version
   * @param refs to remember it by
   */
  record Intake(String origin, ExpectedImage expected, boolean latest, List<Reference> refs) {}

  ImageRecord take(AciFile file, SignatureSource signatures, Intake intake)
      throws EngineException, IOException {
    Trust trust = options.trust();
    try (AciGate gate = gate(file, signatures, intake)) {
      ImportOptions importing =
          ImportOptions.of(intake.origin())
              .withLatest(intake.latest())
              .withRefs(intake.refs())
              .withGate(gate)
              .withRendering(rendering);
      ImageRecord record;
      try {
        record = store.importAci(file.fromStart(), importing);
      } catch (EngineException e) {
        EngineException shown = gate.headline(e);
        hintAtKeys(shown, gate.judgedName());
        throw shown;
      }
      if (gate.evidence().length > 0) {
        report(record.verdict());
        store.saveEvidence(record.id(), gate.evidence());
      }
      trust.recheck(Subject.aci(record.name().value()), record.verdict());
      return record;
    }
  }

  private AciGate gate(AciFile file, SignatureSource signatures, Intake intake)
      throws EngineException, IOException {
    Trust trust = options.trust();
    // Whatever the name turns out to be, nothing is demanded: then there is no need to look for it.
    if (options.insecure().has(InsecureOption.IMAGE)) {
      return AciGate.unsigned(intake.origin(), intake.expected(), trust);
    }
    String name =
        intake.expected().name().isPresent()
            ? intake.expected().name().map(AcIdentifier::value).get()
            : AciName.read(file.fromStart(), intake.origin());
    Demand demand = trust.demand(Subject.aci(name));
    if (demand instanceof Demand.Nothing) {
      return AciGate.unsigned(intake.origin(), intake.expected(), trust);
    }
    if (demand instanceof Demand.Pgp) {
      byte[] signature = signatures.get();
      return AciGate.signed(intake.origin(), intake.expected(), trust, name, signature);
    }
    throw EngineException.of(
        ErrorCode.REFUSED,
        "verify image " + name,
        "the trust policy demands a cosign signature, which an ACI cannot have");
  }

  private void report(Verdict verdict) {
    if (verdict.kind() == Verdict.Kind.PGP) {
      diagnostics.warn("signature verified:");
      for (String identity : verdict.identities()) {
        diagnostics.warn("  " + identity);
      }
    }
  }

  /** As the ancestor: a key may have changed, and this is how one says so. */
  void hintAtKeys(EngineException refusal, String name) {
    if (refusal.why().contains("signature made by unknown entity")) {
      diagnostics.warn("If you expected the signing key to change, try running:");
      diagnostics.warn("    rkt trust --prefix " + name);
    }
  }
}
