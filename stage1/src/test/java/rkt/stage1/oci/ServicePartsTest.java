package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.stage1.PassedSocket;

/** What a service manager's protocols add to an app. */
class ServicePartsTest {
  private static ServiceParts parts(List<PassedSocket> sockets, boolean notifies) {
    return new ServiceParts(
        Path.of("/pod/supervisor"),
        sockets,
        notifies ? Optional.of(Path.of("/pod/notify")) : Optional.empty(),
        Optional.empty());
  }

  private static List<String> environment(ServiceParts parts) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("A", "b");
    variables.put("LISTEN_PID", "1");
    variables.put("NOTIFY_SOCKET", "/of/the/image");
    return parts.environment(new AppEnvironment(variables));
  }

  @Test
  void anAppWithSocketsStartsByWayOfListen() {
    ServiceParts parts = parts(List.of(new PassedSocket(4, "")), false);
    assertThat(parts.args(List.of("/bin/app", "x")))
        .containsExactly("/dev/rkt/listen", "listen", "/bin/app", "x");
    assertThat(environment(parts)).containsExactly("A=b", "LISTEN_FDS=1");
  }

  @Test
  void namesAreThoseTheManagerGave() {
    List<PassedSocket> sockets =
        List.of(new PassedSocket(3, ""), new PassedSocket(7, "web"), new PassedSocket(9, ""));
    assertThat(environment(parts(sockets, false)))
        .containsExactly("A=b", "LISTEN_FDS=3", "LISTEN_FDNAMES=:web:");
  }

  @Test
  void anAppThatSpeaksHasASocketAndItsOwnCommand() {
    ServiceParts parts = parts(List.of(), true);
    assertThat(parts.args(List.of("/bin/app"))).containsExactly("/bin/app");
    assertThat(environment(parts)).containsExactly("A=b", "NOTIFY_SOCKET=/dev/rkt/notify/socket");
  }

  @Test
  void theSupervisorIsToldOfBoth() {
    LaunchText text = new LaunchText();
    parts(List.of(new PassedSocket(4, "x"), new PassedSocket(6, "")), true).launch(text);
    assertThat(text.toString()).isEqualTo("notify=/pod/notify\0listen=4\0listen=6\0");
  }
}
