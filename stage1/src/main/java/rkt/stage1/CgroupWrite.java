package rkt.stage1;

import java.nio.file.Path;

/** A value for a file of a cgroup, whose directory is made when missing, parents first. */
public record CgroupWrite(Path file, String value) {}
