package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotations;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Labels;
import rkt.schema.appc.Mount;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.RuntimeApp;
import rkt.schema.appc.RuntimeImage;
import rkt.schema.appc.SemVer;
import rkt.schema.appc.Volume;

/**
 * Names that change while volumes are being mounted (CVE-2021-30465, CVE-2017-1002101): what was
 * looked at is what is mounted, and on what was looked at. The change is made at the worst moment,
 * by a kernel that stops there, not by luck.
 */
class VolumeRaceTest {
  @TempDir private Path dir;
  private Path pod = Path.of("/");
  private Path root = Path.of("/");
  private Path source = Path.of("/");
  private Path secret = Path.of("/");

  @BeforeEach
  void make() throws IOException {
    RootOnly.assume("mounting");
    pod = Files.createDirectory(dir.resolve("pod"));
    root = Files.createDirectory(dir.resolve("root"));
    source = Files.createDirectory(dir.resolve("source"));
    secret = Files.createDirectory(dir.resolve("secret"));
    Files.writeString(source.resolve("file"), "good");
    Files.createDirectory(source.resolve("below"));
    Files.writeString(secret.resolve("file"), "secret");
  }

  /** What happens before or after a system call. */
  interface Moment {
    void at(String call, Object[] arguments, boolean done) throws IOException;
  }

  private static Kernel kernel(Moment moment) {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              Object[] given = arguments == null ? new Object[0] : arguments;
              moment.at(method.getName(), given, false);
              try {
                return method.invoke(Kernel.linux(), arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              } finally {
                moment.at(method.getName(), given, true);
              }
            });
  }

  private Volume volume(boolean readOnly) {
    return Volume.host(new AcName("v"), source.toString(), Optional.of(readOnly));
  }

  /** Work inside the namespace where the mounts are. */
  interface Look {
    void look() throws IOException;
  }

  private void mount(Kernel kernel, boolean readOnly, Look look) throws EngineException {
    App app = App.of(List.of("/x"), "0", "0");
    RuntimeApp runtime =
        new RuntimeApp(
            new AcName("app"),
            new RuntimeImage(Optional.empty(), FakeImages.ID, Labels.EMPTY),
            Optional.of(app),
            false,
            List.of(new Mount(new AcName("v"), "/data")),
            Annotations.EMPTY);
    PodManifest manifest =
        new PodManifest(
            new SemVer("0.8.11"),
            List.of(runtime),
            List.of(volume(readOnly)),
            List.of(),
            Annotations.EMPTY,
            List.of(),
            Map.of(),
            Map.of());
    ImageManifest image = ImageManifest.of(new AcIdentifier("x")).withApp(app);
    NamespaceThread.run(
        "test",
        () -> {
          try {
            RootOnly.privateMounts();
            Kernel.linux().mount("none", source.resolve("below").toString(), "tmpfs", 0, null);
            try (Volumes volumes =
                new Volumes(kernel, new PodFiles(kernel), new Said(), pod, manifest, true, "")) {
              volumes.mountsOf(
                  new PreparedApp(runtime, app, image, "", List.of(), List.of()), root);
            }
            look.look();
          } catch (IOException e) {
            throw Failures.system("test", e);
          }
        });
  }

  private void swap(Path name) throws IOException {
    Files.move(name, name.resolveSibling(name.getFileName() + ".moved"));
    Files.createSymbolicLink(name, secret);
  }

  @Test
  void aSourceThatBecomesALinkIsMountedAsItWas() throws Exception {
    boolean[] swapped = new boolean[1];
    Moment moment =
        (call, arguments, done) -> {
          boolean opening = call.startsWith("open") && List.of(arguments).contains("" + source);
          if (opening && done && !swapped[0]) {
            swapped[0] = true;
            swap(source);
          }
        };
    mount(kernel(moment), false, () -> assertThat(root.resolve("data/file")).hasContent("good"));
    assertThat(swapped[0]).isTrue();
  }

  @Test
  void aTargetThatBecomesALinkIsMountedOnAsItWas() throws Exception {
    boolean[] swapped = new boolean[1];
    Moment moment =
        (call, arguments, done) -> {
          boolean mounting = call.equals("mount") && ("" + arguments[1]).startsWith("/proc/");
          if (mounting && !done) {
            swapped[0] = true;
            swap(root.resolve("data"));
          }
        };
    mount(
        kernel(moment),
        false,
        () -> {
          assertThat(secret.resolve("file")).hasContent("secret");
          assertThat(root.resolve("data.moved/file")).hasContent("good");
        });
    assertThat(swapped[0]).isTrue();
  }

  /** A link that is there before the target is opened leads to a place in the root. */
  @Test
  void aLinkThatComesEarlierStaysInTheRoot() throws Exception {
    boolean[] swapped = new boolean[1];
    Moment moment =
        (call, arguments, done) -> {
          if (call.equals("mkdirat") && arguments[1].equals("data") && done && !swapped[0]) {
            swapped[0] = true;
            // The same path exists inside the root, so that there is something to mount on.
            Files.createDirectories(Path.of(root + secret.toString()));
            Files.delete(root.resolve("data"));
            Files.createSymbolicLink(root.resolve("data"), secret);
          }
        };
    Look look =
        () -> {
          assertThat(secret.resolve("file")).hasContent("secret");
          assertThat(Path.of(root + secret.toString()).resolve("file")).hasContent("good");
        };
    try {
      mount(kernel(moment), false, look);
    } catch (EngineException e) {
      // That the directory just made is a link now may as well be refused.
      assertThat(secret.resolve("file")).hasContent("secret");
    }
    assertThat(swapped[0]).isTrue();
  }

  /** Before Linux 5.12 there is no mount_setattr, before 5.2 no open_tree. */
  @ParameterizedTest
  @ValueSource(strings = {"", "mountSetattr", "openTree"})
  void readOnlyReachesTheLastMountOnOldKernelsToo(String missing) throws Exception {
    Moment moment =
        (call, arguments, done) -> {
          if (call.equals(missing)) {
            throw new OsException(call, "", Errno.ENOSYS);
          }
        };
    mount(
        kernel(moment),
        true,
        () -> {
          for (String place : List.of("data", "data/below")) {
            assertThat(root.resolve(place).resolve("new"))
                .satisfies(file -> {
                  try {
                    int flags = Consts.O_WRONLY | Consts.O_CREAT;
                    Kernel.linux().close(Kernel.linux().open(file.toString(), flags, 0600));
                    throw new AssertionError("written: " + file);
                  } catch (OsException e) {
                    assertThat(e.errno()).isEqualTo(Errno.EROFS);
                  }
                });
          }
          // The source itself is as it was.
          Files.writeString(source.resolve("below/new"), "");
        });
  }
}
