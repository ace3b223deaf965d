package rkt.pod;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.image.ImageString;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImplicitDir;
import rkt.store.RootfsLayers;

/** One stored image with one layer. */
final class FakeImages implements PodImages {
  static final ImageId ID = new ImageId("sha512-" + "0123456789abcdef".repeat(4));

  private final Path layer;

  FakeImages(Path layer) {
    this.layer = layer;
  }

  static AppRequest request() {
    return AppRequest.of(new ImageString.HashImage(ID.value()), ID.value());
  }

  ImageRecord record() {
    return new ImageRecord(
        ID,
        ImageRecord.Kind.ACI,
        new AcIdentifier("example.com/hello"),
        Labels.EMPTY,
        0,
        0,
        0,
        false,
        Optional.empty(),
        List.of(),
        Verdict.unchecked("example.com/hello", 0));
  }

  @Override
  public Optional<ImageRecord> stored(String id) {
    return Optional.of(record());
  }

  @Override
  public void touch(ImageRecord image) {}

  @Override
  public ImageManifest manifest(ImageRecord image) {
    String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "amd64";
    return ImageManifest.of(new AcIdentifier("example.com/hello"))
        .withLabels(Labels.of(new Label("os", "linux"), new Label("arch", arch)))
        .withApp(App.of(List.of("/hello"), "0", "0"));
  }

  @Override
  public byte[] manifestBytes(ImageRecord image) {
    return manifest(image).toJson().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public RootfsLayers layers(ImageRecord image) {
    return new RootfsLayers(
        "deps-sha512-1", List.of(layer), List.of(new ImplicitDir("", 0755, 0, 0, 1, 0)));
  }

  @Override
  public void copy(ImageRecord image, Path target) throws EngineException {
    try {
      Files.writeString(target.resolve("hello"), "copied");
    } catch (IOException e) {
      throw Failures.system("copy", e);
    }
  }
}
