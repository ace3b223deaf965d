package rkt.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static rkt.image.layout.LayoutFixture.layerTar;
import static rkt.image.layout.LayoutFixture.utf8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.oci.CosignManifests;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.MediaTypes;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;

class LayoutImagesTest {
  private static final byte[] ONE = layerTar("etc/one", "1");
  private static final byte[] TWO = layerTar("etc/two", "2");

  @TempDir Path temporary;
  private LayoutFixture layout;

  @BeforeEach
  void open() throws EngineException {
    layout = new LayoutFixture(temporary);
  }

  private interface Loading {
    void run() throws EngineException, IOException;
  }

  private static EngineException failure(Loading loading) {
    return catchThrowableOfType(EngineException.class, loading::run);
  }

  private void assertNothingStored() throws EngineException, IOException {
    assertThat(layout.store.list()).isEmpty();
    Path tmp = layout.data.resolve("cas/tmp");
    if (Files.exists(tmp)) {
      try (var left = Files.list(tmp)) {
        assertThat(left).isEmpty();
      }
    }
  }

  @Test
  void theOnlyImageNeedsNoName() throws Exception {
    Descriptor entry = layout.image("", ONE, TWO);
    ImageRecord image = layout.load("");
    assertThat(image.id()).isEqualTo(ImageId.sha256(entry.digest().hex()));
    assertThat(image.name().value()).isEqualTo("layout");
    assertThat(image.verdict().kind()).isEqualTo(Verdict.Kind.UNCHECKED);
    assertThat(layout.trust.subjects.get(0).name())
        .isEqualTo("oci:" + temporary.toRealPath() + "/layout");
    assertThat(layout.store.byRef("ref").orElseThrow().id()).isEqualTo(image.id());
    Path top = layout.store.rootfs(image, false).lowerTopFirst().get(0);
    assertThat(top.resolve("etc/two")).hasContent("2");
  }

  @Test
  void aNameChoosesAndIsTheVersion() throws Exception {
    layout.image("v1", ONE);
    Descriptor second = layout.image("v2", TWO);
    ImageRecord image = layout.load("v2");
    assertThat(image.manifestDigest()).contains(second.digest());
    assertThat(image.labels().get("version")).contains("v2");
    assertThat(layout.load("@" + second.digest()).id()).isEqualTo(image.id());
  }

  @Test
  void withoutANameTheNamesAreListed() throws Exception {
    layout.image("v1", ONE);
    layout.image("v2", TWO);
    EngineException e = failure(() -> layout.load(""));
    assertThat(e.code()).isEqualTo(ErrorCode.AMBIGUOUS);
    assertThat(e.why()).contains("2 images", "\"v1\", \"v2\"");
    EngineException unknown = failure(() -> layout.load("v3"));
    assertThat(unknown.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(unknown.why()).contains("\"v1\", \"v2\"");
    assertNothingStored();
  }

  @Test
  void fullNamesAreThoseOfARegistry() throws Exception {
    layout.image("registry.example.com:5000/team/app:1.2", ONE);
    ImageRecord image = layout.load("");
    assertThat(image.name().value()).isEqualTo("registry.example.com_5000/team/app");
    assertThat(image.labels().get("version")).contains("1.2");
  }

  @Test
  void containerdsFullNameBeatsTheTag() throws Exception {
    layout.entries.add(
        LayoutFixture.annotated(
            layout.manifest("amd64", ONE),
            Map.of(
                OciLayout.REF_NAME,
                "latest",
                "io.containerd.image.name",
                "docker.io/library/busybox:latest")));
    ImageRecord image = layout.load("");
    assertThat(image.name().value()).isEqualTo("registry-1.docker.io/library/busybox");
    assertThat(image.latest()).isTrue();
  }

  @Test
  void theEntryForThisPlatformIsChosen() throws Exception {
    Descriptor mine = layout.manifest("amd64", ONE);
    Descriptor other = layout.manifest("arm64", TWO);
    Descriptor inner =
        layout.index(LayoutFixture.on("arm64", other), LayoutFixture.on("amd64", mine));
    layout.entries.add(layout.index(inner));
    assertThat(layout.load("").manifestDigest()).contains(mine.digest());
  }

  @Test
  void entriesOfTheTopIndexMayBePlatforms() throws Exception {
    Descriptor mine = layout.manifest("amd64", ONE);
    layout.entries.add(LayoutFixture.on("arm64", layout.manifest("arm64", TWO)));
    layout.entries.add(LayoutFixture.on("amd64", mine));
    assertThat(layout.load("").manifestDigest()).contains(mine.digest());
  }

  @Test
  void aMissingPlatformIsSaidWithThoseThereAre() throws Exception {
    layout.entries.add(layout.index(LayoutFixture.on("arm64", layout.manifest("arm64", TWO))));
    EngineException e = failure(() -> layout.load(""));
    assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED);
    assertThat(e.why()).contains("linux/amd64", "linux/arm64");
  }

