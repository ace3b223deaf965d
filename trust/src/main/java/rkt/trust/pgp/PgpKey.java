package rkt.trust.pgp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;

/**
 * A public key with its subkeys, as its owner describes it in signatures that were checked, at one
 * moment.
 *
 * <p>Of several self-signatures the newest counts, as everywhere. Self-signatures by SHA-1 count:
 * only the owner could make two that collide, and older keys have no others.
 */
public final class PgpKey {
  /** A key file larger than this is refused. */
  public static final int MAX_FILE = 8 << 20;

  /**
   * A key that may make signatures, or not.
   *
   * @param signs whether its owner meant it to sign data
   * @param expires when; empty: never
   * @param problem why it vouches for nothing now; empty when it does
   */
  public record Component(
      String fingerprint,
      String algorithm,
      boolean signs,
      Instant created,
      Optional<Instant> expires,
      String problem) {}

  private final byte[] encoded;
  private final List<String> identities;
  private final List<Component> components;
  private final List<PGPPublicKey> keys;
  private final int others;

  private PgpKey(
      byte[] encoded,
      List<String> identities,
      List<Component> components,
      List<PGPPublicKey> keys,
      int others) {
    this.encoded = encoded;
    this.identities = List.copyOf(identities);
    this.components = List.copyOf(components);
    this.keys = List.copyOf(keys);
    this.others = others;
  }

  /**
   * Reads the first key of a file, armored or binary.
   *
   * @throws OpenPgpException when there is none, or it is malformed, or nobody's
   */
  public static PgpKey parse(byte[] file, Instant now) throws OpenPgpException {
    if (file.length > MAX_FILE) {
      throw new OpenPgpException("openpgp: a key file larger than " + (MAX_FILE >> 20) + " MiB");
    }
    byte[] packets = file;
    int others = 0;
    if (Armor.isText(file)) {
      List<byte[]> blocks = Armor.decode(file, Armor.KEY);
      if (blocks.isEmpty()) {
        throw new OpenPgpException("openpgp: no public key found");
      }
      packets = blocks.getFirst();
      others = blocks.size() - 1;
    }
    byte[] first = Packets.firstKey(packets);
    others += Packets.keys(packets) - 1;
    try {
      return read(first, others, now);
    } catch (PGPException | IOException | RuntimeException e) {
      // Lengths were checked, but a library of this size has its own ideas about broken numbers.
      throw new OpenPgpException("openpgp: malformed key: " + e.getMessage(), e);
    }
  }

  private static PgpKey read(byte[] first, int others, Instant now)
      throws PGPException, IOException, OpenPgpException {
    PGPPublicKeyRing ring =
        new PGPPublicKeyRing(new ByteArrayInputStream(first), new BcKeyFingerprintCalculator());
    PGPPublicKey primary = ring.getPublicKey();
    SelfSignatures self = new SelfSignatures(primary, now);
    List<Component> components = new ArrayList<>();
    List<PGPPublicKey> keys = new ArrayList<>();
    SelfSignatures.Standing standing = self.primary();
    components.add(component(primary, standing));
    keys.add(primary);
    for (Iterator<PGPPublicKey> it = ring.getPublicKeys(); it.hasNext(); ) {
      PGPPublicKey key = it.next();
      if (!key.isMasterKey()) {
        components.add(component(key, self.subkey(key, standing)));
        keys.add(key);
      }
    }
    return new PgpKey(first, self.identities(), components, keys, others);
  }

  private static Component component(PGPPublicKey key, SelfSignatures.Standing standing) {
    return new Component(
        HexFormat.of().formatHex(key.getFingerprint()),
        Algorithms.name(key),
        standing.signs(),
        key.getCreationTime().toInstant(),
        standing.expires(),
        standing.problem());
  }

  /** Of the primary key, 40 lower-case hex digits. */
  public String fingerprint() {
    return primary().fingerprint();
  }

  public Component primary() {
    return components.getFirst();
  }

  public List<Component> subkeys() {
    return components.subList(1, components.size());
  }

  /** Whose key it is, in its own words: not to be printed without care. */
  public List<String> identities() {
    return identities;
  }

  /** Why no signature by any of its keys counts now; empty when some may. */
  public String problem() {
    String first = "";
    for (Component component : components) {
      if (component.signs() && component.problem().isEmpty()) {
        return "";
      }
      if (first.isEmpty() && (component.signs() || component == primary())) {
        first = component.problem();
      }
    }
    return first.isEmpty() ? "none of its keys is meant for signing" : first;
  }

  /** How many more keys the file has, which were not read. */
  public int others() {
    return others;
  }

  /** What was read, as packets; what was left out is gone. */
  public byte[] encoded() {
    return encoded.clone();
  }

  /** The keys in the order of primary key and subkeys. */
  List<PGPPublicKey> keys() {
    return keys;
  }

  Component component(int index) {
    return components.get(index);
  }
}
