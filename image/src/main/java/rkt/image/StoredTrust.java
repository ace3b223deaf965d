package rkt.image;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.image.ImageString.DockerImage;
import rkt.image.ImageString.NameImage;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.Labels;
import rkt.schema.appc.OsArch;
import rkt.schema.oci.DockerReference;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.StoredReference;
import rkt.trust.Demand;
import rkt.trust.Evidence;
import rkt.trust.PolicyRule;
import rkt.trust.Subject;
import rkt.trust.Trust;

/**
 * Whether an image of the store may be used, now and by the name it is asked for. An image may have
 * come by another name, or call itself what it likes: neither opens what a rule protects. Only
 * worth asking while {@link Trust#rechecks}.
 */
public final class StoredTrust {
  private static final String DOCKER = "docker://";

  private final ImageStore store;
  private final Trust trust;

  public StoredTrust(ImageStore store, Trust trust) {
    this.store = store;
    this.trust = trust;
  }

  /**
   * By whatever it was asked for.
   *
   * @throws EngineException REFUSED
   */
  public void check(ImageString asked, ImageRecord image) throws EngineException {
    if (asked instanceof DockerImage docker) {
      byReference(image, docker.reference());
    } else if (asked instanceof NameImage name && isAlias(name, image)) {
      byAlias(image, name.name());
    } else if (asked instanceof NameImage name) {
      byName(image, name.name());
    } else {
      byId(image);
    }
  }

  /**
   * As if the image had the name already.
   *
   * @throws EngineException REFUSED
   */
  public void checkTag(ImageString target, ImageRecord image) throws EngineException {
    if (target instanceof NameImage name) {
      byAlias(image, name.name());
    } else {
      check(target, image);
    }
  }

  private boolean isAlias(NameImage name, ImageRecord image) throws EngineException {
    Optional<ImageRecord> local = LocalNames.find(store, name);
    return local.isPresent() && local.get().id().equals(image.id());
  }

  /** What {@link #check} judges the image as: usually one subject. */
  public List<Subject> subjects(ImageString asked, ImageRecord image) throws EngineException {
    if (asked instanceof DockerImage docker) {
      return List.of(subject(image, repository(docker.reference())));
    }
    if (asked instanceof NameImage name) {
      Subject subject = subject(image, name.name().value());
      Optional<PolicyRule> rule = trust.rule(subject);
      if (image.kind() == ImageRecord.Kind.ACI && !isAlias(name, image)
          || (rule.isPresent() && !rule.get().prefix().isEmpty())) {
        return List.of(subject);
      }
    }
    List<Subject> out = new ArrayList<>();
    for (Verdict verdict : known(image)) {
      out.add(subject(image, verdict.subject()));
    }
    return out;
  }

  /** The best image of this name that may be used by it; an image that may not hides no ACI. */
  Optional<ImageRecord> choose(AcIdentifier name, Labels labels) throws EngineException {
    EngineException refusal = null;
    for (ImageRecord image : store.byPreference(name, labels)) {
      try {
        byName(image, name);
        return Optional.of(image);
      } catch (EngineException e) {
        if (image.kind() == ImageRecord.Kind.ACI || e.code() != ErrorCode.REFUSED) {
          throw e;
        }
        refusal = refusal == null ? e : refusal;
      }
    }
    if (refusal != null) {
      throw refusal;
    }
    return Optional.empty();
  }

  /** What would be run by a name, which need not be what is found by it; if nothing is: that. */
  public ImageRecord preferred(NameImage name, ImageRecord found) throws EngineException {
    if (isAlias(name, found)) {
      return found;
    }
    try {
      return choose(name.name(), OsArch.withHostDefaults(name.labels())).orElse(found);
    } catch (EngineException e) {
      if (e.code() == ErrorCode.REFUSED) {
        return found;
      }
      throw e;
    }
  }

