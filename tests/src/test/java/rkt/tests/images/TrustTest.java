package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Signed ACIs, `rkt trust` and its dialogue, the policy, explanations. */
class TrustTest {
  private static final String TERMINAL =
      Rkt.ROOT.resolve("tests/src/test/resources/terminal.py").toString();

  private Rkt rkt;
  private Path gpgHome;
  private Path aci;
  private Path key;
  private String fingerprint;

  @BeforeEach
  void setUp() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gpg")), "gnupg is not installed");
    rkt = new Rkt();
    // Sockets of its agent have short names.
    gpgHome =
        Files.createTempDirectory(
            "gpg",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    gpg("--quick-generate-key", "Signer <signer@example.com>", "ed25519", "sign", "never");
    for (String line : gpg("--with-colons", "--list-keys").out().split("\n")) {
      fingerprint =
          line.startsWith("fpr:")
              ? line.split(":")[9].toLowerCase(java.util.Locale.ROOT)
              : fingerprint;
    }
    key = rkt.home().resolve("key.asc");
    gpg("--armor", "--output", key.toString(), "--export", fingerprint);
    aci = Images.script(rkt, "app", "echo signed and running");
  }

  @AfterEach
  void tearDown() throws IOException {
    if (gpgHome != null) {
      Rkt.exec("gpgconf", "--homedir", gpgHome.toString(), "--kill", "all");
      Rkt.exec("rm", "-rf", gpgHome.toString());
    }
    if (rkt != null) {
      rkt.close();
    }
  }

