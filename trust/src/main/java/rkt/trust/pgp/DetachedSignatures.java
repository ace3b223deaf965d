package rkt.trust.pgp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.IssuerFingerprint;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;

/** The signatures of a detached signature file, armored or binary: one good one is enough. */
public final class DetachedSignatures {
  /** A signature file larger than this is refused. */
  public static final int MAX_FILE = 1 << 20;

  /** As the ancestor says it. */
  public static final String UNKNOWN = "openpgp: signature made by unknown entity";

  /** The signature is sound, but over something else. */
  public static final String OTHER_FILE =
      "openpgp: invalid signature: the file is not what was signed";

  private static final String NONE = "keystore: no valid signatures found in signature file";
  private static final int MAX_SIGNATURES = 64;
  private static final int BUFFER = 1 << 17;

  /** What a critical subpacket may be: those whose meaning is respected here. */
  private static final List<Integer> UNDERSTOOD =
      List.of(
          SignatureSubpacketTags.CREATION_TIME,
          SignatureSubpacketTags.EXPIRE_TIME,
          SignatureSubpacketTags.EXPORTABLE,
          SignatureSubpacketTags.REVOCABLE,
          SignatureSubpacketTags.ISSUER_KEY_ID,
          SignatureSubpacketTags.POLICY_URL,
          SignatureSubpacketTags.KEY_FLAGS,
          SignatureSubpacketTags.SIGNER_USER_ID,
          SignatureSubpacketTags.FEATURES,
          SignatureSubpacketTags.ISSUER_FINGERPRINT);

  /** What one signature turned out to be worth. */
  public sealed interface Result {
    /** Who made it, as 16 or 40 hex digits. */
    String issuer();

    /** It vouches. */
    record Good(String issuer, PgpKey key) implements Result {}

    /** It does not. */
    record Bad(String issuer, String why) implements Result {}
  }

  /** A key that may have made a signature: one of {@code key}'s own or subkeys. */
  private record Signer(PgpKey key, int index) {
    PGPPublicKey publicKey() {
      return key.keys().get(index);
    }
  }

  private record Candidate(PGPSignature signature, Signer signer, MessageDigest digest) {}

  private final List<PGPSignature> signatures;

  private DetachedSignatures(List<PGPSignature> signatures) {
    this.signatures = List.copyOf(signatures);
  }

  /**
   * Reads a signature file.
   *
   * @throws OpenPgpException when there is no signature in it that can be read
   */
  public static DetachedSignatures parse(byte[] file) throws OpenPgpException {
    if (file.length > MAX_FILE) {
      throw new OpenPgpException("openpgp: a signature larger than " + (MAX_FILE >> 20) + " MiB");
    }
    List<PGPSignature> out = new ArrayList<>();
    String broken = "";
    for (byte[] block : Armor.isText(file) ? Armor.decode(file, Armor.SIGNATURE) : List.of(file)) {
      List<Packets.Packet> packets;
      try {
        packets = Packets.of(block);
      } catch (OpenPgpException e) {
        broken = e.why();
        continue;
      }
      for (Packets.Packet packet : packets) {
        if (packet.tag() != Packets.SIGNATURE) {
          continue;
        }
        if (out.size() == MAX_SIGNATURES) {
          throw new OpenPgpException("openpgp: more than " + MAX_SIGNATURES + " signatures");
        }
        try {
          out.add(read(block, packet));
        } catch (OpenPgpException e) {
          broken = e.why();
        }
      }
    }
    if (out.isEmpty()) {
      throw new OpenPgpException(broken.isEmpty() ? NONE : NONE + " (" + broken + ")");
    }
    return new DetachedSignatures(out);
  }

  private static PGPSignature read(byte[] block, Packets.Packet packet) throws OpenPgpException {
    int version = Packets.version(block, packet);
    if (version != 4) {
      throw new OpenPgpException(
          "openpgp: signatures of version " + version + " are not supported, only version 4");
    }
    Packets.checkSignature(block, packet);
    byte[] bytes = Arrays.copyOfRange(block, packet.from(), packet.to());
    try {
      return new PGPSignature(new BCPGInputStream(new ByteArrayInputStream(bytes)));
    } catch (PGPException | IOException | RuntimeException e) {
      throw new OpenPgpException("openpgp: malformed signature: " + e.getMessage(), e);
    }
  }

