package rkt.pod;

import java.nio.file.Path;
import java.util.Optional;
import rkt.image.InsecureOptions;
import rkt.pod.config.ConfigDirs;

/**
 * The global flags.
 *
 * @param dataDir {@code --dir} when given; else the configuration decides, else {@code
 *     /var/lib/rkt}
 * @param configDirs {@code --system-config}, {@code --local-config}, {@code --user-config}
 * @param insecure {@code --insecure-options}
 * @param reporter where messages go
 * @param libDir the directory that holds {@code rkt-supervisor}
 * @param training true when a training run rehearses commands: the final exec becomes a plain
 *     return
 */
public record EngineOptions(
    Optional<Path> dataDir,
    ConfigDirs configDirs,
    InsecureOptions insecure,
    Reporter reporter,
    Path libDir,
    boolean training) {}
