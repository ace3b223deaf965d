package rkt.trust.pgp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.bcpg.sig.RevocationReason;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a key says about it. Each signature is verified before it is believed; those
 * that do not verify say nothing, for anybody can add them to a key.
 *
 * <p>A revocation counts whatever reason it gives and whenever it was made: a key its owner took
 * back vouches for nothing. Revocations by designated revokers are not known here.
 */
final class SelfSignatures {
  /** Clocks differ. */
  static final Duration SKEW = Duration.ofMinutes(10);

  /** More is not a key but an attack on whoever verifies it. */
  private static final int MAX_VERIFIED = 500;

  /**
   * What is known of a key.
   *
   * @param signs meant to sign data
   * @param problem why it vouches for nothing now; empty when it does
   */
  record Standing(boolean signs, Optional<Instant> expires, String problem) {}

  private final PGPPublicKey primary;
  private final Instant now;
  private final List<String> identities = new ArrayList<>();
  private int verified;

  SelfSignatures(PGPPublicKey primary, Instant now) {
    this.primary = primary;
    this.now = now;
  }

  /** After {@link #primary}: the user IDs the owner vouches for. */
  List<String> identities() {
    return identities;
  }

  Standing primary() throws OpenPgpException {
    String weakness = Algorithms.weakness(primary);
    if (!weakness.isEmpty() && !Algorithms.computable(primary)) {
      return new Standing(true, Optional.empty(), weakness);
    }
    PGPSignature newest = null;
    String problem = weakness;
    for (PGPSignature signature : own(primary.getKeySignatures())) {
      int type = signature.getSignatureType();
      if (type == PGPSignature.KEY_REVOCATION && verifies(signature, null, null)) {
        problem = revocation("the key", signature);
      } else if (type == PGPSignature.DIRECT_KEY && current(signature, null, null)) {
        newest = newer(newest, signature);
      }
    }
    for (Iterator<byte[]> it = primary.getRawUserIDs(); it.hasNext(); ) {
      newest = newer(newest, identity(it.next()));
    }
    if (newest == null || identities.isEmpty()) {
      String nobody = "entity without any identities";
      return new Standing(true, Optional.empty(), problem.isEmpty() ? nobody : problem);
    }
    Optional<Instant> expires = expiry(primary, newest);
    return new Standing(
        signs(newest), expires, problem.isEmpty() ? expired("the key", expires) : problem);
  }

  /** The newest certification of a user ID, unless it is taken back; also notes the identity. */
  private @Nullable PGPSignature identity(byte[] id) throws OpenPgpException {
    PGPSignature newest = null;
    Instant revoked = Instant.MIN;
    Iterator<PGPSignature> signatures = primary.getSignaturesForID(id);
    for (PGPSignature signature : own(signatures)) {
      if (signature.getSignatureType() == PGPSignature.CERTIFICATION_REVOCATION) {
        if (verifies(signature, id, null)) {
          Instant made = created(signature);
          revoked = made.isAfter(revoked) ? made : revoked;
        }
      } else if (signature.isCertification() && current(signature, id, null)) {
        newest = newer(newest, signature);
      }
    }
    if (newest == null || !created(newest).isAfter(revoked)) {
      return null;
    }
    identities.add(new String(id, StandardCharsets.UTF_8));
    return newest;
  }

  Standing subkey(PGPPublicKey key, Standing owner) throws OpenPgpException {
    PGPSignature binding = null;
    String revoked = "";
    for (PGPSignature signature : own(key.getKeySignatures())) {
      int type = signature.getSignatureType();
      if (type == PGPSignature.SUBKEY_REVOCATION && verifies(signature, null, key)) {
        revoked = revocation("the subkey", signature);
      } else if (type == PGPSignature.SUBKEY_BINDING && current(signature, null, key)) {
        binding = newer(binding, signature);
      }
    }
    if (binding == null) {
      return new Standing(false, Optional.empty(), "the subkey is not bound to the key");
    }
    boolean signs = signs(binding);
    Optional<Instant> expires = expiry(key, binding);
    String problem = owner.problem();
    if (problem.isEmpty()) {
      problem = revoked;
    }
    if (problem.isEmpty()) {
      problem = expired("the subkey", expires);
    }
    if (problem.isEmpty() && signs) {
      problem = Algorithms.weakness(key);
    }
    if (problem.isEmpty() && signs && !crossCertified(key, binding)) {
      problem = "the subkey does not certify the key it belongs to";
    }
    return new Standing(signs, expires, problem);
  }

  /**
   * Without the subkey's own signature over the primary key anybody could adopt somebody else's
   * signing key as a subkey and claim what it signed.
   */
  private boolean crossCertified(PGPPublicKey key, PGPSignature binding) throws OpenPgpException {
    try {
      for (PGPSignatureSubpacketVector area :
          List.of(binding.getHashedSubPackets(), binding.getUnhashedSubPackets())) {
        PGPSignatureList embedded = area.getEmbeddedSignatures();
        for (int i = 0; i < embedded.size(); i++) {
          PGPSignature back = embedded.get(i);
          if (back.getSignatureType() == PGPSignature.PRIMARYKEY_BINDING
              && verifies(back, key, null, null)) {
            return true;
          }
        }
      }
      return false;
    } catch (PGPException | RuntimeException malformed) {
      return false;
    }
  }

