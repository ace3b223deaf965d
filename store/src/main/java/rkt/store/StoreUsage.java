package rkt.store;

import java.util.List;

/**
 * What all images take on the disk.
 *
 * @param images in no order
 * @param totalBytes what is shared counted once
 */
public record StoreUsage(List<ImageUsage> images, long totalBytes) {
  public StoreUsage {
    images = List.copyOf(images);
  }
}
