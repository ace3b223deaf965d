package rkt.tests.hazards;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;

/** Fifty apps in one pod: they all run at once, their lines stay apart, and nothing is left. */
class ManyAppsTest {
  private static final int APPS = 50;

  @Test
  void fiftyAppsStartRunAndEnd() {
    try (Rkt rkt = new Rkt()) {
      Path image = Probe.image(rkt, "probe");
      List<String> args = new ArrayList<>(List.of("run", "--net=none"));
      for (int i = 0; i < APPS; i++) {
        args.addAll(List.of(image.toString(), "--name=app-" + i, "--"));
        args.addAll(List.of("say", "here is " + i, ",", "ls", "/dev/shm", ",", "forever"));
        if (i < APPS - 1) {
          args.add("---");
        }
      }
      Rkt.Running pod = rkt.startInsecure(args.toArray(String[]::new));
      Rkt.waitFor("all apps", () -> count(pod, "forever=") == APPS || !pod.isAlive());
      for (int i = 0; i < APPS; i++) {
        assertThat(pod.output().lines()).contains("say=here is " + i);
      }
      String uuid = rkt.pods().getFirst();
      assertThat(rkt.status(uuid, "state")).isEqualTo("running");
      Probe entered =
          Probe.of(rkt.run("enter", "--app=app-7", uuid, "/bin/probe", "processes").ok().out());
      assertThat(entered.all("process").values())
          .filteredOn(command -> command.startsWith("/bin/probe say"))
          .hasSize(APPS);
      rkt.run("stop", uuid).ok();
      pod.await().exited(0);
      String status = rkt.run("status", uuid).ok().out();
      assertThat(status.lines().filter(line -> line.matches("app-app-[0-9]+=0"))).hasSize(APPS);
      Leftovers.assertNoneOfPod(uuid);
    }
  }

  private static int count(Rkt.Running pod, String text) {
    return pod.output().split(text, -1).length - 1;
  }
}
