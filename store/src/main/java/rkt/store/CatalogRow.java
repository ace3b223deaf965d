package rkt.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.Stat;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;

/**
 * One image in the {@link Catalog}. Text with control characters and several verdicts do not fit,
 * so such an image has no row.
 *
 * @param inode with the next three: which file this was copied from, and in which state
 * @param blobs OCI: {@code DIGEST=BYTES} between spaces
 * @param lowers OCI: the same of the layers in the overlay
 */
record CatalogRow(
    ImageRecord record,
    long inode,
    long recordBytes,
    long changedSec,
    int changedNsec,
    String treeId,
    long unpackedSize,
    String blobs,
    String lowers) {
  private static final char INNER = '\u001f';

  static CatalogRow of(IndexEntry entry, Stat stat) {
    return new CatalogRow(
        entry.record(),
        stat.ino(),
        stat.size(),
        stat.ctimeSec(),
        stat.ctimeNsec(),
        entry.treeId(),
        entry.unpackedSize(),
        sized(entry.blobs(), entry.blobSizes()),
        sized(entry.lowers(), entry.lowerSizes()));
  }

  /** An unknown size is -1. */
  private static String sized(List<Digest> digests, List<Long> sizes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < digests.size(); i++) {
      text.append(text.isEmpty() ? "" : " ").append(digests.get(i));
      text.append('=').append(i < sizes.size() ? sizes.get(i) : -1);
    }
    return text.toString();
  }

  List<Digest> blobDigests() {
    List<Digest> digests = new ArrayList<>();
    for (String blob : split(blobs, ' ')) {
      digests.add(Digest.parse(blob.substring(0, blob.indexOf('='))));
    }
    return digests;
  }

  /** The fields between tabs, those of a listing first; "" when it does not fit. */
  String format() {
    StringBuilder row = new StringBuilder(512);
    add(row, record.id().value());
    add(row, inode);
    add(row, recordBytes);
    add(row, changedSec);
    add(row, changedNsec);
    add(row, record.kind() == ImageRecord.Kind.ACI ? "aci" : "oci");
    add(row, record.name().value());
    StringBuilder labels = new StringBuilder();
    boolean fits = true;
    for (Label label : record.labels()) {
      labels.append(labels.isEmpty() ? "" : INNER).append(label.name());
      labels.append('=').append(label.value());
      fits &= fits(label.value());
    }
    row.append('\t').append(labels);
    add(row, record.importTimeNanos());
    add(row, record.size());
    add(row, record.latest() ? "1" : "");
    add(row, treeId);
    add(row, unpackedSize);
    add(row, record.manifestDigest().isPresent() ? record.manifestDigest().get().toString() : "");
    StringBuilder diffIds = new StringBuilder();
    for (Digest diffId : record.diffIds()) {
      diffIds.append(diffIds.isEmpty() ? "" : " ").append(diffId);
    }
    row.append('\t').append(diffIds);
    fits &= record.verdicts().size() == 1 && verdict(row, record.verdict());
    add(row, blobs);
    add(row, lowers);
    return fits ? row.toString() : "";
  }

  private static boolean verdict(StringBuilder row, Verdict verdict) {
    StringBuilder identities = new StringBuilder();
    boolean fits = fits(verdict.subject()) && fits(verdict.rule()) && fits(verdict.key());
    for (String identity : verdict.identities()) {
      identities.append(identities.isEmpty() ? "" : INNER).append(identity);
      // An empty one would be lost between the separators.
      fits &= fits(identity) && !identity.isEmpty();
    }
    add(row, verdict.kind().word());
    add(row, verdict.subject());
    add(row, verdict.rule());
    add(row, verdict.key());
    row.append('\t').append(identities);
    add(row, verdict.timeNanos());
    return fits;
  }

  private static void add(StringBuilder row, String field) {
    if (!row.isEmpty()) {
      row.append('\t');
    }
    row.append(field);
  }

  private static void add(StringBuilder row, long field) {
    row.append('\t').append(field);
  }

  private static boolean fits(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || Character.isSurrogate(c)) {
        return false;
      }
    }
    return true;
  }

  /** What is in front of each row and what it is good for. */
  static boolean isOf(CatalogLine in, Stat stat) {
    in.skip();
    return in.number() == stat.ino()
        && in.number() == stat.size()
        && in.number() == stat.ctimeSec()
        && in.number() == stat.ctimeNsec();
  }

  /** The rest of a row that is of this state of this record. */
  static CatalogRow parse(CatalogLine in, ImageId id, Stat stat) {
    boolean aci = in.text().equals("aci");
    AcIdentifier name = new AcIdentifier(in.text());
    Labels labels = labels(in.text());
    long importTime = in.number();
    long size = in.number();
    boolean latest = !in.text().isEmpty();
    String treeId = in.text();
    long unpackedSize = in.number();
    String manifest = in.text();
    List<Digest> diffIds = new ArrayList<>();
    for (String diffId : split(in.text(), ' ')) {
      diffIds.add(Digest.parse(diffId));
    }
    ImageRecord record =
        new ImageRecord(
            id,
            aci ? ImageRecord.Kind.ACI : ImageRecord.Kind.OCI,
            name,
            labels,
            importTime,
            Index.lastUsed(stat),
            size,
            latest,
            manifest.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(manifest)),
            diffIds,
            verdict(in));
    return new CatalogRow(
        record,
        stat.ino(),
        stat.size(),
        stat.ctimeSec(),
        stat.ctimeNsec(),
        treeId,
        unpackedSize,
        in.text(),
        in.text());
  }

  /** The beginning of a row is all that a listing needs. */
  record Head(ImageSummary summary, String treeId) {
    static Head parse(CatalogLine in, ImageId id, Stat stat, Map<String, Labels> known) {
      boolean aci = in.text().equals("aci");
      AcIdentifier name = new AcIdentifier(in.text());
      String text = in.text();
      Labels labels = known.get(text);
      if (labels == null) {
        labels = labels(text);
        known.put(text, labels);
      }
      long importTime = in.number();
      long size = in.number();
      boolean latest = !in.text().isEmpty();
      String treeId = in.text();
      return new Head(
          new ImageSummary(
              id,
              aci ? ImageRecord.Kind.ACI : ImageRecord.Kind.OCI,
              name,
              labels,
              importTime,
              Index.lastUsed(stat),
              latest,
              size,
              in.number()),
          treeId);
    }

    static Head of(IndexEntry entry) {
      ImageRecord image = entry.record();
      return new Head(
          new ImageSummary(
              image.id(),
              image.kind(),
              image.name(),
              image.labels(),
              image.importTimeNanos(),
              image.lastUsedNanos(),
              image.latest(),
              image.size(),
              entry.unpackedSize()),
          entry.treeId());
    }
  }

  private static Labels labels(String text) {
    if (text.isEmpty()) {
      return Labels.EMPTY;
    }
    List<Label> labels = new ArrayList<>();
    for (String label : split(text, INNER)) {
      int equals = label.indexOf('=');
      labels.add(new Label(label.substring(0, equals), label.substring(equals + 1)));
    }
    return new Labels(labels);
  }

  private static Verdict verdict(CatalogLine in) {
    String word = in.text();
    for (Verdict.Kind kind : Verdict.Kind.values()) {
      if (kind.word().equals(word)) {
        return new Verdict(
            kind, in.text(), in.text(), in.text(), split(in.text(), INNER), in.number());
      }
    }
    throw new SchemaException("unknown verdict");
  }

  static List<String> split(String text, char separator) {
    if (text.isEmpty()) {
      return List.of();
    }
    List<String> parts = new ArrayList<>();
    int start = 0;
    while (true) {
      int end = text.indexOf(separator, start);
      if (end < 0) {
        parts.add(text.substring(start));
        return parts;
      }
      parts.add(text.substring(start, end));
      start = end + 1;
    }
  }
}
