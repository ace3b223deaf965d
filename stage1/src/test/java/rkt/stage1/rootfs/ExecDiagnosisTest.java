package rkt.stage1.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.stage1.BindMount;

class ExecDiagnosisTest {
  @TempDir Path temp;
  private HostileRoot root;
  private List<BindMount> mounts = List.of();

  @BeforeEach
  void makeRoot() throws IOException {
    root = new HostileRoot(temp.resolve("root"));
  }

  private String examine(String path) throws IOException {
    try (Rootfs rootfs = root.open()) {
      Optional<ExecDiagnosis.Problem> problem =
          ExecDiagnosis.examine(new AppTree(Kernel.linux(), rootfs, mounts), path);
      return problem.isPresent() ? problem.get().why() : "";
    }
  }

  @Test
  void missing() throws IOException {
    assertThat(examine("/inspect"))
        .isEqualTo("Error: Unable to open \"/inspect\": No such file or directory");
  }

  @Test
  void missingLoaderIsNamed() throws IOException {
    root.program("bin/app", HostileRoot.elf("/lib64/ld-linux.so.42"));
    assertThat(examine("/bin/app"))
        .isEqualTo("Error: Unable to open \"/lib64/ld-linux.so.42\": No such file or directory");
    root.program("lib64/ld-linux.so.42", HostileRoot.elf("", 0, 0, 0));
    assertThat(examine("/bin/app")).isEmpty();
  }

  @Test
  void scriptsAreFollowedToTheLoaderOfTheirInterpreter() throws IOException {
    root.program("run", "#! /usr/bin/env sh\n");
    root.program("usr/bin/env", HostileRoot.elf("/lib/ld.so"));
    assertThat(examine("/run")).contains("\"/lib/ld.so\"");
  }

  @Test
  void whatIsNoProgram() throws IOException {
    root.file("data", "text");
    root.program("text", "echo");
    root.file("dir/x", "");
    root.fifo("fifo");
    assertThat(examine("/data")).isEqualTo("Error: \"/data\" is not executable");
    assertThat(examine("/dir")).isEqualTo("Error: \"/dir\" is a directory");
    assertThat(examine("/text")).contains("\"/text\" is neither a program nor a script");
    assertThat(examine("/fifo")).isEqualTo("Error: \"/fifo\" is not a regular file");
  }

  @Test
  void programsForOtherMachinesAreNamed() throws IOException {
    byte[] elf = HostileRoot.elf("", 0, 0, 0);
    elf[18] = 22;
    root.program("s390", elf);
    assertThat(examine("/s390"))
        .isEqualTo("Error: \"/s390\" is a program for s390x, which this machine cannot run");
  }

  @Test
  void volumesAreLookedInto() throws IOException {
    HostileRoot volume = new HostileRoot(temp.resolve("volume"));
    volume.program("tool", HostileRoot.elf("/lib/ld.so"));
    volume.link("loop", "/opt/loop");
    volume.program("plain", HostileRoot.elf("", 0, 0, 0));
    Path file = volume.file("data", "text");
    root.link("opt", "/srv");
    root.program("srv/hidden", HostileRoot.elf("", 0, 0, 0));
    root.link("bin/tool", "../opt/tool");
    root.program("ok", HostileRoot.elf("", 0, 0, 0));
    mounts =
        List.of(
            new BindMount(volume.path, "/opt", true, true), new BindMount(file, "/ok", true, true));
    assertThat(examine("/opt/plain")).isEmpty();
    assertThat(examine("/srv/hidden")).contains("Unable to open \"/srv/hidden\"");
    assertThat(examine("/bin/tool")).contains("Unable to open \"/lib/ld.so\"");
    assertThat(examine("/opt/loop")).contains("Unable to open \"/opt/loop\"");
    assertThat(examine("/ok")).contains("\"/ok\" is not executable");
    assertThat(examine("/ok/x")).contains("Unable to open \"/ok/x\"");
  }

  @Test
  void whatTheKernelMakesUpIsLeftToIt() throws IOException {
    assertThat(examine("/proc/self/exe")).isEmpty();
  }

  @Test
  void interpretersThatInterpretEachOtherEnd() throws IOException {
    root.program("a", "#!/b\n");
    root.program("b", "#!/a\n");
    assertThat(examine("/a")).startsWith("Error: too many interpreters");
  }

  @Test
  void linksAreResolvedInside() throws IOException {
    root.link("bin/sh", "/../../bin/busybox");
    assertThat(examine("/bin/sh")).contains("Unable to open \"/bin/sh\"");
    root.program("bin/busybox", HostileRoot.elf("", 0, 0, 0));
    assertThat(examine("/bin/sh")).isEmpty();
  }

  /** Broken headers are the kernel's to refuse; they must not break rkt. */
  @Test
  void malformedFilesAreSurvived() throws IOException {
    byte[] good = HostileRoot.elf("/lib/ld.so");
    long seed = 42;
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int i = 0; i < 6 && bad.length > 4; i++) {
        bad[4 + random.nextInt(bad.length - 4)] = (byte) random.nextInt();
      }
      root.program("bad", bad);
      assertThat(examine("/bad")).as("seed %d round %d", seed, round).doesNotContain("bad\"");
    }
    root.program("far", HostileRoot.elf("/x", Long.MAX_VALUE - 1, 100, 1));
    assertThat(examine("/far")).isEmpty();
    root.program("many", HostileRoot.elf("/x", 120, 3, 0xffff));
    assertThat(examine("/many")).isEmpty();
    root.program("long", HostileRoot.elf("/x", 120, 1L << 40, 1));
    assertThat(examine("/long")).isEmpty();
  }
}
