package rkt.tests.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import rkt.tests.harness.HostNet;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** A host with an outside world, an rkt with networks of its own, and pods on them. */
abstract class NetworkCases {
  HostNet host;
  Rkt rkt;

  @BeforeEach
  void setUp() throws IOException {
    host = new HostNet();
    rkt = new Rkt();
    Files.createDirectories(rkt.config().resolve("net.d"));
  }

  @AfterEach
  void tearDown() {
    try {
      if (rkt != null) {
        rkt.close();
      }
    } finally {
      if (host != null) {
        removeLasting();
        host.close();
      }
    }
  }

  /** What plugins make for all pods of a network and leave to the host. */
  void removeLasting() {}

  void conf(String file, String text) throws IOException {
    Files.writeString(rkt.config().resolve("net.d").resolve(file), text);
  }

  /** A pod that runs a script to its end. It declares two ports. */
  Rkt.Result sh(String script, String... flags) {
    Path aci = Images.script(rkt, "app", script, "--port=http:tcp:80", "--port=many:udp:90");
    return rkt.insecure(run(aci, flags));
  }

  /** A pod that serves its text on port 80, once per connection; ready when this returns. */
  Rkt.Running server(String text, String... flags) {
    Path aci =
        Images.script(
            rkt,
            "server",
            "while :; do echo " + text + " | nc -l -p 80; done",
            "--port=http:tcp:80");
    Rkt.Running running = rkt.startInsecure(run(aci, flags));
    Rkt.waitFor("the server", () -> listens(running));
    return running;
  }

  private String[] run(Path aci, String... flags) {
    List<String> args = new ArrayList<>(List.of("run", "--uuid-file-save=" + uuidFile()));
    args.addAll(List.of(flags));
    args.add(aci.toString());
    return args.toArray(String[]::new);
  }

  /** Without connecting: each connection is an answer. */
  boolean listens(Rkt.Running running) {
    if (!running.isAlive()) {
      throw new AssertionError("the server pod ended: " + running.await().all());
    }
    try {
      Path pid = rkt.data().resolve("pods/run/" + Files.readString(uuidFile()).strip() + "/pid");
      String net = "/proc/" + Files.readString(pid).strip() + "/net/";
      return (Files.readString(Path.of(net + "tcp")) + Files.readString(Path.of(net + "tcp6")))
          .matches("(?s).*:0050 [0:]+ 0A .*");
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Waits for the pod started last. */
  void awaitReady() {
    Rkt.waitFor(
        "the pod",
        () ->
            Files.exists(uuidFile()) && rkt.run("status", "--wait-ready=60s", uuid()).exit() == 0);
  }

  static void stop(Rkt.Running running) {
    running.signal("TERM");
    running.await();
  }

  Path uuidFile() {
    return rkt.home().resolve("uuid");
  }

  /** Of the pod started last. */
  String uuid() {
    try {
      return Files.readString(uuidFile()).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
