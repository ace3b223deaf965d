package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import rkt.trust.pgp.DetachedSignatures;
import rkt.trust.pgp.OpenPgpException;
import rkt.trust.pgp.PgpKey;

/** Whatever a key or signature file holds, the end is a sentence, never another exception. */
class HostileKeysTest {
  private static String key(byte[] file) {
    try {
      return PgpKey.parse(file, Instant.now()).problem();
    } catch (OpenPgpException e) {
      return e.why();
    }
  }

  private static String signature(byte[] file) {
    try {
      DetachedSignatures.parse(file).issuers();
      return "";
    } catch (OpenPgpException e) {
      return e.why();
    }
  }

  @Test
  void notOpenPgp() {
    for (String text :
        List.of(
            "",
            "hello",
            "-----BEGIN PGP SIGNATURE-----\n",
            "-----BEGIN PGP SIGNATURE-----\n\n!!!!\n-----END PGP SIGNATURE-----\n",
            "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n")) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThat(key(bytes)).isNotEmpty();
      assertThat(signature(bytes)).isNotEmpty();
    }
    assertThat(signature("nothing".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("keystore: no valid signatures found in signature file");
    assertThat(signature(new byte[DetachedSignatures.MAX_FILE + 1])).contains("larger than");
    assertThat(key(new byte[PgpKey.MAX_FILE + 1])).contains("larger than");
  }

  @Test
  void lengthsThatLie() {
    List<byte[]> files = new ArrayList<>();
    files.add(new byte[] {(byte) 0xc6, (byte) 0xff, 0x7f, -1, -1, -1, 4});
    files.add(new byte[] {(byte) 0xc2, (byte) 0xff, -1, -1, -1, -1, 4});
    files.add(new byte[] {(byte) 0xc2, (byte) 0xe1, 4, 0, 1});
    files.add(new byte[] {(byte) 0x8b, 4, 0, 1});
    // A version 6 signature that announces two gigabytes of subpackets, and one of version 4.
    files.add(new byte[] {(byte) 0xc2, 9, 6, 0, 1, 8, 0x7f, -1, -1, -1, 0});
    files.add(new byte[] {(byte) 0xc2, 9, 4, 0, 1, 8, -1, -1, 0, 0, 0});
    files.add(new byte[] {(byte) 0xc2, 12, 4, 0, 1, 8, 0, 5, -1, 0x7f, -1, -1, -1, 0});
    files.add(new byte[] {(byte) 0xc6, 7, 4, 0, 0, 0, 1, 1, -1});
    files.add(new byte[] {(byte) 0xc6, 8, 4, 0, 0, 0, 1, 19, -1, 1});
    files.add(new byte[] {(byte) 0xc6, 6, 4, 0, 0, 0, 1, 99});
    files.add(new byte[] {(byte) 0xc6, 1, 3});
    for (byte[] file : files) {
      assertThat(key(file)).isNotEmpty();
      assertThat(signature(file)).isNotEmpty();
    }
  }

  @Test
  @EnabledIf("rkt.trust.Gpg#installed")
  void damagedFiles() throws Exception {
    byte[] key;
    byte[] signature;
    try (Gpg gpg = new Gpg()) {
      String rsa = gpg.generate("R <r@example.com>", "rsa2048", "sign");
      gpg.run("--quick-add-key", rsa, "ed25519", "sign");
      key = gpg.run("--export", rsa);
      signature = gpg.sign(TrustRig.IMAGE, rsa);
    }
    long seed = Long.getLong("rkt.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      byte[] file = (i % 2 == 0 ? key : signature).clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        file[random.nextInt(file.length)] = (byte) random.nextInt(256);
      }
      try {
        String unused = i % 2 == 0 ? key(file) : signature(file);
        assertThat(unused).isNotNull();
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + i, e);
      }
    }
  }
}
