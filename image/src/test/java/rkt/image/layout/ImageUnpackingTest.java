package rkt.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static rkt.image.layout.LayoutFixture.layerTar;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.build.TarFile;
import rkt.os.Kernel;
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
    for (Path made : new Path[] {out, only}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
          .isEqualTo("rwx------");
    }
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

  /** Programs that are root's by the image must not be anybody's who looks into the directory. */
  @Test
  void theDirectoryIsItsOwnersAlone() throws Exception {
    LayoutFixture open = new LayoutFixture(Files.createDirectory(temporary.resolve("open")));
    open.image(
        "",
        LayoutFixture.tar(tar -> {
          TarFile root = TarFile.directory(".");
          tar.entry(
              new TarFile(
                  ".", root.kind(), 0777, 1000, 1000, 0, 0, 0, "", 0, 0, java.util.List.of()),
              out -> {});
        }));
    ImageRecord loose = open.load("");
    ImageUnpacking all = new ImageUnpacking(open.store, open.kernel, open.data.toRealPath());
    Path out = temporary.resolve("out");
    for (boolean rootfsOnly : new boolean[] {false, true}) {
      all.extract(loose, out, true, rootfsOnly);
      assertThat(Files.getAttribute(out, "unix:uid")).isEqualTo(layout.kernel.geteuid());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
          .isEqualTo("rwx------");
    }
  }

  /** The owner of the output's directory swaps the private directory for a link. */
  @Test
  void aSwappedTemporaryDirectoryIsNoWayToAnother() throws Exception {
    Path shared = Files.createDirectory(temporary.resolve("shared"));
    Path precious = Files.createDirectory(temporary.resolve("precious"));
    Path out = shared.resolve("out");
    for (boolean overwrite : new boolean[] {false, true}) {
      try (OutputDirectory directory =
          OutputDirectory.begin(layout.kernel, "render", out, overwrite, layout.data)) {
        Path hidden;
        try (var list = Files.list(shared)) {
          hidden = list.filter(path -> path.toString().contains(".rkt-")).findFirst().orElseThrow();
        }
        Files.move(hidden, temporary.resolve("moved"));
        Files.createSymbolicLink(hidden, precious);
        Files.writeString(directory.path().resolve("file"), "content");
        directory.publish("", 0700);
        assertThat(hidden).isSymbolicLink();
        Files.delete(hidden);
      }
      assertThat(precious).isEmptyDirectory();
      assertThat(out.resolve("file")).hasContent("content");
      // Emptied, though it could not be found.
      assertThat(temporary.resolve("moved")).isEmptyDirectory();
      Files.delete(temporary.resolve("moved"));
    }
  }

  /** In the moment after it was made. */
  @Test
  void aDirectoryThatIsNotOursIsNotFilled() throws Exception {
    Path shared = Files.createDirectory(temporary.resolve("shared"));
    Path precious = Files.createDirectory(temporary.resolve("precious"));
    Path other = Files.createDirectory(temporary.resolve("other"));
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(other.resolve("file"), "earlier output of root's");
    Path link = Files.createSymbolicLink(temporary.resolve("link"), precious);
    for (Path swapped : new Path[] {link, other}) {
      ImageUnpacking attacked =
          new ImageUnpacking(
              layout.store, swapping(shared, swapped, temporary.resolve("aside")), layout.data);
      EngineException e =
          catchThrowableOfType(
              EngineException.class,
              () -> attacked.render(image, shared.resolve("out"), false, false));
      assertThat(e.code()).isEqualTo(ErrorCode.REFUSED);
      assertThat(e.why()).contains("somebody changed", shared.toString());
    }
    assertThat(precious).isEmptyDirectory();
    assertThat(shared.resolve("out")).doesNotExist();
  }

  /** A kernel under which every directory made in {@code where} is something else at once. */
  private Kernel swapping(Path where, Path swapped, Path aside) {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, args) -> {
              Object result;
              try {
                result = method.invoke(layout.kernel, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (method.getName().equals("mkdirat")) {
                Path made = where.resolve((String) args[1]);
                Files.move(made, aside.resolveSibling("aside-" + made.getFileName()));
                Files.move(swapped, made);
              }
              return result;
            });
  }

  @Test
  void anImageThatIsGoneLeavesNoDirectory() throws Exception {
    layout.store.remove(image.id());
    for (boolean rootfsOnly : new boolean[] {false, true}) {
      Path out = temporary.resolve("out");
      EngineException e =
          catchThrowableOfType(
              EngineException.class, () -> unpacking.extract(image, out, false, rootfsOnly));
      assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
      assertThat(out).doesNotExist();
    }
  }

  @Test
  void aMissingParentIsSaid() {
    EngineException e = refused(temporary.resolve("none/out"));
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(e.why()).contains("no such file or directory");
  }
}