  /** Signatures that claim to be the primary key's. */
  private List<PGPSignature> own(@Nullable Iterator<PGPSignature> signatures) {
    List<PGPSignature> out = new ArrayList<>();
    while (signatures != null && signatures.hasNext()) {
      PGPSignature signature = signatures.next();
      if (signature.getKeyID() == primary.getKeyID()) {
        out.add(signature);
      }
    }
    return out;
  }

  /** Whether a signature verifies and says something about now. */
  private boolean current(
      PGPSignature signature, byte @Nullable [] id, @Nullable PGPPublicKey subkey)
      throws OpenPgpException {
    Instant made = created(signature);
    if (made.isAfter(now.plus(SKEW))) {
      return false;
    }
    long lasts = signature.getHashedSubPackets().getSignatureExpirationTime();
    return (lasts == 0 || now.isBefore(made.plusSeconds(lasts))) && verifies(signature, id, subkey);
  }

  private boolean verifies(
      PGPSignature signature, byte @Nullable [] id, @Nullable PGPPublicKey subkey)
      throws OpenPgpException {
    return verifies(signature, primary, id, subkey);
  }

  /**
   * Over a user ID, a subkey, or the primary key alone; with {@code by} a subkey: over both keys.
   */
  private boolean verifies(
      PGPSignature signature, PGPPublicKey by, byte @Nullable [] id, @Nullable PGPPublicKey subkey)
      throws OpenPgpException {
    if (++verified > MAX_VERIFIED) {
      throw new OpenPgpException(
          "openpgp: a key with more than " + MAX_VERIFIED + " self-signatures");
    }
    int hash = signature.getHashAlgorithm();
    if (hash == HashAlgorithmTags.MD5 || signature.getKeyAlgorithm() != by.getAlgorithm()) {
      return false;
    }
    try {
      signature.init(new BcPGPContentVerifierBuilderProvider(), by);
      if (by != primary) {
        return signature.verifyCertification(primary, by);
      }
      if (id != null) {
        return signature.verifyCertification(id, primary);
      }
      return subkey == null
          ? signature.verifyCertification(primary)
          : signature.verifyCertification(primary, subkey);
    } catch (PGPException | RuntimeException malformed) {
      // A signature that cannot be computed with is one that does not verify.
      return false;
    }
  }

  private static @Nullable PGPSignature newer(@Nullable PGPSignature a, @Nullable PGPSignature b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return created(b).isBefore(created(a)) ? a : b;
  }

  /** By the signed subpacket only; a signature without one is as old as can be. */
  static Instant created(PGPSignature signature) {
    Date date = signature.getHashedSubPackets().getSignatureCreationTime();
    return date == null ? Instant.EPOCH : date.toInstant();
  }

  /** Keys without flags are from before there were flags, and may sign if their algorithm can. */
  private static boolean signs(PGPSignature signature) {
    PGPSignatureSubpacketVector said = signature.getHashedSubPackets();
    return said.hasSubpacket(SignatureSubpacketTags.KEY_FLAGS)
        ? (said.getKeyFlags() & KeyFlags.SIGN_DATA) != 0
        : signature.getSignatureType() != PGPSignature.SUBKEY_BINDING;
  }

  private static Optional<Instant> expiry(PGPPublicKey key, PGPSignature signature) {
    long seconds = signature.getHashedSubPackets().getKeyExpirationTime();
    return seconds == 0
        ? Optional.empty()
        : Optional.of(key.getCreationTime().toInstant().plusSeconds(seconds));
  }

  private String expired(String what, Optional<Instant> expires) {
    return expires.isPresent() && !now.isBefore(expires.get())
        ? what + " expired on " + day(expires.get())
        : "";
  }

  private static String revocation(String what, PGPSignature signature) {
    StringBuilder text = new StringBuilder(what);
    text.append(" was revoked on ").append(day(created(signature)));
    RevocationReason reason = signature.getHashedSubPackets().getRevocationReason();
    if (reason != null) {
      text.append(" (").append(word(reason.getRevocationReason()));
      String said = reason.getRevocationDescription();
      if (said != null && !said.isEmpty()) {
        text.append(": ").append(rkt.schema.Texts.printable(said));
      }
      text.append(')');
    }
    return text.toString();
  }

  /** RFC 9580, section 5.2.3.31. */
  private static String word(byte reason) {
    return switch (reason) {
      case 1 -> "superseded";
      case 2 -> "compromised";
      case 3 -> "no longer used";
      case 32 -> "user ID no longer valid";
      default -> "no reason given";
    };
  }

  static String day(Instant instant) {
    return instant.toString().substring(0, 10);
  }
}
