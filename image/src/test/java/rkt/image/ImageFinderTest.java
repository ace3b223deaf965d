package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.build.AciBuildRequest;
import rkt.image.build.AciBuilder;
import rkt.image.build.AciCompression;
import rkt.image.build.ManifestFlags;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.trust.Verdict;
import rkt.store.GcPolicy;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** Local images and the store; what is fetched has tests of its own. */
class ImageFinderTest {
  private final Kernel kernel = Kernel.linux();
  private final List<String> lines = new ArrayList<>();
  @TempDir private Path directory;
  private ImageStore store;

  @BeforeEach
  void open() throws Exception {
    store = ImageStore.open(directory.resolve("cas"), kernel);
  }

  private ImageRecord find(String text, PullPolicy policy, String insecure) throws EngineException {
    Diagnostics diagnostics =
        new Diagnostics() {
          @Override
          public void debug(String line) {
            lines.add("D " + line);
          }

          @Override
          public void warn(String line) {
            lines.add(line);
          }
        };
    FetchOptions options =
        new FetchOptions(InsecureOptions.parse(insecure), policy, diagnostics, "rkt/test");
    return new ImageFinder(store, options).find(ImageStrings.parse(text));
  }

  private Path aci(String name, String... dependencies) throws Exception {
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.writeString(root.resolve("hello"), "hello");
    Path output = directory.resolve(name + ".aci");
    Map<String, List<String>> flags =
        Map.of(
            "name", List.of("example.com/" + name),
            "label", List.of("version=1"),
            "exec", List.of("/hello"),
            "dependency", List.of(dependencies));
    new AciBuilder(kernel)
        .build(
            new AciBuildRequest(
                root,
                output,
                ManifestFlags.toManifest(flags, List.of()),
                AciCompression.GZIP,
                false,
                false,
                true));
    return output;
  }

  private static final String SIGNED_BY = "alice";

  private ImageRecord findSigned(Path file, TestTrust trust, Optional<Path> signature)
      throws EngineException {
    FetchOptions options =
        new FetchOptions(InsecureOptions.NONE, PullPolicy.NEW, Diagnostics.SILENT, "rkt/test")
            .withTrust(trust);
    return new ImageFinder(store, options).find(ImageStrings.parse(file.toString()), signature);
  }

  @Test
  void aFileNeedsASignatureBesideIt() throws Exception {
    Path file = aci("a");
    assertThatThrownBy(() -> findSigned(file, new TestTrust(), Optional.empty()))
        .hasMessageContaining("error opening signature file")
        .hasMessageContaining(file + ".asc")
        .hasMessageContaining("--insecure-options=image");
    assertThat(store.list()).isEmpty();
  }

  @Test
  void aSignedFileIsJudgedByTheNameInIt() throws Exception {
    Path file = aci("a");
    byte[] signature = TestTrust.sign(SIGNED_BY, Files.readAllBytes(file));
    Files.write(Path.of(file + ".asc"), signature);
    TestTrust trust = new TestTrust();
    assertThatThrownBy(() -> findSigned(file, trust, Optional.empty()))
        .hasMessageContaining("openpgp: signature made by unknown entity");
    assertThat(store.list()).isEmpty();
    trust.keys.add(SIGNED_BY);
    ImageRecord image = findSigned(file, trust, Optional.empty());
    assertThat(image.verdict().kind()).isEqualTo(Verdict.Kind.PGP);
    assertThat(image.verdict().subject()).isEqualTo("example.com/a");
  }

