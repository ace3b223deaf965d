package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.BadRegistry;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Where an image is taken from, under every pull policy; what cannot be an image's name. */
class FetchTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result debug(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "--debug";
    System.arraycopy(args, 0, all, 1, args.length);
    return rkt.insecure(all);
  }

  /** TestFetchFromFile. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fetch",
        "fetch --store-only",
        "fetch --no-store",
        "run --net=none",
        "run --net=none --store-only",
        "run --net=none --no-store"
      })
  void filesAreReadAnewUnderEveryPolicy(String command) {
    Path aci = Images.script(rkt, "app", "true");
    String[] args = (command + " " + aci).split(" ");
    for (int i = 0; i < 2; i++) {
      assertThat(debug(args).ok().err()).contains("using image from file " + aci);
    }
    assertThat(rkt.run("image", "list", "--no-legend").ok().out().lines()).hasSize(1);
  }

  @Test
  void aFileThatChangedIsAnotherImage() {
    Path aci = Images.script(rkt, "app", "echo one");
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out()).isEqualTo("one\n");
    Images.script(rkt, "app", "echo two");
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out()).isEqualTo("two\n");
  }

  /** TestFetchFullHash. */
  @Test
  void idIsPrintedShortOrFull() {
    Path aci = Images.script(rkt, "app", "true");
    String full = rkt.insecure("fetch", "--full", aci.toString()).ok().out().strip();
    assertThat(full).matches("sha512-[0-9a-f]{64}");
    assertThat(rkt.insecure("fetch", aci.toString()).ok().out().strip())
        .isEqualTo(full.substring(0, 39));
    assertThat(rkt.insecure("fetch", aci.toString(), aci.toString()).ok().out().lines()).hasSize(2);
  }

  /**
   * TestFetchAny, the rows of docker references; the flags also where the ancestor's tests had
   * them.
   */
  @Test
  void registriesAreAskedAsThePolicySays() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      String ref = registry.image("honest");
      String remote = "remote fetching from URL \"" + ref + "\"";
      String stored = "using image from local store for url " + ref;
      assertThat(debug("fetch", "--pull-policy=never", ref).exited(254).err())
          .contains("unable to fetch docker image from URL \"" + ref + "\"");
      assertThat(debug("fetch", "--pull-policy=new", ref).ok().err()).contains(remote);
      assertThat(debug("fetch", "--pull-policy=new", ref).ok().err())
          .contains(stored)
          .doesNotContain(remote);
      assertThat(debug("--pull-policy=never", "fetch", ref).ok().err())
          .contains(stored)
          .doesNotContain(remote);
      assertThat(debug("--pull-policy=update", "fetch", ref).ok().err()).contains(remote);
      assertThat(debug("fetch", ref).ok().err()).contains(remote);
      assertThat(debug("run", "--net=none", ref).ok().err())
          .contains(stored)
          .doesNotContain(remote);
      assertThat(debug("run", "--net=none", "--pull-policy=update", ref).ok().err())
          .contains(remote);
    }
  }

  /** TestFetchAny, what a name in the store needs: no network, no option. */
  @Test
  void namesAreTakenFromTheStore() {
    String name = "example.com/app:1.0.0";
    assertThat(rkt.run("--debug", "fetch", "--pull-policy=never", name).exited(254).err())
        .contains("unable to fetch image from image name \"" + name + "\"");
    rkt.insecure("fetch", Images.script(rkt, "app", "true").toString()).ok();
    for (String policy : new String[] {"new", "never"}) {
      assertThat(rkt.run("--debug", "fetch", "--pull-policy=" + policy, name).ok().err())
          .contains("using image from local store for image name " + name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "docker://UPPER/x|bad image name",
        "docker://host/x:!|bad tag",
        "docker://host/x@sha256:12|bad sha256 digest",
        "docker://|the image name is missing",
        "two words|ACIdentifier must contain only",
        "example.com/app:1,label|label without a value",
        "./image.tar|an image file must end in .aci",
        "sha512-zz|no image IDs found",
        "http://127.0.0.1:9/x.aci|connection refused",
        "example.com/unknown|no endpoints discovered",
      })
  void namesThatDoNotParseAreSaid(String image, String said) {
    Rkt.Result result = rkt.insecure("fetch", image).exited(254);
    assertThat(result.err()).contains(said).doesNotContain("Exception");
    assertThat(rkt.insecure("run", "--net=none", image).exited(254).err())
        .contains(image.startsWith("./") ? "image.tar" : image);
    assertThat(rkt.pods()).isEmpty();
  }
}
