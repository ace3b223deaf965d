package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** GnuPG with a home of its own; its agent ends with it. */
public final class Gpg implements AutoCloseable {
  private final Path home;

  public Gpg() throws IOException {
    home =
        Files.createTempDirectory(
            "gpg",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Whether the machine has one; tests that need it are skipped otherwise. */
  public static boolean installed() {
    return Files.isExecutable(Path.of("/usr/bin/gpg"));
  }

  /** Makes a key without a passphrase. @return the fingerprint, in lower case */
  public String generate(String identity, String algorithm, String usage, String... more)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--quick-generate-key", identity, algorithm, usage));
    arguments.add(contains(more, "--expire") ? "" : "never");
    arguments.removeIf(String::isEmpty);
    run(arguments.toArray(String[]::new));
    return fingerprints(identity).getFirst();
  }

  private static boolean contains(String[] more, String word) {
    return List.of(more).contains(word);
  }

  /** The fingerprints of a key and its subkeys. */
  public List<String> fingerprints(String key) throws IOException, InterruptedException {
    List<String> out = new ArrayList<>();
    String listing =
        new String(
            run("--with-colons", "--fingerprint", "--fingerprint", "--list-keys", key),
            StandardCharsets.UTF_8);
    for (String line : listing.split("\n")) {
      if (line.startsWith("fpr:")) {
        out.add(line.split(":")[9].toLowerCase(java.util.Locale.ROOT));
      }
    }
    return out;
  }

  /** The armored public key. */
  public byte[] export(String key) throws IOException, InterruptedException {
    return run("--armor", "--export", key);
  }

  /** A detached signature; armored with {@code --armor}. */
  public byte[] sign(byte[] data, String key, String... options)
      throws IOException, InterruptedException {
    Path file = Files.write(home.resolve("data"), data);
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("--local-user", key, "--output", "-", "--detach-sign"));
    arguments.add(file.toString());
    return run(arguments.toArray(String[]::new));
  }

  /** Publishes the revocation that gpg made together with the key. */
  public void revoke(String fingerprint) throws IOException, InterruptedException {
    String upper = fingerprint.toUpperCase(java.util.Locale.ROOT);
    Path file = home.resolve("openpgp-revocs.d").resolve(upper + ".rev");
    Files.writeString(file, Files.readString(file).replace(":-----BEGIN", "-----BEGIN"));
    run("--import", file.toString());
  }

  public byte[] run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("gpg", "--homedir", home.toString(), "--batch", "--no-tty", "--yes"));
    command.addAll(List.of("--pinentry-mode", "loopback", "--passphrase", ""));
    command.addAll(List.of(arguments));
    Path errors = home.resolve("errors");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    process.getOutputStream().close();
    byte[] out = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).as(command + "\n" + Files.readString(errors)).isZero();
    return out;
  }

  @Override
  public void close() throws IOException {
    try {
      new ProcessBuilder("gpgconf", "--homedir", home.toString(), "--kill", "all")
          .redirectErrorStream(true)
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> all = Files.walk(home)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
