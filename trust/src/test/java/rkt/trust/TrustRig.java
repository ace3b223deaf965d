package rkt.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.trust.Verdict;

/** Configuration directories in a temporary directory, and the trust that reads them. */
final class TrustRig {
  static final byte[] IMAGE = "an image".getBytes(StandardCharsets.UTF_8);

  final Path system;
  final Path local;
  final Keystore keystore;
  Instant now = Instant.now();

  TrustRig(Path base) {
    system = base.resolve("system");
    local = base.resolve("local");
    keystore = Keystore.open(Optional.of(system), local);
  }

  Trust trust() {
    return new ConfiguredTrust(Kernel.linux(), List.of(system, local), keystore, () -> now, false);
  }

  TrustRig policy(String rules) throws IOException {
    Files.createDirectories(local);
    Files.writeString(
        local.resolve("policy.json"),
        "{\"rktKind\":\"policy\",\"rktVersion\":\"v1\",\"rules\":[" + rules + "]}");
    return this;
  }

  /** Puts a key file where it belongs. */
  TrustRig key(boolean localOne, String prefix, String fingerprint, byte[] content)
      throws IOException {
    Path dir = (localOne ? local : system).resolve("trustedkeys");
    dir = prefix.isEmpty() ? dir.resolve("root.d") : dir.resolve("prefix.d").resolve(prefix);
    Files.createDirectories(dir);
    Files.write(dir.resolve(fingerprint), content);
    return this;
  }

  Verdict judge(String name, byte[] signature) throws EngineException {
    return judge(name, IMAGE, signature);
  }

  Verdict judge(String name, byte[] image, byte[] signature) throws EngineException {
    return trust().judgePgp(Subject.aci(name), new ByteArrayInputStream(image), signature);
  }

  /** The refusal of an ACI, or an empty text when it is accepted. */
  String refusal(String name, byte[] signature) {
    return refusal(name, IMAGE, signature);
  }

  String refusal(String name, byte[] image, byte[] signature) {
    try {
      judge(name, image, signature);
      return "";
    } catch (EngineException e) {
      return e.why();
    }
  }
}