  /** Opening a pipe would wait for a writer for ever. */
  @Test
  @Timeout(30)
  void aPipeIsNotAFile() throws Exception {
    Path pipe = directory.resolve("pipe.aci");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> find(pipe.toString(), PullPolicy.NEW, "image"))
        .hasMessageContaining("open " + pipe + ": not a regular file");
    Path file = aci("a");
    assertThatThrownBy(() -> findSigned(file, new TestTrust(), Optional.of(pipe)))
        .hasMessageContaining("open " + pipe + ": not a regular file");
  }

  @Test
  void aFileForAnotherPlatformIsRefused() throws Exception {
    Path file = aci("a");
    for (String platform : List.of("linux/s390x", "freebsd/amd64")) {
      assertThatThrownBy(() -> findFor(file, platform))
          .isInstanceOfSatisfying(
              EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessageContaining("it is for linux/")
          .hasMessageContaining("and not for " + platform);
    }
    assertThat(store.list()).isEmpty();
    findFor(file, Platforms.host().toString());
  }

  private ImageRecord findFor(Path file, String platform) throws EngineException {
    FetchOptions options =
        new FetchOptions(
                InsecureOptions.parse("image"), PullPolicy.NEW, Diagnostics.SILENT, "rkt/test")
            .withPlatform(Optional.of(Platforms.parse(platform)));
    return new ImageFinder(store, options).find(ImageStrings.parse(file.toString()));
  }

  @Test
  void aSignatureMayBeElsewhere() throws Exception {
    Path file = aci("a");
    TestTrust trust = new TestTrust();
    trust.keys.add(SIGNED_BY);
    Path elsewhere =
        Files.write(directory.resolve("sig"), TestTrust.sign(SIGNED_BY, Files.readAllBytes(file)));
    assertThat(findSigned(file, trust, Optional.of(elsewhere)).verdict().kind())
        .isEqualTo(Verdict.Kind.PGP);
    Path wrong = Files.write(directory.resolve("wrong"), TestTrust.sign(SIGNED_BY, new byte[1]));
    assertThatThrownBy(() -> findSigned(file, trust, Optional.of(wrong)))
        .hasMessageContaining("image \"example.com/a\" verification failed");
  }

  @Test
  void aPolicyMayLetUnsignedFilesIn() throws Exception {
    TestTrust trust = new TestTrust();
    trust.unsigned.add("example.com/a");
    assertThat(findSigned(aci("a"), trust, Optional.empty()).name().value())
        .isEqualTo("example.com/a");
    assertThatThrownBy(() -> findSigned(aci("b"), trust, Optional.empty()))
        .hasMessageContaining("error opening signature file");
  }

  @Test
  void aFileIsImportedUnderEveryPolicy() throws Exception {
    Path file = aci("a");
    for (PullPolicy policy : PullPolicy.values()) {
      assertThat(find(file.toString(), policy, "image").name().value()).isEqualTo("example.com/a");
    }
    assertThat(lines)
        .contains(
            "D using image from file " + file,
            "warning: image signature verification has been disabled");
  }

  /** What a pod is made of at once; a dependency's own tree, or half of one, is of no use. */
  @Test
  void aFileIsUnpackedWithItsImportUnlessItHasDependencies() throws Exception {
    Assumptions.assumeTrue(kernel.geteuid() == 0, "needs root");
    Path trees = directory.resolve("cas/tree");
    ImageRecord alone = find(aci("a").toString(), PullPolicy.NEW, "image");
    String tree = store.rootfs(alone, false).treeStoreId();
    store.remove(alone.id());
    store.gc(new GcPolicy(false, 0, Set.of(), Set.of()));
    assertThat(trees).isEmptyDirectory();

    find(aci("a").toString(), PullPolicy.NEW, "image");
    assertThat(trees.resolve(tree).resolve("rootfs/hello")).hasContent("hello");
    find(aci("b", "example.com/a:1").toString(), PullPolicy.NEW, "image");
    try (Stream<Path> all = Files.list(trees)) {
      assertThat(all).containsExactly(trees.resolve(tree));
    }
  }

  @Test
  void aStoredImageIsFoundByNameAndByIdWithoutAnyOption() throws Exception {
    ImageId id = find(aci("a").toString(), PullPolicy.NEW, "image").id();
    for (String text :
        new String[] {"example.com/a", "example.com/a:1", "example.com/a,version=1"}) {
      assertThat(find(text, PullPolicy.NEVER, "none").id()).as(text).isEqualTo(id);
      assertThat(lines).contains("D using image from local store for image name " + text);
    }
    assertThat(find(id.value().substring(0, 20), PullPolicy.UPDATE, "none").id()).isEqualTo(id);
    assertThat(lines)
        .contains("D using image from the store with hash " + id.value().substring(0, 20));
  }

  @Test
  void whatIsNotStoredSaysSo() throws Exception {
    assertThatThrownBy(() -> find("sha512-0123456789", PullPolicy.NEW, "image"))
        .hasMessageContaining("could not resolve image \"sha512-0123456789\"")
        .hasMessageContaining("no image IDs found");
    assertThatThrownBy(() -> find("sha512-0", PullPolicy.NEW, "image"))
        .hasMessageContaining("image ID too short");
    assertThatThrownBy(() -> find("example.com/a:2", PullPolicy.NEVER, "image"))
        .hasMessageContaining(
            "unable to fetch image from image name \"example.com/a:2\": either image was not"
                + " found");
    assertThatThrownBy(() -> find("https://example.com/a.aci", PullPolicy.NEVER, "image"))
        .hasMessageContaining(
            "unable to fetch image from URL \"https://example.com/a.aci\": either");
    assertThatThrownBy(() -> find(directory.resolve("no.aci").toString(), PullPolicy.NEW, "image"))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("error opening ACI file")
        .hasMessageContaining("no such file or directory");
  }

  @Test
  void missingDependenciesAreLookedForAtOnce() throws Exception {
    Path dependent = aci("b", "a.invalid/a:1");
    assertThatThrownBy(() -> find(dependent.toString(), PullPolicy.NEW, "image"))
        .hasMessageContaining("failed to get dependencies for image ID \"sha512-")
        .hasMessageContaining("discovery failed for \"a.invalid/a:1\"");
    assertThatThrownBy(() -> find(dependent.toString(), PullPolicy.NEVER, "image"))
        .hasMessageContaining("unable to fetch image from image name \"a.invalid/a:1\"");
  }

  @Test
  void dependenciesAreTakenFromTheStoreWhateverArchitectureTheyAreFor() throws Exception {
    find(aci("a").toString(), PullPolicy.NEW, "image");
    assertThat(find(aci("b", "example.com/a:1").toString(), PullPolicy.NEW, "image").name().value())
        .isEqualTo("example.com/b");
    assertThat(lines).contains("D using image from local store for image name example.com/a:1");
  }

  @Test
  void aTextFileIsNoImage() throws Exception {
    Path file = Files.writeString(directory.resolve("x.aci"), "<html>not found</html>\n");
    assertThatThrownBy(() -> find(file.toString(), PullPolicy.NEW, "image"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("text");
    assertThat(store.list()).isEmpty();
  }
}
