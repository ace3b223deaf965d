package rkt.image.build;

import java.nio.file.Path;
import rkt.schema.appc.ImageManifest;

/**
 * What to build.
 *
 * @param source a directory that becomes {@code rootfs/}, or a tar of one (plain or compressed)
 * @param output the ACI to write; appears complete or not at all
 * @param keepTimes keep modification times of the source instead of the fixed time; the image ID
 *     then changes with them
 * @param ownerRoot record every file as owned by root
 * @param overwrite replace an existing output
 */
public record AciBuildRequest(
    Path source,
    Path output,
    ImageManifest manifest,
    AciCompression compression,
    boolean keepTimes,
    boolean ownerRoot,
    boolean overwrite) {}
