package rkt.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static rkt.image.layout.LayoutFixture.layerTar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.ImageFinder;
import rkt.image.ImageString.LayoutImage;
import rkt.image.ImageStrings;
import rkt.image.InsecureOptions;
import rkt.image.PullPolicy;
import rkt.image.StoredTrust;
import rkt.schema.EngineException;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.Reference;
import rkt.trust.Trust;
import rkt.trust.Trusts;

/** An image under names that it was not judged by. */
class StoredTrustTest {
  private static final String PROD = "docker://registry.example.com/prod/app:1";

  @TempDir Path temporary;
  private LayoutFixture f;
  private String layout = "";
  private ImageRecord image;

  @BeforeEach
  void open() throws Exception {
    f = new LayoutFixture(temporary);
    f.image("example.com/app:latest", layerTar("etc/one", "1"));
    layout = "oci:" + f.directory().toRealPath();
    image = f.load("");
  }

  private Trust trust() {
    return Trusts.open(Optional.empty(), temporary.resolve("conf"), Optional.empty(), false);
  }

  /** Prefixes and what they accept, one after the other. */
  private void policy(String... rules) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rules.length; i += 2) {
      text.append(i == 0 ? "" : ",")
          .append("{\"prefix\":\"" + rules[i] + "\",\"accept\":\"" + rules[i + 1] + "\"}");
    }
    Files.createDirectories(temporary.resolve("conf"));
    Files.writeString(
        temporary.resolve("conf/policy.json"),
        "{\"rktKind\":\"policy\",\"rktVersion\":\"v1\",\"rules\":[" + text + "]}");
  }

  private ImageRecord find(String text) throws EngineException {
    FetchOptions options =
        new FetchOptions(InsecureOptions.NONE, PullPolicy.NEVER, Diagnostics.SILENT, "rkt/test")
            .withTrust(trust());
    return new ImageFinder(f.store, options).find(ImageStrings.parse(text));
  }

  private void runs(String text) throws EngineException {
    assertThat(find(text).id()).isEqualTo(image.id());
  }

  private void refused(String text, String why) {
    assertThatThrownBy(() -> find(text)).as(text).hasMessageContaining(why);
  }

  @Test
  void aNameThatAnImageGivesItselfOpensNothing() throws Exception {
    runs("example.com/app");
    policy(layout, "unsigned");
    runs(layout);
    runs("example.com/app");
    policy(layout, "unsigned", "example.com", "pgp");
    runs(layout);
    runs(image.id().value());
    refused("example.com/app", "the image of that name in the store is an OCI image");
    policy(layout, "unsigned", "", "pgp");
    refused("example.com/app", "the image of that name in the store is an OCI image");
    policy(layout, "unsigned", "example.com", "nothing");
    refused("example.com/app", "accepts nothing");
    policy(layout, "nothing", "example.com", "unsigned");
    runs("example.com/app");
    refused(image.id().value(), "accepts nothing");
  }

  @Test
  void aTagOpensNothing() throws Exception {
    f.store.tag(Reference.of(PROD), image.id());
    f.store.tag(Reference.of("name:example.com/tool"), image.id());
    policy(layout, "unsigned");
    runs(PROD);
    runs("example.com/tool");
    policy(layout, "unsigned", "registry.example.com/prod", "nothing", "example.com", "pgp");
    refused(PROD, "accepts nothing");
    refused("example.com/tool", "an OCI image has cosign signatures");
    StoredTrust judge = new StoredTrust(f.store, trust());
    assertThatThrownBy(() -> judge.checkTag(ImageStrings.parse(PROD), image))
        .hasMessageContaining("accepts nothing");
    assertThatThrownBy(() -> judge.checkTag(ImageStrings.parse("example.com/other"), image))
        .hasMessageContaining("an OCI image has cosign signatures");
    judge.checkTag(ImageStrings.parse("docker://other.example/app"), image);
    policy(layout, "unsigned", "registry.example.com/prod", "unsigned");
    runs(PROD);
  }

  @Test
  void whatOneNameVouchesForSaysNothingOfAnother() throws Exception {
    Path other = temporary.resolve("other");
    Files.createDirectories(other);
    Path dir = f.directory();
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = other.resolve(dir.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    String second = "oci:" + other.toRealPath();
    policy(second, "unsigned");
    runs(second);
    List<Verdict> verdicts = f.store.get(image.id()).orElseThrow().verdicts();
    assertThat(verdicts).extracting(Verdict::subject).containsExactly(second, layout);
    assertThat(f.store.list().get(0).verdicts()).isEqualTo(verdicts);
    policy(layout, "nothing", second, "unsigned");
    refused(image.id().value(), "accepts nothing");
    policy(layout, "pgp", second, "unsigned");
    runs(image.id().value());
    policy(layout, "pgp", second, "pgp");
    refused(image.id().value(), "an OCI image has cosign signatures");
    // Nothing was checked this time: what was found out before still holds.
    f.load(LayoutImage.Kind.OCI, other, "");
    assertThat(f.store.get(image.id()).orElseThrow().verdicts().get(0).kind())
        .isEqualTo(Verdict.Kind.UNSIGNED);
  }

  @Test
  void anImageFromBeforeThereWereVerdictsIsWhatItWasFetchedAs() throws Exception {
    f.store.tag(Reference.of("docker://127.0.0.1:5000/dev/app:1"), image.id());
    try (Stream<Path> files = Files.walk(f.data.resolve("cas"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.UTF_8);
        int from = text.indexOf("\"verdict\":");
        if (from >= 0) {
          String rest = text.substring(text.indexOf("\"unpackedSize\""));
          Files.writeString(file, text.substring(0, from) + rest);
        }
      }
    }
    assertThat(f.store.get(image.id()).orElseThrow().verdict().subject()).isEmpty();
    policy("127.0.0.1:5000/dev", "unsigned");
    runs("docker://127.0.0.1:5000/dev/app:1");
    runs(image.id().value());
    policy("127.0.0.1:5000/dev", "nothing");
    refused("docker://127.0.0.1:5000/dev/app:1", "accepts nothing");
    refused(image.id().value(), "accepts nothing");
  }
}
