package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.build.AciBuildRequest;
import rkt.image.build.AciBuilder;
import rkt.image.build.AciCompression;
import rkt.image.build.ManifestFlags;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** Local images, the store, and the places this version does not fetch from. */
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

  @Test
  void aFileNeedsTheImageOptionAsLongAsSignaturesAreNotChecked() throws Exception {
    Path file = aci("a");
    assertThatThrownBy(() -> find(file.toString(), PullPolicy.NEW, "http,tls"))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("signature")
        .hasMessageContaining("--insecure-options=image");
    assertThat(store.list()).isEmpty();
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
            "unable to fetch image from image name \"example.com/a:2\": either image was not found");
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
  void placesForLaterVersionsAreNamedPlainly() {
    for (String text : new String[] {"https://example.com/a.aci", "example.com/a"}) {
      assertThatThrownBy(() -> find(text, PullPolicy.NEW, "all"))
          .isInstanceOfSatisfying(
              EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
          .hasMessageContaining("this version does not")
          .hasMessageContaining(text);
    }
  }

  @Test
  void missingDependenciesAreReportedAtOnce() throws Exception {
    Path dependent = aci("b", "example.com/a:1");
    assertThatThrownBy(() -> find(dependent.toString(), PullPolicy.NEW, "image"))
        .hasMessageContaining("failed to get dependencies for image ID \"sha512-")
        .hasMessageContaining("\"example.com/a:1\" is not in the store");
    find(aci("a").toString(), PullPolicy.NEW, "image");
    assertThat(find(dependent.toString(), PullPolicy.NEW, "image").name().value())
        .isEqualTo("example.com/b");
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