  private Rkt.Result gpg(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of("gpg", "--homedir", gpgHome.toString(), "--batch", "--no-tty", "--yes"));
    command.addAll(List.of("--quiet", "--pinentry-mode", "loopback", "--passphrase", ""));
    command.addAll(Arrays.asList(arguments));
    return Rkt.exec(command.toArray(String[]::new)).ok();
  }

  private void sign() {
    gpg("--armor", "--output", aci + ".asc", "--detach-sign", aci.toString());
  }

  private Rkt.Result terminal(List<String> steps, String... arguments) {
    List<String> command = new ArrayList<>(List.of("python3", TERMINAL, "40", "200"));
    command.addAll(steps);
    command.add("--");
    command.addAll(rkt.command(arguments));
    return Rkt.exec(command.toArray(String[]::new));
  }

  private Rkt.Result trust(String... arguments) {
    List<String> all = new ArrayList<>(List.of("trust", "--skip-fingerprint-review"));
    all.addAll(List.of(arguments));
    return rkt.run(all.toArray(String[]::new));
  }

  @Test
  void onlyTheRightKeyLetsAnImageIn() throws IOException {
    assertThat(rkt.run("fetch", aci.toString()).exited(254).err())
        .contains("error opening signature file");
    sign();
    assertThat(rkt.run("fetch", aci.toString()).exited(254).err())
        .contains("openpgp: signature made by unknown entity")
        .contains("rkt trust --prefix");
    trust("--prefix=example.com/other", key.toString()).ok();
    assertThat(rkt.run("fetch", aci.toString()).exited(254).err())
        .contains("openpgp: signature made by unknown entity");

    assertThat(trust("--prefix=example.com/app", key.toString()).ok().out())
        .contains("Added key for prefix \"example.com/app\" at \"");
    Rkt.Result fetched = rkt.run("fetch", aci.toString()).ok();
    assertThat(fetched.err())
        .contains("signature verified:")
        .contains("  Signer <signer@example.com>");
    String id = fetched.out().strip();
    assertThat(rkt.run("run", "--net=none", id).ok().out()).contains("signed and running");

    byte[] changed = Files.readAllBytes(aci);
    changed[changed.length / 2] ^= 1;
    Files.write(aci, changed);
    rkt.run("fetch", aci.toString()).exited(254);
  }

  @Test
  void theDialogue() {
    String prompt = "Are you sure you want to trust this key (yes/no)?";
    String file = key.toString();
    Rkt.Result yes =
        terminal(
                List.of("expect:" + prompt, "send:maybe\\n", "expect:Please enter", "send:yes\\n"),
                "trust",
                "--root",
                file)
            .ok();
    assertThat(yes.out())
        .contains("gpg key fingerprint is: ")
        .contains("\tSigner <signer@example.com>")
        .contains("after fingerprint review.")
        .contains("Added root key at \"" + rkt.config().resolve("trustedkeys/root.d"));
    Rkt.Result no =
        terminal(List.of("expect:" + prompt, "send:no\\n"), "trust", "--prefix=example.com", file);
    assertThat(no.out()).contains("not trusting \"" + file + "\"").doesNotContain("Added");
    assertThat(rkt.run("trust", "--prefix=example.com", file).exited(254).err())
        .contains("unable to ask user to review fingerprint due to lack of tty");
  }

  @Test
  void misuse() {
    String file = key.toString();
    assertThat(rkt.run("trust", file).exited(254).err())
        .contains("aborting due to implicit unbounded trust (root domain)");
    assertThat(rkt.run("trust").exited(254).out()).contains("USAGE:");
    assertThat(rkt.run("trust", "--root", "--prefix=a", file).exited(254).err())
        .contains("--root and --prefix usage mutually exclusive");
    assertThat(rkt.run("trust", "--prefix=https://a.b/c", file).exited(254).err())
        .contains("--prefix must not contain a URL scheme, omit https://");
    assertThat(rkt.run("trust", "--root").exited(254).err()).contains("empty prefix");
    assertThat(trust("--prefix=a.b", "http://a.b/key").exited(254).err())
        .contains("--insecure-allow-http required for http URLs");
    assertThat(trust("--prefix=a.b", "ftp://a.b/key").exited(254).err())
        .contains("only local files and http or https URLs supported");
    assertThat(trust("--prefix=a.b/*", file).exited(254).err())
        .contains("the plain prefix covers everything below it: a.b");
    assertThat(trust("--prefix=../a", file).exited(254).err()).contains("invalid prefix");
    assertThat(rkt.config().resolve("trustedkeys")).doesNotExist();
  }

  /** `run --signature`: the signature may be anywhere, and must be the right one. */
  @Test
  void runTakesTheSignatureOfAnImage() throws IOException {
    trust("--prefix=example.com", key.toString()).ok();
    Path good = rkt.home().resolve("good.sig");
    gpg("--armor", "--output", good.toString(), "--detach-sign", aci.toString());
    Path wrong = rkt.home().resolve("wrong.sig");
    gpg("--armor", "--output", wrong.toString(), "--detach-sign", key.toString());
    String[] run = {"run", "--net=none", aci.toString(), "--signature=" + wrong};
    assertThat(rkt.run(run).exited(254).err()).contains("openpgp: invalid signature");
    run[3] = "--signature=" + rkt.home().resolve("none.sig");
    assertThat(rkt.run(run).exited(254).err()).contains("none.sig");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
    run[3] = "--signature=" + good;
    assertThat(rkt.run(run).ok().out()).contains("signed and running");
    run[0] = "prepare";
    run[1] = "--quiet";
    rkt.run(run).ok();
    assertThat(rkt.run("run", "--signature=" + good, aci.toString()).exited(254).err())
        .contains("--signature must follow an image");
  }

  @Test
  void aStricterPolicyStopsWhatIsInTheStore() throws IOException {
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    rkt.run("run", "--net=none", id).ok();
    policy("{\"prefix\":\"example.com\",\"accept\":\"pgp\"}");
    assertThat(rkt.run("run", "--net=none", id).exited(254).err())
        .contains("stored without any check");
    rkt.insecure("run", "--net=none", id).ok();
    Path pod =
        podManifest(rkt.run("image", "list", "--full", "--no-legend", "--fields=id").ok().out());
    assertThat(rkt.run("run", "--net=none", "--pod-manifest=" + pod).exited(254).err())
        .contains("stored without any check");
    rkt.insecure("run", "--net=none", "--pod-manifest=" + pod).ok();
    assertThat(rkt.run("trust", "explain", id).exited(254).out())
        .contains("decides, its prefix is the longest")
        .contains("verdict: refused");

    sign();
    trust("--prefix=example.com", key.toString()).ok();
    rkt.run("fetch", aci.toString()).ok();
    rkt.run("run", "--net=none", id).ok();
    assertThat(rkt.run("trust", "explain", id).ok().out())
        .contains("trusted (Signer <signer@example.com>)")
        .contains("verdict: accepted");
    assertThat(rkt.run("trust", "list").ok().out()).contains(fingerprint).contains("example.com");
    rkt.run("trust", "remove", fingerprint, "--prefix=example.com").ok();
    assertThat(rkt.run("run", "--net=none", id).exited(254).err())
        .contains("is no longer trusted for it");
    policy("{\"prefix\":\"example.com\",\"accept\":\"unsigned\"}");
    rkt.run("fetch", Images.script(rkt, "other", "true").toString()).ok();
    policy("{\"prefix\":\"example.com\",\"accept\":\"anything\"}");
    assertThat(rkt.run("run", "--net=none", id).exited(254).err())
        .contains("policy.json")
        .contains("(line 1, column ");
  }

  private Path podManifest(String id) throws IOException {
    return Files.writeString(
        rkt.home().resolve("pod.json"),
        "{\"acKind\":\"PodManifest\",\"acVersion\":\"0.8.11\",\"apps\":[{\"name\":\"a\",\"image\":{\"id\":\""
            + id.strip()
            + "\"}}]}");
  }

  private void policy(String rules) throws IOException {
    Files.writeString(
        rkt.config().resolve("policy.json"),
        "{\"rktKind\":\"policy\",\"rktVersion\":\"v1\",\"rules\":[" + rules + "]}");
  }
}
