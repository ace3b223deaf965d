package rkt.stage1.oci;

import java.nio.file.Path;

/**
 * A file of the pod that an app sees as one of its own.
 *
 * @param destination in the app, without links
 * @param source in the pod directory
 */
record ProvidedFile(String destination, Path source, boolean readOnly) {}
