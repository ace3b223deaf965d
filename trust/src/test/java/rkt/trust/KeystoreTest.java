package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import rkt.trust.pgp.PgpKey;

@EnabledIf("rkt.trust.Gpg#installed")
class KeystoreTest {
  private static final byte[] NOTHING = new byte[0];

  private static String fingerprint;
  private static byte[] armored;
  private static byte[] signature;

  @TempDir Path base;

  @BeforeAll
  static void makeKey() throws Exception {
    try (Gpg gpg = new Gpg()) {
      fingerprint = gpg.generate("Key <key@example.com>", "ed25519", "sign");
      armored = gpg.export(fingerprint);
      signature = gpg.sign(TrustRig.IMAGE, fingerprint);
    }
  }

  private TrustRig rig() {
    return new TrustRig(base);
  }

  private static void accepted(TrustRig rig, String name) {
    assertThat(rig.refusal(name, signature)).isEmpty();
  }

  private static void unknown(TrustRig rig, String name) {
    assertThat(rig.refusal(name, signature))
        .startsWith("openpgp: signature made by unknown entity: it is by key ");
  }

  @Test
  void prefixKeysCoverWhatIsBelowAndNothingElse() throws IOException {
    TrustRig rig = rig().key(true, "acme.com/services", fingerprint, armored);
    accepted(rig, "acme.com/services");
    accepted(rig, "acme.com/services/web/auth");
    unknown(rig, "acme.com");
    unknown(rig, "acme.com/servicesandmore");
    unknown(rig, "other.com/acme.com/services");
    TrustRig deep =
        new TrustRig(base.resolve("2"))
            .key(false, "acme.com/services/web/nginx", fingerprint, armored);
    accepted(deep, "acme.com/services/web/nginx");
    unknown(deep, "acme.com/services/web");
  }

  @Test
  void rootKeysCoverEverything() throws IOException {
    TrustRig rig = rig().key(false, "", fingerprint, armored);
    accepted(rig, "anything.example/at/all");
    rig.key(true, "", fingerprint, NOTHING);
    unknown(rig, "anything.example/at/all");
  }

  @Test
  void anEmptyLocalFileMasksASystemKey() throws IOException {
    TrustRig rig = rig().key(false, "acme.com", fingerprint, armored);
    accepted(rig, "acme.com/app");
    rig.key(true, "acme.com", fingerprint, NOTHING);
    unknown(rig, "acme.com/app");
  }

  @Test
  void hasKeysLooksAtPrefixesOnly() throws Exception {
    TrustRig rig = rig().key(true, "", fingerprint, armored);
    assertThat(rig.trust().hasKeysFor("acme.com/app")).isFalse();
    rig.key(false, "acme.com", fingerprint, armored);
    rig.key(true, "acme.com", fingerprint, NOTHING);
    assertThat(rig.trust().hasKeysFor("acme.com/app")).isTrue();
    assertThat(rig.trust().hasKeysFor("acme.org")).isFalse();
  }

  @Test
  void fileNameIsTheFingerprint() throws IOException {
    String other = "0123456789abcdef0123456789abcdef01234567";
    TrustRig rig = rig().key(true, "acme.com", other, armored);
    assertThat(rig.refusal("acme.com", signature))
        .startsWith("fingerprint mismatch: \"")
        .endsWith(other + "\":\"" + fingerprint + "\"");
  }

  @Test
  void addingMasksAndRemoving() throws Exception {
    TrustRig rig = rig();
    KeystoreChanges changes = new KeystoreChanges(rig.keystore);
    PgpKey key = PgpKey.parse(armored, Instant.now());
    Path file = changes.add("acme.com/app", key);
    assertThat(file)
        .isEqualTo(rig.local.resolve("trustedkeys/prefix.d/acme.com/app").resolve(fingerprint));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwxr-xr-x");
    assertThat(Files.readString(file)).startsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n");
    accepted(rig, "acme.com/app/x");

    assertThatThrownBy(() -> changes.remove("", fingerprint))
        .hasMessageContaining("--prefix=acme.com/app");
    assertThat(changes.remove("acme.com/app", fingerprint.toUpperCase(java.util.Locale.ROOT)))
        .isEqualTo(KeystoreChanges.Removal.REMOVED);
    unknown(rig, "acme.com/app/x");

    rig.key(false, "", fingerprint, armored);
    assertThat(changes.remove("", fingerprint)).isEqualTo(KeystoreChanges.Removal.MASKED);
    assertThat(rig.local.resolve("trustedkeys/root.d").resolve(fingerprint)).isEmptyFile();
    unknown(rig, "acme.com/app/x");
    assertThatThrownBy(() -> changes.remove("", fingerprint)).hasMessageContaining("not trusted");
    changes.add("", key);
    accepted(rig, "acme.com/app/x");
  }

  @Test
  void keysGoNowhereElse() throws Exception {
    TrustRig rig = rig();
    KeystoreChanges changes = new KeystoreChanges(rig.keystore);
    PgpKey key = PgpKey.parse(armored, Instant.now());
    for (String bad : new String[] {"../../x", "a/../b", "a//b", "/a", "a/", "acme.com/*", "A"}) {
      assertThatThrownBy(() -> changes.add(bad, key)).hasMessageContaining("invalid prefix");
    }
    Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
    Path prefixes = Files.createDirectories(rig.local.resolve("trustedkeys/prefix.d"));
    Files.createSymbolicLink(prefixes.resolve("acme.com"), elsewhere);
    assertThatThrownBy(() -> changes.add("acme.com/app", key))
        .hasMessageContaining("is not a directory but a link or a file");
    assertThat(elsewhere).isEmptyDirectory();
    assertThatThrownBy(() -> changes.add("acme.com/*", key))
        .hasMessageContaining("the plain prefix covers everything below it: acme.com");
  }
}
