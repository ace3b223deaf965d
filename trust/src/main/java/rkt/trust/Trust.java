package rkt.trust;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;

/**
 * The policy and the keys of one configuration, ready to judge. Reads nothing before the first
 * question; for any number of threads.
 */
public interface Trust {
  /**
   * What an image of this subject must show.
   *
   * @throws EngineException REFUSED when the policy rejects the subject, or nothing could vouch for
   *     it (an OCI image that no rule is for)
   */
  Demand demand(Subject subject) throws EngineException;

  /**
   * Whether any key could vouch for an ACI of this name by prefix: as the ancestor asks before it
   * discovers keys, {@code root.d} is not consulted.
   */
  boolean hasKeysFor(String name) throws EngineException;

  /**
   * Checks who made an OpenPGP signature before the image is downloaded.
   *
   * @throws EngineException REFUSED {@code openpgp: signature made by unknown entity}, when no key
   *     trusted for the subject made it; anything else that is wrong with it is found later
   */
  void checkIssuer(Subject subject, byte[] signature) throws EngineException;

  /**
   * Judges an ACI by its detached OpenPGP signature.
   *
   * @param signed the archive exactly as it came, compressed or not; read to its end
   * @param signature armored or binary
   * @throws EngineException REFUSED with the reason
   */
  Verdict judgePgp(Subject subject, InputStream signed, byte[] signature) throws EngineException;

  /**
   * Judges an OCI image by what was found beside it: one good signature is enough.
   *
   * @param digests what a signature may name: the digest of the index, or of the manifest
   * @throws EngineException REFUSED with a reason for each signature
   */
  Verdict judgeCosign(Subject subject, List<Digest> digests, List<CosignSignature> found)
      throws EngineException;

  /**
   * Whether {@link #recheck} might refuse anything: false while no policy says a word, so that
   * callers need not look for what to ask about.
   */
  default boolean rechecks() throws EngineException {
    return true;
  }

  /**
   * The rule of a policy file that is for a subject's name, whatever its format; empty when none is
   * or nothing is asked of images.
   */
  default Optional<PolicyRule> rule(Subject subject) throws EngineException {
    return Optional.empty();
  }

  /**
   * Looks at an earlier verdict under today's policy and keys. Cheap while no policy speaks of the
   * subject: then what is in the store may run, as it always could. Whether the verdict is one
   * about the subject is for the caller to know.
   *
   * @throws EngineException REFUSED when it would not be let in any more
   */
  void recheck(Subject subject, Verdict earlier) throws EngineException;
}
