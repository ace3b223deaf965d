package rkt.stage1;

import java.nio.file.Path;

/**
 * A file that a launch needs, outside any app's root.
 *
 * @param path absolute
 * @param bytes content; not copied, and nobody changes it
 * @param mode permission bits
 */
public record PlannedFile(Path path, byte[] bytes, int mode) {}
