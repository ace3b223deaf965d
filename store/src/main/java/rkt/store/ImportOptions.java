package rkt.store;

import java.util.List;
import java.util.Optional;
import rkt.schema.ImageId;
import rkt.schema.trust.Verdict;

/**
 * How to take in an ACI.
 *
 * @param origin what the user called it (path or URL), for messages
 * @param latest whether it was asked for without a version
 * @param refs references to remember for it, such as its URL
 * @param expected refuse any other image
 * @param maxUncompressedBytes refuse a larger archive (decompression bombs)
 * @param verdict why it is let in
 * @param gate asked for the verdict instead, once the file has been read
 * @param rendering unpack it at once, if it is root who asks and it stands for itself; then {@link
 *     ImageStore#rootfs} finds the tree
 */
public record ImportOptions(
    String origin,
    boolean latest,
    List<Reference> refs,
    Optional<ImageId> expected,
    long maxUncompressedBytes,
    Verdict verdict,
    Optional<Gate> gate,
    boolean rendering) {

  /** Larger than any image in sight, smaller than a bomb. */
  public static final long DEFAULT_MAX_BYTES = 128L << 30;

  public ImportOptions {
    refs = List.copyOf(refs);
  }

  public static ImportOptions of(String origin) {
    return new ImportOptions(
        origin,
        false,
        List.of(),
        Optional.empty(),
        DEFAULT_MAX_BYTES,
        Verdict.unchecked(origin, 0),
        Optional.empty(),
        false);
  }

  public ImportOptions withLatest(boolean value) {
    return new ImportOptions(
        origin, value, refs, expected, maxUncompressedBytes, verdict, gate, rendering);
  }

  public ImportOptions withRefs(List<Reference> values) {
    return new ImportOptions(
        origin, latest, values, expected, maxUncompressedBytes, verdict, gate, rendering);
  }

  public ImportOptions withExpected(ImageId id) {
    return new ImportOptions(
        origin, latest, refs, Optional.of(id), maxUncompressedBytes, verdict, gate, rendering);
  }

  public ImportOptions withMaxUncompressedBytes(long bytes) {
    return new ImportOptions(origin, latest, refs, expected, bytes, verdict, gate, rendering);
  }

  public ImportOptions withVerdict(Verdict value) {
    return new ImportOptions(
        origin, latest, refs, expected, maxUncompressedBytes, value, gate, rendering);
  }

  public ImportOptions withGate(Gate value) {
    return new ImportOptions(
        origin,
        latest,
        refs,
        expected,
        maxUncompressedBytes,
        verdict,
        Optional.of(value),
        rendering);
  }

  public ImportOptions withRendering(boolean value) {
    return new ImportOptions(
        origin, latest, refs, expected, maxUncompressedBytes, verdict, gate, value);
  }
}
