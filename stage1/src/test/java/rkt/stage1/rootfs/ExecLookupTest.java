package rkt.stage1.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.EngineException;

class ExecLookupTest {
  @TempDir Path temp;
  private HostileRoot root;

  @BeforeEach
  void makeRoot() throws IOException {
    root = new HostileRoot(temp.resolve("root"));
  }

  private String find(String command, String directory, Optional<String> path)
      throws EngineException, IOException {
    try (Rootfs rootfs = root.open()) {
      return ExecLookup.find(
          new AppTree(Kernel.linux(), rootfs, List.of()), command, directory, path);
    }
  }

  @Test
  void absoluteAndRelativePathsAreTakenAsTheyAre() throws Exception {
    assertThat(find("/nope", "/w", Optional.empty())).isEqualTo("/nope");
    assertThat(find("./x", "/w", Optional.empty())).isEqualTo("/w/./x");
    assertThat(find("bin/x", "/", Optional.empty())).isEqualTo("/bin/x");
  }

  @Test
  void namesAreSearchedForInPathOrTheDefaultPlaces() throws Exception {
    root.program("bin/tool", "");
    root.program("opt/tool", "");
    root.program("work/local", "");
    root.file("opt/plain", "");
    assertThat(find("tool", "/work", Optional.of("/none:/opt:/bin"))).isEqualTo("/opt/tool");
    assertThat(find("tool", "/work", Optional.empty())).isEqualTo("/bin/tool");
    assertThat(find("local", "/work", Optional.empty())).isEqualTo("/work/local");
    assertThat(find("local", "/work", Optional.of(""))).isEqualTo("/work/local");
    assertThatThrownBy(() -> find("plain", "/", Optional.of("/opt")))
        .hasMessageContaining("error looking up \"plain\"")
        .hasMessageContaining("unable to find \"plain\" in \"/opt\"");
  }

  @Test
  void linksAreFollowedInsideButTheNameStays() throws Exception {
    root.program("inspect", "");
    root.link("bin/inspect-link", "/inspect");
    root.link("bin/out", "../../../../bin/sh");
    assertThat(find("inspect-link", "/", Optional.empty())).isEqualTo("/bin/inspect-link");
    assertThatThrownBy(() -> find("out", "/", Optional.empty()))
        .hasMessageContaining("unable to find \"out\" in \"/:/bin:/usr/bin\"");
  }
}
