package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Two thousand images: answers stay right. How long they take is measured in bench/. */
class ManyImagesTest {
  private static final int COUNT = 2000;

  @Test
  void listingsAndNamesStayRight() throws IOException {
    try (Rkt rkt = new Rkt()) {
      String id =
          rkt.insecure("fetch", "--full", Images.script(rkt, "app", "true").toString())
              .ok()
              .out()
              .strip();
      Path index = rkt.data().resolve("cas/image");
      Path manifests = rkt.data().resolve("cas/imageManifest/sha512");
      Path record = index.resolve(id + ".json");
      String json = Files.readString(record);
      for (int i = 0; i < COUNT; i++) {
        String twin = "sha512-" + String.format("%064x", i + 1);
        String name = "example.com/twin-" + i % 500;
        Files.writeString(
            index.resolve(twin + ".json"), json.replace(id, twin).replace("example.com/app", name));
      }
      // Whatever the store keeps beside its records to be fast is not the truth.
      Rkt.exec("rm", "-rf", rkt.data().resolve("cas/name").toString()).ok();
      for (int round = 0; round < 2; round++) {
        List<String> all =
            rkt.run("image", "list", "--no-legend", "--full", "--fields=id,name")
                .ok()
                .out()
                .lines()
                .toList();
        assertThat(all).hasSize(COUNT + 1).doesNotHaveDuplicates();
        assertThat(
                rkt.run("image", "list", "--no-legend", "--fields=id", "--filter=name=*/twin-7:*")
                    .ok()
                    .out()
                    .lines())
            .hasSize(COUNT / 500);
        assertThat(rkt.run("image", "cat-manifest", "example.com/app").ok().out())
            .contains("example.com/app");
        assertThat(rkt.run("image", "cat-manifest", "sha512-00000").exited(254).err())
            .contains("ambiguous image ID");
        Rkt.exec("sh", "-c", "rm -rf '" + manifests + "/unused'").ok();
      }
      assertThat(
              rkt.run("image", "list", "--format=json", "--fields=unique")
                  .ok()
                  .out()
                  .split("\"unique\""))
          .hasSize(COUNT + 2);
      for (int i = 0; i < COUNT; i++) {
        Files.delete(index.resolve("sha512-" + String.format("%064x", i + 1) + ".json"));
      }
      assertThat(rkt.run("image", "list", "--no-legend").ok().out().lines()).hasSize(1);
    }
  }
}