  /** Whether a key out of {@code keyring} claims to have made any of the signatures. */
  public boolean madeByAny(List<PgpKey> keyring) {
    for (PGPSignature signature : signatures) {
      if (!signers(signature, keyring).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Who claims to have made the signatures, for messages. */
  public List<String> issuers() {
    List<String> out = new ArrayList<>();
    for (PGPSignature signature : signatures) {
      out.add(issuer(signature));
    }
    return out;
  }

  /**
   * Judges every signature over {@code data}, which is read to its end once, and not at all when no
   * signature can be good whatever the data is.
   */
  public List<Result> verify(InputStream data, List<PgpKey> keyring, Instant now)
      throws IOException {
    List<Result> results = new ArrayList<>();
    List<Candidate> candidates = new ArrayList<>();
    for (PGPSignature signature : signatures) {
      List<Signer> signers = signers(signature, keyring);
      if (signers.isEmpty()) {
        results.add(new Result.Bad(issuer(signature), UNKNOWN));
      }
      for (Signer signer : signers) {
        try {
          check(signature, signer, now);
          MessageDigest digest = Algorithms.digest(signature.getHashAlgorithm());
          candidates.add(new Candidate(signature, signer, digest));
        } catch (OpenPgpException e) {
          results.add(new Result.Bad(issuer(signature), e.why()));
        }
      }
    }
    if (!candidates.isEmpty()) {
      hash(data, candidates);
    }
    for (Candidate candidate : candidates) {
      results.add(outcome(candidate));
    }
    return results;
  }

  /** The keys a signature may be by, going by what it says of itself. */
  private static List<Signer> signers(PGPSignature signature, List<PgpKey> keyring) {
    List<Signer> out = new ArrayList<>();
    byte[] wanted = issuerFingerprint(signature);
    for (PgpKey key : keyring) {
      for (int i = 0; i < key.keys().size(); i++) {
        PGPPublicKey each = key.keys().get(i);
        boolean fits =
            wanted.length > 0
                ? Arrays.equals(wanted, each.getFingerprint())
                : signature.getKeyID() == each.getKeyID();
        if (fits) {
          out.add(new Signer(key, i));
        }
      }
    }
    return out;
  }

  private static byte[] issuerFingerprint(PGPSignature signature) {
    for (PGPSignatureSubpacketVector area :
        List.of(signature.getHashedSubPackets(), signature.getUnhashedSubPackets())) {
      IssuerFingerprint issuer = area.getIssuerFingerprint();
      if (issuer != null) {
        return issuer.getFingerprint();
      }
    }
    return new byte[0];
  }

  private static String issuer(PGPSignature signature) {
    byte[] fingerprint = issuerFingerprint(signature);
    return fingerprint.length > 0
        ? HexFormat.of().formatHex(fingerprint)
        : HexFormat.of().toHexDigits(signature.getKeyID());
  }

  /** Everything that does not depend on the data. */
  private static void check(PGPSignature signature, Signer by, Instant now)
      throws OpenPgpException {
    PgpKey.Component component = by.key.component(by.index);
    if (!component.problem().isEmpty()) {
      throw new OpenPgpException("openpgp: " + component.problem());
    }
    if (!component.signs()) {
      throw new OpenPgpException("openpgp: the key is not meant for signing");
    }
    if (signature.getKeyAlgorithm() != by.publicKey().getAlgorithm()) {
      throw new OpenPgpException("openpgp: the signature names another algorithm than its key");
    }
    int type = signature.getSignatureType();
    // Not over text (0x01) either: an archive has no lines, and others would have the same hash.
    if (type != PGPSignature.BINARY_DOCUMENT) {
      throw new OpenPgpException("openpgp: not a signature over a file (type " + type + ")");
    }
    PGPSignatureSubpacketVector said = signature.getHashedSubPackets();
    for (int critical : said.getCriticalTags()) {
      if (!UNDERSTOOD.contains(critical)) {
        throw new OpenPgpException(
            "openpgp: the signature has a condition that rkt does not know (subpacket "
                + critical
                + ")");
      }
    }
    checkTimes(signature, component, now);
  }

  private static void checkTimes(PGPSignature signature, PgpKey.Component by, Instant now)
      throws OpenPgpException {
    PGPSignatureSubpacketVector said = signature.getHashedSubPackets();
    if (said.getSignatureCreationTime() == null) {
      throw new OpenPgpException("openpgp: the signature does not say when it was made");
    }
    Instant made = SelfSignatures.created(signature);
    if (made.isAfter(now.plus(SelfSignatures.SKEW))) {
      throw new OpenPgpException(
          "openpgp: the signature is from the future: " + made + " (is the clock right?)");
    }
    if (made.isBefore(by.created())) {
      throw new OpenPgpException("openpgp: the signature is older than its key");
    }
    long lasts = said.getSignatureExpirationTime();
    if (lasts != 0 && !now.isBefore(made.plusSeconds(lasts))) {
      throw new OpenPgpException(
          "openpgp: the signature expired on " + SelfSignatures.day(made.plusSeconds(lasts)));
    }
  }

  private static void hash(InputStream data, List<Candidate> candidates) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int n = data.read(buffer); n >= 0; n = data.read(buffer)) {
      for (Candidate candidate : candidates) {
        candidate.digest.update(buffer, 0, n);
      }
    }
  }

  private static Result outcome(Candidate candidate) {
    PGPSignature signature = candidate.signature;
    candidate.digest.update(signature.getSignatureTrailer());
    byte[] hash = candidate.digest.digest();
    byte[] tag = signature.getDigestPrefix();
    boolean good = false;
    if (hash[0] == tag[0] && hash[1] == tag[1]) {
      try {
        good = RawSignature.verify(signature, candidate.signer.publicKey(), hash);
      } catch (PGPException | CryptoException | IOException | RuntimeException e) {
        return new Result.Bad(
            issuer(signature), "openpgp: invalid signature: malformed: " + e.getMessage());
      }
    }
    return good
        ? new Result.Good(issuer(signature), candidate.signer.key)
        : new Result.Bad(issuer(signature), OTHER_FILE);
  }
}