  /** Under the repository, if a rule covers it or the image was judged as from there. */
  public void byReference(ImageRecord image, DockerReference reference) throws EngineException {
    Subject subject = subject(image, repository(reference));
    boolean judged = false;
    for (Verdict verdict : image.verdicts()) {
      judged |= subject.isNamed(verdict.subject());
    }
    if (judged || trust.rule(subject).isPresent()) {
      under(image, subject);
    } else {
      byId(image);
    }
  }

  /** Under a name that the administrator gave it, if a rule covers that name. */
  void byAlias(ImageRecord image, AcIdentifier alias) throws EngineException {
    Subject subject = subject(image, alias.value());
    Optional<PolicyRule> rule = trust.rule(subject);
    if (rule.isPresent() && !rule.get().prefix().isEmpty()) {
      under(image, subject);
    } else {
      byId(image);
    }
  }

  /**
   * Under the name that it has. An OCI image chose it itself, or it is made of where it was fetched
   * from: then the rule for that place says more than one for everything.
   */
  void byName(ImageRecord image, AcIdentifier name) throws EngineException {
    Subject subject = subject(image, name.value());
    if (image.kind() == ImageRecord.Kind.ACI) {
      under(image, subject);
      return;
    }
    Optional<PolicyRule> rule = trust.rule(subject);
    if (rule.isEmpty()) {
      byId(image);
      return;
    }
    if (rule.get().prefix().isEmpty()) {
      for (Verdict verdict : known(image)) {
        if (isMadeOf(name, verdict.subject())) {
          under(image, Subject.oci(verdict.subject()));
          return;
        }
      }
    }
    if (!rule.get().suits(Subject.Format.OCI)) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          "image \"" + name + "\" is not trusted",
          "the "
              + rule.get().where()
              + " accepts \""
              + rule.get().accepted()
              + "\", but the image of that name in the store is an OCI image",
          "use it by its ID or reference, or fetch the ACI");
    }
    under(image, subject);
  }

  private static boolean isMadeOf(AcIdentifier name, String subject) {
    try {
      return !subject.isEmpty() && AcIdentifier.sanitize(subject).equals(name);
    } catch (SchemaException e) {
      return false;
    }
  }

  /**
   * Under the names it was judged by: none of them may be closed by now, and of those that rules
   * cover one must still be good.
   */
  public void byId(ImageRecord image) throws EngineException {
    if (image.kind() == ImageRecord.Kind.ACI) {
      under(image, Subject.aci(image.name().value()));
      return;
    }
    EngineException refusal = null;
    boolean good = false;
    for (Verdict verdict : known(image)) {
      Subject subject = Subject.oci(verdict.subject());
      Optional<PolicyRule> rule = trust.rule(subject);
      try {
        trust.recheck(subject, verdict);
        good |= rule.isPresent() && rule.get().suits(Subject.Format.OCI);
      } catch (EngineException e) {
        if (e.code() != ErrorCode.REFUSED || (rule.isPresent() && rule.get().isClosed())) {
          throw e;
        }
        refusal = refusal == null ? e : refusal;
      }
    }
    if (refusal != null && !good) {
      throw refusal;
    }
  }

  /** An ACI with all that it is rendered from, each image by its own name. */
  private void under(ImageRecord image, Subject subject) throws EngineException {
    one(image, subject);
    if (image.kind() == ImageRecord.Kind.ACI) {
      dependencies(image);
    }
  }

  /** What is rendered beneath an ACI, as far as it is there. */
  void dependencies(ImageRecord image) throws EngineException {
    Set<ImageId> seen = new HashSet<>();
    seen.add(image.id());
    List<ImageRecord> open = new ArrayList<>();
    open.add(image);
    for (int i = 0; i < open.size(); i++) {
      for (Dependency dependency : store.manifest(open.get(i)).dependencies()) {
        Optional<ImageRecord> found = store.dependency(dependency);
        if (found.isPresent() && seen.add(found.get().id())) {
          one(found.get(), subject(found.get(), found.get().name().value()));
          open.add(found.get());
        }
      }
    }
  }

  private void one(ImageRecord image, Subject subject) throws EngineException {
    List<Verdict> about = new ArrayList<>();
    for (Verdict verdict : image.verdicts()) {
      // An OpenPGP signature is over the bytes, whatever they are called.
      if (subject.format() == Subject.Format.ACI || subject.isNamed(verdict.subject())) {
        about.add(verdict);
      }
    }
    boolean judged = !about.isEmpty();
    if (!judged) {
      about.add(Verdict.unchecked(subject.name(), 0));
    }
    EngineException refusal = null;
    for (Verdict verdict : about) {
      try {
        trust.recheck(subject, verdict);
        return;
      } catch (EngineException e) {
        if (e.code() != ErrorCode.REFUSED) {
          throw e;
        }
        refusal = refusal == null ? e : refusal;
      }
    }
    if (refusal != null && !signed(image, subject)) {
      throw judged ? refusal : neverJudged(refusal);
    }
  }

  private static EngineException neverJudged(EngineException e) {
    return EngineException.of(
        e.code(), e.attempted(), "it was not fetched by that name: " + e.why(), e.remedy());
  }

  /** Whether the cosign signatures that were kept are good for this subject, too. */
  private boolean signed(ImageRecord image, Subject subject) throws EngineException {
    if (subject.format() == Subject.Format.ACI || image.manifestDigest().isEmpty()) {
      return false;
    }
    try {
      Optional<byte[]> kept =
          trust.demand(subject) instanceof Demand.Cosign
              ? store.evidence(image.id())
              : Optional.empty();
      if (kept.isEmpty()) {
        return false;
      }
      Evidence evidence = Evidence.parse(kept.get());
      trust.judgeCosign(
          subject, evidence.digestsOf(image.manifestDigest().get()), evidence.cosign());
      return true;
    } catch (EngineException e) {
      if (e.code() == ErrorCode.REFUSED || e.code() == ErrorCode.CORRUPT) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Keeps signatures beside an image, with those that it has already: it may have been judged by
   * them under another name.
   */
  public static void keep(ImageStore store, ImageId id, Evidence evidence) throws EngineException {
    store.updateEvidence(id, before -> merged(evidence, before).toJson());
  }

  private static Evidence merged(Evidence evidence, byte[] before) {
    if (before.length == 0) {
      return evidence;
    }
    try {
      return evidence.with(Evidence.parse(before));
    } catch (EngineException e) {
      // Damaged: it is replaced.
      return evidence;
    }
  }

  /** What it was judged as; of an image from before there were verdicts: what it was fetched as. */
  private List<Verdict> known(ImageRecord image) throws EngineException {
    List<Verdict> out = new ArrayList<>();
    for (Verdict verdict : image.verdicts()) {
      if (!verdict.subject().isEmpty()) {
        out.add(verdict);
      }
    }
    if (out.isEmpty()) {
      for (StoredReference stored : store.references(image.id())) {
        String ref = stored.reference().ref();
        if (ref.startsWith(DOCKER)) {
          int platform = ref.indexOf('?');
          String text = platform < 0 ? ref : ref.substring(0, platform);
          out.add(Verdict.unchecked(repository(text), image.importTimeNanos()));
        }
      }
    }
    if (out.isEmpty()) {
      out.add(Verdict.unchecked(image.name().value(), image.importTimeNanos()));
    }
    return out;
  }

  private static String repository(String ref) throws EngineException {
    try {
      return repository(DockerReference.parse(ref));
    } catch (SchemaException e) {
      throw EngineException.of("read the reference " + ref, e);
    }
  }

  private static String repository(DockerReference reference) {
    return reference.host() + "/" + reference.repository();
  }

  private static Subject subject(ImageRecord image, String name) {
    return image.kind() == ImageRecord.Kind.ACI ? Subject.aci(name) : Subject.oci(name);
  }
}
