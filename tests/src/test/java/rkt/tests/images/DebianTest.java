package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Registry;
import rkt.tests.harness.Rkt;

/** A real Debian with nginx, pushed to a real registry by another tool, run by rkt. */
class DebianTest {
  private static final Path TAR = Rkt.ROOT.resolve("build/cache/debian-nginx.tar");

  @Test
  void debianAndNginxFromARegistry() throws IOException {
    assumeTrue(Files.exists(TAR), "no build/cache/debian-nginx.tar (dist/test-inputs makes it)");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/umoci")), "umoci is not installed");
    try (Rkt rkt = new Rkt();
        Registry registry = Registry.start(rkt)) {
      Path layout = rkt.home().resolve("layout");
      Rkt.exec("umoci", "init", "--layout", layout.toString()).ok();
      Rkt.exec("umoci", "new", "--image", layout + ":debian").ok();
      Rkt.exec("umoci", "raw", "add-layer", "--image", layout + ":debian", TAR.toString()).ok();
      Rkt.exec("umoci", "config", "--image", layout + ":debian", "--config.cmd=/bin/bash").ok();
      registry.push("oci:" + layout + ":debian", "debian:latest");
      String ref = "docker://" + registry.host() + "/debian";

      Rkt.Result release =
          rkt.insecure("run", ref, "--exec", "/bin/cat", "--", "/etc/os-release").ok();
      assertThat(release.out()).contains("ID=debian");

      Path uuidFile = rkt.home().resolve("uuid");
      Rkt.Running nginx =
          rkt.startInsecure(
              "run",
              "--net=host",
              "--uuid-file-save=" + uuidFile,
              ref,
              "--exec=/usr/sbin/nginx",
              "--",
              "-g",
              "daemon off;");
      Rkt.waitFor(
          "nginx to serve; stderr: " + nginx.errors(),
          () ->
              !nginx.isAlive()
                  || Rkt.exec("curl", "-s", "-o", "/dev/null", "http://127.0.0.1:80/").exit() == 0);
      assertThat(Rkt.exec("curl", "-s", "http://127.0.0.1:80/").ok().out())
          .contains("Welcome to nginx");
      String uuid = Files.readString(uuidFile);
      rkt.run("stop", uuid).ok();
      nginx.await().exited(0);
      assertThat(rkt.status(uuid, "app-debian")).isEqualTo("0");
      Leftovers.assertNoneOfPod(uuid);
    }
  }
}
