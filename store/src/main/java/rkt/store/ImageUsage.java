package rkt.store;

/**
 * What an image takes on the disk.
 *
 * @param blobBytes as stored: an ACI's archive; manifest, configuration and layers of an OCI image
 * @param treeBytes in its rendered tree or its unpacked layers
 * @param uniqueBytes of both, what only this image has: what its removal and gc would free
 * @param sharedBytes of both, what other images have, too
 */
public record ImageUsage(
    ImageRecord image, long blobBytes, long treeBytes, long uniqueBytes, long sharedBytes) {
  /** All of it. */
  public long size() {
    return blobBytes + treeBytes;
  }
}
