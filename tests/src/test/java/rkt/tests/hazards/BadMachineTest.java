package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** A missing OCI runtime, broken configuration, a read-only distribution. */
class BadMachineTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  @Test
  void missingRuntimeIsSaid() throws IOException {
    Runtimes.use(rkt, Path.of("/nowhere/crun"));
    Path aci = Images.script(rkt, "app", "true");
    Rkt.Result result = rkt.insecure("run", "--net=none", aci.toString()).exited(254);
    assertThat(result.err()).contains("/nowhere/crun");
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void bothRuntimesWork() throws IOException {
    Path aci = Images.script(rkt, "app", "echo via runtime; exit 4");
    for (String runtime : List.of("crun", "runc")) {
      Runtimes.use(rkt, runtime);
      assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(4).out())
          .isEqualTo("via runtime\n");
      Rkt.Result host = rkt.insecure("--debug", "run", "--net=host", aci.toString()).exited(4);
      assertThat(host.out()).isEqualTo("via runtime\n");
      assertThat(host.err()).contains("using OCI runtime " + Runtimes.installed(runtime));
    }
  }

  @Test
  void brokenConfigurationIsNamed() throws IOException {
    Path dir = Files.createDirectories(rkt.config().resolve("paths.d"));
    Files.writeString(dir.resolve("p.json"), "{\"rktKind\":\"paths\",");
    Rkt.Result result = rkt.run("config").exited(254);
    assertThat(result.err()).contains("p.json").contains("line 1");
    Files.writeString(dir.resolve("p.json"), "{\"rktVersion\":\"v1\"}");
    assertThat(rkt.run("config").exited(254).err()).contains("no rktKind specified in");
  }

  @Test
  void commandLineMistakesAreSaid() {
    assertThat(rkt.run().exited(2).all()).contains("missing command").contains("USAGE");
    assertThat(rkt.run("nonsense").exited(254).err()).contains("nonsense");
    assertThat(rkt.run("run", "--no-such-flag").exited(254).err()).contains("--no-such-flag");
    assertThat(rkt.run("run", "--volume=data,kind=bogus", "x").exited(254).err())
        .contains("volume");
    assertThat(rkt.run("--insecure-options=bogus", "list").exited(254).err())
        .contains("unknown option \"bogus\"");
    assertThat(rkt.run("--dir=", "list").exited(254).err())
        .contains("\"\" is not a valid directory");
    assertThat(rkt.run("help", "run").ok().out())
        .contains("NAME:")
        .contains("USAGE:")
        .contains("OPTIONS:");
    assertThat(rkt.run("version").ok().out().lines()).hasSize(5);
  }

  @Test
  void distributionWorksAfterAMoveReadOnlyForAnybody() throws IOException {
    Path copy = rkt.home().resolve("moved dir");
    Rkt.exec("cp", "-a", Rkt.ROOT.resolve("build/rkt").toString(), copy.toString()).ok();
    Rkt.exec("chmod", "-R", "a-w,a+rX", copy.toString()).ok();
    Rkt.exec("chmod", "a+rx", rkt.home().toString()).ok();
    Path link = rkt.home().resolve("link-to-rkt");
    Files.createSymbolicLink(link, copy.resolve("bin/rkt"));
    Rkt.Result asUser =
        Rkt.exec(
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "env",
            "-i",
            "JAVA_TOOL_OPTIONS=-Xnonsense",
            link.toString(),
            "version");
    assertThat(asUser.ok().out()).contains("rkt Version:");
    assertThat(asUser.err()).isEmpty();
    // A cache of another build is not used, silently.
    Rkt.exec("chmod", "-R", "u+w", copy.toString()).ok();
    Files.writeString(copy.resolve("lib/aot/build-id"), "other\n");
    assertThat(Rkt.exec(link.toString(), "version").ok().err()).isEmpty();
    Files.writeString(copy.resolve("lib/aot/short.aot"), "garbage");
    Files.copy(
        copy.resolve("lib/runtime/build-id"),
        copy.resolve("lib/aot/build-id"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Rkt.Result garbage = Rkt.exec(link.toString(), "version").ok();
    assertThat(garbage.out()).contains("rkt Version:");
    assertThat(garbage.err()).isEmpty();
  }
}
