package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** TestMissingOrInvalidOSArchRun and ...FetchRun: which system an ACI is for. */
class PlatformTest {
  private static final String THIS =
      System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "amd64";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  /** Packed by tar: {@code rkt image build} would add the labels. */
  private Path aci(String labels) throws IOException {
    Path dir = Files.createDirectory(rkt.home().resolve("image"));
    Images.rootfs(dir.resolve("rootfs"));
    Files.writeString(
        dir.resolve("manifest"),
        "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"example.com/hello\",\"labels\":["
            + labels
            + "],\"app\":{\"exec\":[\"/bin/echo\",\"HelloWorld\"],\"user\":\"0\",\"group\":\"0\"}}");
    Path aci = rkt.home().resolve("hello.aci");
    Rkt.exec("tar", "-C", dir.toString(), "-cf", aci.toString(), "manifest", "rootfs").ok();
    return aci;
  }

  private static String label(String name, String value) {
    return "{\"name\":\"" + name + "\",\"value\":\"" + value + "\"}";
  }

  /**
   * Fetching a file does not ask whether it could run here; running does, from the file and from
   * the store.
   */
  @ParameterizedTest
  @CsvSource({
    "this,'',missing os label in the image manifest",
    "'',linux,missing arch label in the image manifest",
    "amd64,freebsd,bad os \"freebsd\""
  })
  void whatIsNotForThisSystemDoesNotRun(String arch, String os, String said) throws IOException {
    List<String> labels = new ArrayList<>();
    if (!os.isEmpty()) {
      labels.add(label("os", os));
    }
    if (!arch.isEmpty()) {
      labels.add(label("arch", arch.equals("this") ? THIS : arch));
    }
    Path aci = aci(String.join(",", labels));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err()).contains(said);
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    assertThat(rkt.insecure("run", "--net=none", id).exited(254).err()).contains(said);
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void anArchitectureNobodyKnowsIsNoManifest() throws IOException {
    Path aci = aci(label("os", "linux") + "," + label("arch", "armv5l"));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err())
        .contains("bad arch \"armv5l\"")
        .contains("hello.aci");
    assertThat(rkt.insecure("fetch", aci.toString()).exited(254).err())
        .contains("bad arch \"armv5l\"");
  }

  @Test
  void theRightLabelsRun() throws IOException {
    Path aci = aci(label("os", "linux") + "," + label("arch", THIS));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out())
        .isEqualTo("HelloWorld\n");
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    assertThat(rkt.run("run", "--net=none", id).ok().out()).isEqualTo("HelloWorld\n");
  }

  /** Names are looked up, and discovered, for the platform that was asked for. */
  @Test
  void aNameMeansTheImageOfThePlatform() {
    String other = THIS.equals("amd64") ? "aarch64" : "amd64";
    String go = other.equals("aarch64") ? "arm64" : "amd64";
    String mine = fetch(Images.script(rkt, "app", "true"));
    String foreign = fetch(Images.script(rkt, "app", "false", "--label=arch=" + other));
    String[] never = {"fetch", "--pull-policy=never", "example.com/app"};
    assertThat(rkt.run(never).ok().out().strip()).isEqualTo(mine);
    assertThat(platform(go, "example.com/app").ok().out().strip()).isEqualTo(foreign);
    assertThat(platform(go, "example.com/app,os=linux").ok().out().strip()).isEqualTo(foreign);
    assertThat(platform(go, "example.com/app,arch=" + THIS).exited(254).err())
        .contains("its labels contradict --platform=linux/" + go);
    assertThat(platform("s390x", "example.com/app").exited(254).err())
        .contains("unable to fetch image from image name");
    rkt.run("image", "tag", mine, "local").ok();
    assertThat(platform(go, "local").exited(254).err()).contains("and not for linux/" + go);
  }

  private String fetch(Path aci) {
    return rkt.insecure("fetch", aci.toString()).ok().out().strip();
  }

  private Rkt.Result platform(String arch, String image) {
    return rkt.run("fetch", "--pull-policy=never", "--platform=linux/" + arch, image);
  }
}
