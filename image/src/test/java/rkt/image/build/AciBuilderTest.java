package rkt.image.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageManifest;
import rkt.store.unpack.Compression;
import rkt.store.unpack.StreamSource;
import rkt.store.unpack.TarEntry;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.UnpackLimits;

class AciBuilderTest {
  private final Kernel kernel = Kernel.linux();
  private final ImageManifest manifest = ImageManifest.of(new AcIdentifier("example.com/app"));

  @TempDir private Path directory;
  private Path root;

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
  }

  private AciBuildRequest request(Path source, String output) {
    return new AciBuildRequest(
        source, directory.resolve(output), manifest, AciCompression.NONE, false, false, false);
  }

  private ImageId build(Path source, String output) throws EngineException {
    return new AciBuilder(kernel).build(request(source, output));
  }

  private Map<String, TarEntry> entries(String aci) throws IOException {
    Map<String, TarEntry> out = new LinkedHashMap<>();
    try (InputStream in = Compression.openTar(Files.newInputStream(directory.resolve(aci)), aci)) {
      TarReader reader = new TarReader(new StreamSource(in), UnpackLimits.DEFAULT);
      for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
        out.put(entry.name(), entry);
      }
      assertThat(reader.endMarkerSeen()).isTrue();
    }
    return out;
  }

  private void someFiles(Path at, boolean backwards) throws IOException {
    List<String> names = new ArrayList<>(List.of("a", "a-b", "b", "z.txt"));
    if (backwards) {
      names = names.reversed();
    }
    Files.createDirectories(at.resolve("a.d/deeper"));
    for (String name : names) {
      Files.writeString(at.resolve(name), "content of " + name);
      Files.writeString(at.resolve("a.d/deeper").resolve(name), name);
    }
    Files.createSymbolicLink(at.resolve("link"), Path.of("a.d/nowhere"));
    Files.createLink(at.resolve("hard"), at.resolve("b"));
  }

  @Test
  void theSameFilesGiveTheSameIdWheneverAndInWhateverOrderTheyWereMade() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    someFiles(root, false);
    someFiles(other, true);
    Files.setLastModifiedTime(other.resolve("a"), FileTime.fromMillis(123_456_789));
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwx------"));
    assertThat(build(root, "1.aci")).isEqualTo(build(other, "2.aci"));
    assertThat(directory.resolve("1.aci")).hasSameBinaryContentAs(directory.resolve("2.aci"));
  }

  @Test
  void manifestAndRootfsComeFirstAndTheRestIsSorted() throws Exception {
    someFiles(root, true);
    build(root, "1.aci");
    Map<String, TarEntry> entries = entries("1.aci");
    assertThat(entries.keySet())
        .containsExactly(
            "manifest",
            "rootfs/",
            "rootfs/a",
            "rootfs/a-b",
            "rootfs/a.d/",
            "rootfs/a.d/deeper/",
            "rootfs/a.d/deeper/a",
            "rootfs/a.d/deeper/a-b",
            "rootfs/a.d/deeper/b",
            "rootfs/a.d/deeper/z.txt",
            "rootfs/b",
            "rootfs/hard",
            "rootfs/link",
            "rootfs/z.txt");
    assertThat(entries.get("rootfs/hard").linkName()).isEqualTo("rootfs/b");
    assertThat(entries.get("rootfs/hard").type()).isEqualTo(TarEntry.Type.HARD_LINK);
    assertThat(entries.get("rootfs/link").linkName()).isEqualTo("a.d/nowhere");
    assertThat(entries.get("rootfs/").mode()).isEqualTo(0755);
    assertThat(entries.get("rootfs/a").modified().seconds()).isZero();
  }

  @Test
  void timesAreKeptOnRequest() throws Exception {
    Path file = Files.writeString(root.resolve("f"), "x");
    Files.setLastModifiedTime(
        file, FileTime.from(1_234_567_890_500_000_000L, java.util.concurrent.TimeUnit.NANOSECONDS));
    AciBuildRequest kept =
        new AciBuildRequest(
            root, directory.resolve("1.aci"), manifest, AciCompression.NONE, true, true, false);
    new AciBuilder(kernel).build(kept);
    assertThat(entries("1.aci").get("rootfs/f").modified())
        .isEqualTo(new TarEntry.Time(1_234_567_890L, 500_000_000));
    assertThat(entries("1.aci").get("rootfs/f").uid()).isZero();
  }

  @Test
  void compressionDoesNotChangeTheId() throws Exception {
    someFiles(root, false);
    ImageId plain = build(root, "plain.aci");
    for (AciCompression compression : AciCompression.values()) {
      Path output = directory.resolve(compression + ".aci");
      AciBuildRequest request =
          new AciBuildRequest(root, output, manifest, compression, false, false, false);
      assertThat(new AciBuilder(kernel).build(request)).isEqualTo(plain);
      assertThat(entries(compression + ".aci")).hasSameSizeAs(entries("plain.aci"));
    }
  }

  @Test
  void longNamesHugeOwnersAndOddBytesSurvive() throws Exception {
    String deep = ("d".repeat(60) + "/").repeat(5);
    Files.createDirectories(root.resolve(deep));
    Files.writeString(root.resolve(deep + "f"), "x");
    Files.createSymbolicLink(root.resolve("long"), Path.of(deep));
    try (Fd fd = Fd.directory(kernel, root.toString())) {
      kernel.mkdirat(fd.number(), "caf\u00e9-\udcff-\ud83d\ude00", 0755);
    }
    build(root, "1.aci");
    assertThat(entries("1.aci"))
        .containsKeys("rootfs/" + deep + "f", "rootfs/caf\u00e9-\udcff-\ud83d\ude00/")
        .hasEntrySatisfying(
            "rootfs/long", entry -> assertThat(entry.linkName() + "/").isEqualTo(deep));
  }

  @Test
  void devicesOwnersSetIdBitsAndAttributesSurvive() throws Exception {
    assumeTrue(kernel.geteuid() == 0, "needs root to make devices and owners");
    byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    try (Fd fd = Fd.directory(kernel, root.toString())) {
      kernel.mknodat(fd.number(), "null", Consts.S_IFCHR | 0666, 1, 3);
      kernel.mknodat(fd.number(), "pipe", Consts.S_IFIFO | 0600, 0, 0);
      Files.writeString(root.resolve("ping"), "x");
      kernel.fchownat(fd.number(), "ping", 70_000, 3_000_000, 0);
      kernel.fchmodat(fd.number(), "ping", 04755);
      kernel.lsetxattr(root.resolve("ping").toString(), "security.capability", capability, 0);
    } catch (OsException e) {
      assumeTrue(false, "cannot make what the test needs: " + e.getMessage());
    }
    build(root, "1.aci");
    Map<String, TarEntry> entries = entries("1.aci");
    assertThat(entries.get("rootfs/null"))
        .satisfies(entry -> {
          assertThat(entry.type()).isEqualTo(TarEntry.Type.CHAR_DEVICE);
          assertThat(entry.devMajor()).isEqualTo(1);
          assertThat(entry.devMinor()).isEqualTo(3);
        });
    assertThat(entries.get("rootfs/pipe").type()).isEqualTo(TarEntry.Type.FIFO);
    assertThat(entries.get("rootfs/ping"))
        .satisfies(entry -> {
          assertThat(entry.mode()).isEqualTo(04755);
          assertThat(entry.uid()).isEqualTo(70_000);
          assertThat(entry.gid()).isEqualTo(3_000_000);
          assertThat(entry.xattrs())
              .singleElement()
              .satisfies(x -> assertThat(x.value()).isEqualTo(capability));
        });
  }

  private byte[] tar(TarFile... files) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarWriter writer = new TarWriter(out);
    for (TarFile file : files) {
      writer.entry(
          file, to -> to.write("x".repeat((int) file.size()).getBytes(StandardCharsets.UTF_8)));
    }
    writer.finish();
    return out.toByteArray();
  }

  @Test
  void aTarGivesTheSameImageAsItsDirectory() throws Exception {
    Files.createDirectory(root.resolve("d"));
    Files.writeString(root.resolve("d/b"), "xx");
    Files.createLink(root.resolve("a"), root.resolve("d/b"));
    int uid = kernel.geteuid();
    int gid = kernel.getegid();
    TarFile file =
        new TarFile("./d/b", TarFile.Kind.REGULAR, 0644, uid, gid, 2, 99, 0, "", 0, 0, List.of());
    TarFile dir =
        new TarFile("./d", TarFile.Kind.DIRECTORY, 0755, uid, gid, 0, 98, 0, "", 0, 0, List.of());
    kernel.fchmodat(Consts.AT_FDCWD, root.resolve("d").toString(), 0755);
    kernel.fchmodat(Consts.AT_FDCWD, root.resolve("d/b").toString(), 0644);
    Path tar =
        Files.write(
            directory.resolve("root.tar"), tar(dir, file, file.at("/a").hardLinkTo("./d/b")));
    assertThat(build(tar, "1.aci")).isEqualTo(build(root, "2.aci"));
  }

  @Test
  void whatATarSaysLastCountsAndParentsAppear() throws Exception {
    Path tar =
        Files.write(
            directory.resolve("root.tar"),
            tar(TarFile.regular("x/y", 5), TarFile.regular("x/y", 3), TarFile.regular("x-y", 1)));
    build(tar, "1.aci");
    Map<String, TarEntry> entries = entries("1.aci");
    assertThat(entries.keySet())
        .containsExactly("manifest", "rootfs/", "rootfs/x/", "rootfs/x/y", "rootfs/x-y");
    assertThat(entries.get("rootfs/x/y").size()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/../../x", "f/below", "hard"})
  void aTarThatMeansDifferentThingsToDifferentReadersIsRefused(String name) throws Exception {
    TarFile bad = TarFile.regular(name, 1);
    Path tar =
        Files.write(
            directory.resolve("root.tar"),
            tar(TarFile.regular("f", 1), name.equals("hard") ? bad.hardLinkTo("nowhere") : bad));
    assertThatThrownBy(() -> build(tar, "1.aci"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(name);
    assertThat(leftovers()).containsExactlyInAnyOrder("root", "root.tar");
  }

  private List<String> leftovers() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  @Test
  void anythingButATarIsRefused() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "hello\n");
    assertThatThrownBy(() -> build(text, "1.aci"))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID))
        .hasMessageContaining("must be a directory or a tar archive");
    assertThatThrownBy(() -> build(directory.resolve("nowhere"), "1.aci"))
        .hasMessageContaining("nowhere");
  }

  @Test
  void anExistingOutputStaysUnlessToldOtherwise() throws Exception {
    Path output = Files.writeString(directory.resolve("1.aci"), "mine");
    assertThatThrownBy(() -> build(root, "1.aci"))
        .hasMessageContaining("output ACI file exists (try --overwrite)");
    assertThat(output).hasContent("mine");
    new AciBuilder(kernel)
        .build(
            new AciBuildRequest(root, output, manifest, AciCompression.NONE, false, false, true));
    assertThat(entries("1.aci")).containsKey("manifest");
  }

  @Test
  void outputsThatCannotBeRightAreRefused() {
    assertThatThrownBy(() -> build(root, "1.tar")).hasMessageContaining("extension must be .aci");
    assertThatThrownBy(() -> build(root, "root/1.aci"))
        .hasMessageContaining("lies inside the root file system");
  }
}
