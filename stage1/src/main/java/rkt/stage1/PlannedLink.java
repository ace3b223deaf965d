package rkt.stage1;

import java.nio.file.Path;

/** A symbolic link that a launch needs, outside any app's root. An existing one is left alone. */
public record PlannedLink(Path path, String target) {}
