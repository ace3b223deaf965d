package rkt.store.unpack;

/**
 * How to unpack.
 *
 * @param overlayWhiteouts turn the whiteouts of OCI layers into those of overlayfs; otherwise they
 *     are plain names
 * @param refuseRepeats refuse a second entry of one name (ACI); otherwise the last one wins, as in
 *     every engine
 */
public record UnpackOptions(
    boolean overlayWhiteouts, boolean refuseRepeats, Selector selector, UnpackLimits limits) {

  /** For a layer of an OCI image. */
  public static UnpackOptions layer(UnpackLimits limits) {
    return new UnpackOptions(true, false, Selector.ALL, limits);
  }
}
