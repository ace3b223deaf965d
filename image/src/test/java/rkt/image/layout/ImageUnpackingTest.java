package rkt.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static rkt.image.layout.LayoutFixture.layerTar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.store.ImageRecord;

class ImageUnpackingTest {
  @TempDir Path temporary;
  private LayoutFixture layout;
  private ImageRecord image;
  private ImageUnpacking unpacking;

  @BeforeEach
  void open() throws EngineException, IOException {
    layout = new LayoutFixture(temporary);
    layout.image("", layerTar("etc/one", "1"), layerTar("etc/two", "2"));
    image = layout.load("");
    unpacking = new ImageUnpacking(layout.store, layout.kernel, layout.data.toRealPath());
  }

  private EngineException refused(Path output) {
    return catchThrowableOfType(
        EngineException.class, () -> unpacking.render(image, output, true, false));
  }

  @Test
  void layersAreMerged() throws Exception {
    Path out = temporary.resolve("out");
    unpacking.render(image, out, false, false);
    assertThat(out.resolve("rootfs/etc/one")).hasContent("1");
    assertThat(out.resolve("rootfs/etc/two")).hasContent("2");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(out.resolve("manifest"))))
        .isEqualTo("rwx------");
    Path only = temporary.resolve("only");
    unpacking.extract(image, only, false, true);
    assertThat(only.resolve("etc/one")).hasContent("1");
    assertThat(only.resolve("manifest")).doesNotExist();
  }

  @Test
  void anExistingDirectoryIsReplacedOnlyWhenAsked() throws Exception {
    Path out = Files.createDirectory(temporary.resolve("out"));
    Files.writeString(out.resolve("mine"), "mine");
    EngineException e =
        catchThrowableOfType(
            EngineException.class, () -> unpacking.render(image, out, false, false));
    assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(e.why()).isEqualTo("output directory exists (try --overwrite)");
    unpacking.render(image, out, true, false);
    assertThat(out.resolve("mine")).doesNotExist();
    assertThat(out.resolve("rootfs/etc/one")).hasContent("1");
    unpacking.render(image, out, true, true);
    assertThat(out.resolve("etc/one")).hasContent("1");
    assertThat(out.resolve("rootfs")).doesNotExist();
    try (var list = Files.list(temporary)) {
      assertThat(list.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".rkt-"));
    }
  }

  /** What a link leads to is somebody else's. */
  @Test
  void linksAreNotFollowedWhenTheOldContentIsRemoved() throws Exception {
    Path precious = Files.createDirectory(temporary.resolve("precious"));
    Files.writeString(precious.resolve("file"), "keep");
    Path out = Files.createDirectory(temporary.resolve("out"));
    Files.createSymbolicLink(out.resolve("link"), precious);
    unpacking.render(image, out, true, false);
    assertThat(precious.resolve("file")).hasContent("keep");
    Path link = Files.createSymbolicLink(temporary.resolve("direct"), precious);
    unpacking.render(image, link, true, false);
    assertThat(precious.resolve("file")).hasContent("keep");
    assertThat(precious.resolve("rootfs")).doesNotExist();
    assertThat(link).isDirectory();
    assertThat(Files.isSymbolicLink(link)).isFalse();
  }

  @Test
  void theRootIsNeverReplacedWhateverItIsCalled() throws Exception {
    Path link = Files.createSymbolicLink(temporary.resolve("root"), Path.of("/"));
    for (Path root :
        new Path[] {
          Path.of("/"),
          Path.of("/.."),
          Path.of("/proc/self/root"),
          Path.of("/tmp/.."),
          link,
          link.resolve("."),
          link.resolve("tmp/..")
        }) {
      EngineException e = refused(root);
      assertThat(e.why())
          .as(root.toString())
          .isEqualTo("this would delete your root filesystem. Refusing.");
    }
  }

  @Test
  void rktsDataAndMountPointsAreNeverReplaced() throws Exception {
    assertThat(refused(temporary).why()).contains("this would delete rkt's data");
    assertThat(refused(layout.data).why()).contains("this would delete rkt's data");
    assertThat(refused(layout.data.resolve("cas/layer")).why())
        .contains("this would delete rkt's data");
    assertThat(refused(Path.of("/proc")).why()).contains("mounted");
    assertThat(layout.store.list()).hasSize(1);
  }

  @Test
  void aMissingParentIsSaid() {
    EngineException e = refused(temporary.resolve("none/out"));
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(e.why()).contains("no such file or directory");
  }
}
