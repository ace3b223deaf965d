package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;

/** An app that writes 300 MB: every byte arrives, and the supervisor stays as small as it was. */
class LogFloodTest {
  private static final long BYTES = 300_000_000;
  private static final int MOST_KIB = 4096;

  @Test
  @Timeout(90)
  void everyByteArrivesAndTheSupervisorStaysSmall() throws Exception {
    try (Rkt rkt = new Rkt()) {
      String expected = expected();
      List<String> args = new ArrayList<>(List.of("--insecure-options=image"));
      args.addAll(
          List.of(
              Probe.arguments(
                  Probe.image(rkt, "probe"),
                  List.of("--net=none"),
                  List.of(),
                  "flood",
                  Long.toString(BYTES),
                  ",",
                  "forever")));
      Process pod =
          new ProcessBuilder(rkt.command(args.toArray(String[]::new)))
              .redirectError(rkt.home().resolve("errors").toFile())
              .start();
      try {
        InputStream out = pod.getInputStream();
        assertThat(hash(out, BYTES / 64 * 64))
            .as("%s", rkt.home().resolve("errors"))
            .isEqualTo(expected);
        byte[] next = out.readNBytes("forever=".length());
        assertThat(new String(next, StandardCharsets.UTF_8)).isEqualTo("forever=");
        assertThat(peak(pod.pid())).as("peak memory in KiB").isLessThan(MOST_KIB);
        rkt.run("stop", rkt.pods().getFirst()).ok();
        assertThat(pod.waitFor()).isZero();
      } finally {
        pod.destroyForcibly().waitFor();
      }
      Path logs = rkt.data().resolve("pods/run/" + rkt.pods().getFirst() + "/logs");
      try (var files = Files.list(logs)) {
        assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isBetween(1L, 21L << 20);
      }
    }
  }

  /** What the same program writes without rkt. */
  private static String expected() throws Exception {
    Process process =
        new ProcessBuilder(Probe.binary().toString(), "flood", Long.toString(BYTES)).start();
    try {
      String hash = hash(process.getInputStream(), BYTES / 64 * 64);
      assertThat(process.waitFor()).isZero();
      return hash;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String hash(InputStream in, long bytes)
      throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[1 << 16];
    for (long left = bytes; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      assertThat(n).as(left + " bytes are missing").isPositive();
      digest.update(buffer, 0, n);
      left -= n;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static int peak(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Integer.parseInt(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new AssertionError("no VmHWM");
  }
}
