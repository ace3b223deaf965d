package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.os.Kernel;
import rkt.store.ImplicitDir;

class OverlayMountTest {
  @TempDir private Path dir;
  private String label = "";

  private OverlayMount overlay(Path base, int layers) throws Exception {
    List<Path> lower = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      Path layer = base.resolve(String.format("layer-%032d", i)).resolve("fs");
      Files.createDirectories(layer.resolve("etc"));
      Files.writeString(layer.resolve("top"), Integer.toString(i));
      Files.writeString(layer.resolve("only-" + i), "");
      lower.add(layer);
    }
    Path upper = Files.createDirectories(base.resolve("upper"));
    Path work = Files.createDirectories(base.resolve("work"));
    Path target = Files.createDirectories(base.resolve("rootfs"));
    List<ImplicitDir> seeds =
        List.of(
            new ImplicitDir("", 0755, 0, 0, 5, 0),
            new ImplicitDir("etc", 0711, 7, 8, 1234567, 0),
            new ImplicitDir("etc/deep", 0700, 9, 9, 99, 0));
    return new OverlayMount(lower, upper, work, target, seeds, label, false);
  }

  /** Mounts, checks and forgets on a thread whose mounts end with it. */
  private void check(OverlayMount overlay) throws Exception {
    RootOnly.assume("mounting");
    NamespaceThread.run(
        "test",
        () -> {
          try {
            RootOnly.privateMounts();
            overlay.mount(Kernel.linux());
            Path root = overlay.target();
            assertThat(root.resolve("top")).hasContent("0");
            int last = overlay.lowerTopFirst().size() - 1;
            assertThat(root.resolve("only-" + last)).exists();
            assertThat(Files.getAttribute(root.resolve("etc"), "unix:mode")).isEqualTo(0040711);
            assertThat(Files.getAttribute(root.resolve("etc"), "unix:uid")).isEqualTo(7);
            assertThat(Files.getLastModifiedTime(root.resolve("etc")).toMillis())
                .isEqualTo(1234567_000L);
            Files.writeString(root.resolve("new"), "x");
            assertThat(overlay.upper().resolve("new")).exists();
          } catch (java.io.IOException e) {
            throw Failures.system("test", e);
          }
        });
    assertThat(overlay.target()).isEmptyDirectory();
  }

  @Test
  void mountsByReadablePathsWhenTheyFit() throws Exception {
    OverlayMount overlay = overlay(dir, 2);
    assertThat(overlay.readableOptions())
        .isEqualTo(
            "lowerdir="
                + overlay.lowerTopFirst().get(0)
                + ":"
                + overlay.lowerTopFirst().get(1)
                + ",upperdir="
                + overlay.upper()
                + ",workdir="
                + overlay.work());
    check(overlay);
  }

  /** The kernel here may have no SELinux, so this is about the option alone. */
  @Test
  void labelIsQuotedForItsComma() throws Exception {
    label = "system_u:object_r:container_file_t:s0:c1,c2";
    assertThat(overlay(dir, 1).readableOptions())
        .endsWith(",context=\"system_u:object_r:container_file_t:s0:c1,c2\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "a,b", "a\\b", "a\\:b,c", "q\"q'"})
  void mountsWhateverTheDirectoryIsCalled(String name) throws Exception {
    OverlayMount overlay = overlay(Files.createDirectory(dir.resolve(name)), 3);
    assertThat(overlay.readableOptions()).isNull();
    check(overlay);
  }

  @Test
  void mountsMoreLayersThanThePathsFitOnePage() throws Exception {
    OverlayMount overlay = overlay(dir, 300);
    assertThat(overlay.readableOptions()).isNull();
    check(overlay);
  }
}
