package rkt.stage1;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Consts;
import rkt.testkit.RecordingKernel;

class PlanWriterTest {
  @TempDir Path temp;

  @Test
  void writesEverythingAndKeepsNothingOpen() throws Exception {
    Path root = Files.createDirectories(temp.resolve("root/etc")).getParent();
    Path file = temp.resolve("a/b/file");
    Path cgroup = Files.createDirectories(temp.resolve("cgroup"));
    Files.createFile(cgroup.resolve("memory.max"));
    LaunchPlan plan =
        new LaunchPlan(
            List.of(temp.resolve("a/b"), temp.resolve("a/b")),
            List.of(new PlannedFile(file, new byte[] {1, 2}, 0600)),
            List.of(new PlannedLink(temp.resolve("flavor"), "oci")),
            List.of(
                new PlannedMount("src", file, Optional.empty(), Consts.MS_BIND, Optional.empty())),
            Map.of(
                root,
                List.of(
                    new RootfsStep.Directory("/tmp", 01777),
                    new RootfsStep.MountTarget("/etc/hosts"),
                    new RootfsStep.Link("/etc/mtab", "../proc/self/mounts"))),
            List.of("/supervisor"),
            List.of(),
            List.of(),
            List.of(new CgroupWrite(cgroup.resolve("memory.max"), "42")),
            Optional.empty());
    RecordingKernel kernel = new RecordingKernel();
    PlanWriter.write(plan, kernel);
    PlanWriter.write(plan, kernel);
    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    assertThat(Files.readSymbolicLink(temp.resolve("flavor"))).hasToString("oci");
    assertThat(cgroup.resolve("memory.max")).hasContent("42");
    assertThat(root.resolve("tmp")).isDirectory();
    assertThat(root.resolve("etc/hosts")).isEmptyFile();
    assertThat(kernel.openDescriptors()).isEmpty();
    assertThat(plan.print()).contains("exec /supervisor").contains("link ");
  }
}