  @Test
  void indexesNestThreeDeepAtMost() throws Exception {
    Descriptor index = layout.index(layout.manifest("amd64", ONE));
    for (int i = 0; i < 3; i++) {
      index = layout.index(index);
    }
    layout.entries.add(index);
    EngineException e = failure(() -> layout.load(""));
    assertThat(e.why()).contains("nested too deeply");
  }

  /** A cycle needs an index whose digest lies; it ends at the digest. */
  @Test
  void aCycleOfIndexesEndsAtTheDigest() throws Exception {
    Descriptor index = layout.index(layout.manifest("amd64", ONE));
    layout.files.put(
        "blobs/sha256/" + index.digest().hex(),
        utf8(
            new rkt.schema.oci.OciIndex(MediaTypes.OCI_INDEX, java.util.List.of(index), Map.of())
                .toJson()));
    layout.entries.add(index);
    assertThat(failure(() -> layout.load("")).code()).isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void whatIsStoredIsNotReadAgain() throws Exception {
    Descriptor entry = layout.image("v1", ONE);
    ImageRecord first = layout.load("");
    byte[] manifest = layout.files.get("blobs/sha256/" + entry.digest().hex());
    String layer = rkt.schema.oci.OciManifest.parse(manifest).layers().get(0).digest().hex();
    Files.delete(temporary.resolve("layout/blobs/sha256/" + layer));
    layout.files.remove("blobs/sha256/" + layer);
    assertThat(layout.load("").id()).isEqualTo(first.id());
  }

  @Test
  void missingFilesAreNamed() throws Exception {
    Descriptor entry = layout.image("", ONE);
    byte[] manifest = layout.files.remove("blobs/sha256/" + entry.digest().hex());
    assertThat(failure(() -> layout.load("")).why())
        .contains("blob " + entry.digest() + " is missing");
    layout.files.put("blobs/sha256/" + entry.digest().hex(), manifest);
    String layer = rkt.schema.oci.OciManifest.parse(manifest).layers().get(0).digest().toString();
    Files.delete(
        Files.createDirectories(temporary.resolve("layout/blobs/sha256"))
            .resolve(layer.substring(7)));
    layout.files.remove("blobs/sha256/" + layer.substring(7));
    assertThat(failure(() -> layout.load("")).why()).contains("layer " + layer + " is missing");
    assertNothingStored();
  }

  @Test
  void aDirectoryThatIsNoLayoutIsSaid() throws Exception {
    layout.files.remove("oci-layout");
    layout.image("", ONE);
    assertThat(failure(() -> layout.load("")).why()).contains("no OCI image layout", "oci-layout");
    layout.files.put("oci-layout", utf8("{\"imageLayoutVersion\":\"2.0.0\"}"));
    assertThat(failure(() -> layout.load("")).why()).contains("\"2.0.0\"");
    layout.files.put("oci-layout", utf8("{"));
    assertThat(failure(() -> layout.load("")).code()).isEqualTo(ErrorCode.INVALID);
  }

  /** One flipped bit in any file of the image is noticed. */
  @Test
  void everyFileIsVerified() throws Exception {
    layout.image("", ONE);
    for (String path : layout.files.keySet()) {
      if (!path.startsWith("blobs/")) {
        continue;
      }
      byte[] good = layout.files.get(path);
      byte[] bad = good.clone();
      bad[bad.length / 2] ^= 1;
      layout.files.put(path, bad);
      EngineException e = failure(() -> layout.load(""));
      assertThat(e).as(path).isNotNull();
      assertThat(e.code()).as(path + ": " + e.getMessage()).isEqualTo(ErrorCode.CORRUPT);
      layout.files.put(path, good);
      assertNothingStored();
    }
    assertThat(layout.load("")).isNotNull();
  }

  @Test
  void linksOutOfTheLayoutAreNotFollowed() throws Exception {
    Descriptor entry = layout.image("", ONE);
    Path dir = layout.directory();
    Path blob = dir.resolve("blobs/sha256").resolve(entry.digest().hex());
    Path outside = layout.write("secret", Files.readAllBytes(blob));
    Files.delete(blob);
    for (String target : new String[] {outside.toString(), "../../../secret", "/etc/shadow"}) {
      Files.deleteIfExists(blob);
      Files.createSymbolicLink(blob, Path.of(target));
      EngineException e =
          failure(() -> layout.load(rkt.image.ImageString.LayoutImage.Kind.OCI, dir, ""));
      assertThat(e.code()).as(target).isEqualTo(ErrorCode.REFUSED);
      assertThat(e.why()).contains("leads out of the layout");
    }
    assertNothingStored();
  }

  @Test
  void linksWithinTheLayoutAreFollowed() throws Exception {
    Descriptor entry = layout.image("", ONE);
    Path dir = layout.directory();
    Path blob = dir.resolve("blobs/sha256").resolve(entry.digest().hex());
    Files.move(blob, dir.resolve("moved"));
    Files.createSymbolicLink(blob, Path.of("../../moved"));
    assertThat(layout.load(rkt.image.ImageString.LayoutImage.Kind.OCI, dir, "")).isNotNull();
  }

  @Test
  void pipesAndDirectoriesAreNoBlobs() throws Exception {
    Descriptor entry = layout.image("", ONE);
    Path dir = layout.directory();
    Path blob = dir.resolve("blobs/sha256").resolve(entry.digest().hex());
    Files.delete(blob);
    layout.kernel.mknodat(
        rkt.os.Consts.AT_FDCWD, blob.toString(), rkt.os.Consts.S_IFIFO | 0600, 0, 0);
    assertThat(
            failure(() -> layout.load(rkt.image.ImageString.LayoutImage.Kind.OCI, dir, "")).why())
        .contains("not a regular file");
    Files.delete(blob);
    Files.createDirectory(blob);
    assertThat(
            failure(() -> layout.load(rkt.image.ImageString.LayoutImage.Kind.OCI, dir, "")).why())
        .contains("not a regular file");
  }

  @Test
  void documentsAreBounded() throws Exception {
    layout.image("", ONE);
    layout.files.put("index.json", new byte[(4 << 20) + 1]);
    EngineException e = failure(() -> layout.load(""));
    assertThat(e.code()).isEqualTo(ErrorCode.REFUSED);
    assertThat(e.why()).contains("index.json is larger than");
  }

  @Test
  void placesThatAreNotThereOrNoDirectoriesAreSaid() throws Exception {
    var kind = rkt.image.ImageString.LayoutImage.Kind.OCI;
    assertThat(failure(() -> layout.load(kind, temporary.resolve("none"), "")).code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    Path file = layout.write("file", new byte[10]);
    assertThat(failure(() -> layout.load(kind, file, "")).why()).contains("not a directory");
  }

  private Descriptor signature(Map<String, String> annotations, String more) {
    Descriptor payload = layout.blob(CosignManifests.PAYLOAD_TYPE, utf8("{\"signed\":1}"));
    Descriptor config = layout.blob(MediaTypes.OCI_CONFIG, utf8("{}"));
    String json =
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MediaTypes.OCI_MANIFEST
            + "\",\"config\":{\"mediaType\":\""
            + config.mediaType()
            + "\",\"digest\":\""
            + config.digest()
            + "\",\"size\":"
            + config.size()
            + "},\"layers\":[{\"mediaType\":\""
            + payload.mediaType()
            + "\",\"digest\":\""
            + payload.digest()
            + "\",\"size\":"
            + payload.size()
            + ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"c2ln\"}}]"
            + more
            + "}";
    Descriptor manifest = layout.blob(MediaTypes.OCI_MANIFEST, utf8(json));
    Descriptor entry = LayoutFixture.annotated(manifest, annotations);
    layout.entries.add(entry);
    return entry;
  }

  @Test
  void signaturesAreFoundByTag() throws Exception {
    layout.trust.signed = true;
    Descriptor entry = layout.image("v1", ONE);
    signature(Map.of(OciLayout.REF_NAME, "sha256-" + entry.digest().hex() + ".sig"), "");
    ImageRecord image = layout.load("");
    assertThat(image.verdict().kind()).isEqualTo(Verdict.Kind.COSIGN);
    assertThat(layout.trust.seen).hasSize(1);
    assertThat(layout.trust.seen.get(0).payload()).isEqualTo(utf8("{\"signed\":1}"));
  }

  @Test
  void signaturesAreFoundAsCosignSavesThem() throws Exception {
    layout.trust.signed = true;
    layout.image("v1", ONE);
    signature(Map.of("kind", "dev.cosignproject.cosign/sigs"), "");
    assertThat(layout.load("").verdict().kind()).isEqualTo(Verdict.Kind.COSIGN);
  }

  @Test
  void signaturesAreFoundBySubject() throws Exception {
    layout.trust.signed = true;
    Descriptor entry = layout.image("v1", ONE);
    signature(
        Map.of(),
        ",\"subject\":{\"mediaType\":\"m\",\"digest\":\"" + entry.digest() + "\",\"size\":1}");
    assertThat(layout.load("").verdict().kind()).isEqualTo(Verdict.Kind.COSIGN);
  }

  /** The policy speaks of places, and a link is another name for one. */
  @Test
  void linksDoNotLeadAroundThePolicy() throws Exception {
    layout.image("v1", ONE);
    Path link = Files.createSymbolicLink(temporary.resolve("link"), layout.directory());
    layout.load(rkt.image.ImageString.LayoutImage.Kind.OCI, link, "");
    assertThat(layout.trust.subjects.get(0).name())
        .isEqualTo("oci:" + temporary.toRealPath() + "/layout");
  }

  /** Judged and read are one layout, wherever the link leads a moment later. */
  @Test
  void aLinkThatFlipsDoesNotLeadAroundThePolicy() throws Exception {
    Descriptor good = layout.image("v1", ONE);
    Path first = layout.directory();
    Path firstTar = layout.write("first.tar", layout.archive());
    LayoutFixture evil = new LayoutFixture(Files.createDirectory(temporary.resolve("evil")));
    evil.image("v1", TWO);
    Path second = evil.directory();
    Path secondTar = evil.write("second.tar", evil.archive());
    Path link = temporary.resolve("link");
    for (boolean archive : new boolean[] {false, true}) {
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, archive ? firstTar : first);
      layout.trust.meanwhile = () -> LayoutFixture.flip(link, archive ? secondTar : second);
      var kind =
          archive
              ? rkt.image.ImageString.LayoutImage.Kind.OCI_ARCHIVE
              : rkt.image.ImageString.LayoutImage.Kind.OCI;
      ImageRecord image = layout.load(kind, link, "");
      assertThat(layout.trust.subjects.getLast().name())
          .endsWith(archive ? "/first.tar" : "/layout");
      assertThat(image.manifestDigest()).contains(good.digest());
    }
    assertThat(layout.store.list()).hasSize(1);
  }

  /** As a file of another mount namespace, whose name is somebody else's here. */
  @Test
  void whatHasNoNameCannotBeJudged() throws Exception {
    layout.image("v1", ONE);
    Path archive = layout.write("app.tar", layout.archive());
    try (Fd open = Fd.open(layout.kernel, archive.toString(), Consts.O_RDONLY, 0)) {
      Path through = Path.of(open.path());
      var kind = rkt.image.ImageString.LayoutImage.Kind.OCI_ARCHIVE;
      assertThat(layout.load(kind, through, "")).isNotNull();
      Files.delete(archive);
      assertThat(failure(() -> layout.load(kind, through, "")).code()).isEqualTo(ErrorCode.REFUSED);
    }
  }

  @Test
  void signaturesOfOthersDoNotCount() throws Exception {
    layout.trust.signed = true;
    layout.image("v1", ONE);
    signature(Map.of(OciLayout.REF_NAME, "sha256-" + "0".repeat(64) + ".sig"), "");
    assertThat(failure(() -> layout.load("v1")).code()).isEqualTo(ErrorCode.REFUSED);
    assertNothingStored();
  }
}
