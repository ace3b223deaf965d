package rkt.image;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rkt.image.build.AciBuildRequest;
import rkt.image.build.AciBuilder;
import rkt.image.build.AciCompression;
import rkt.image.build.ManifestFlags;
import rkt.image.registry.RegistryLimits;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** A store, images to put into it, and what was said on the way. */
final class FetchRig {
  /** One try per request, so that what a test breaks stays broken. */
  static final RegistryLimits ONCE = limits(1);

  /** A second try, at once. */
  static final RegistryLimits TWICE = limits(2);

  final Kernel kernel = Kernel.linux();
  final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  final TestTrust trust = new TestTrust();
  final Path directory;
  final ImageStore store;

  FetchRig(Path directory) throws EngineException {
    this.directory = directory;
    this.store = ImageStore.open(directory.resolve("cas"), kernel);
  }

  static RegistryLimits limits(int attempts) {
    return new RegistryLimits(
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        attempts,
        Duration.ofMillis(1),
        2);
  }

  Diagnostics diagnostics() {
    return new Diagnostics() {
      @Override
      public void debug(String line) {
        lines.add("D " + line);
      }

      @Override
      public void warn(String line) {
        lines.add(line);
      }
    };
  }

  /** Nothing insecure but what is named; the trust is {@link #trust} unless images go unchecked. */
  FetchOptions options(PullPolicy policy, String insecure, RegistryLimits limits)
      throws EngineException {
    InsecureOptions parsed = InsecureOptions.parse(insecure);
    FetchOptions options = new FetchOptions(parsed, policy, diagnostics(), "rkt/test", limits);
    return parsed.has(InsecureOption.IMAGE) ? options : options.withTrust(trust);
  }

  ImageRecord find(String text, PullPolicy policy, String insecure) throws EngineException {
    return new ImageFinder(store, options(policy, insecure, ONCE)).find(ImageStrings.parse(text));
  }

  /**
   * Builds an image.
   *
   * @param size of a file in it that does not compress
   * @param flags as on the command line, {@code name=value}
   */
  byte[] aci(String name, int size, String... flags) throws Exception {
    Path root = Files.createTempDirectory(directory, "root");
    byte[] noise = new byte[size];
    new java.util.Random(size).nextBytes(noise);
    Files.write(root.resolve("noise"), noise);
    Path output = Files.createTempDirectory(directory, "out").resolve("image.aci");
    Map<String, List<String>> given = new LinkedHashMap<>();
    given.put("name", List.of(name));
    for (String flag : flags) {
      int equals = flag.indexOf('=');
      given
          .computeIfAbsent(flag.substring(0, equals), key -> new ArrayList<>())
          .add(flag.substring(equals + 1));
    }
    new AciBuilder(kernel)
        .build(
            new AciBuildRequest(
                root,
                output,
                ManifestFlags.toManifest(given, List.of()),
                AciCompression.GZIP,
                false,
                false,
                true));
    return Files.readAllBytes(output);
  }
}
