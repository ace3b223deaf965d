package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;

/** What the environment says of a service manager, with all that others may have put there. */
class ServiceManagerTest {
  private static ServiceManager of(Map<String, String> environment) {
    return ServiceManager.of(environment, 42);
  }

  @Test
  void socketsAreThoseOfThisProcess() {
    ServiceManager manager =
        of(Map.of("LISTEN_PID", "42", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "a:"));
    assertThat(manager.sockets()).isEqualTo(2);
    assertThat(manager.name(3)).isEqualTo("a");
    assertThat(manager.name(4)).isEmpty();
    assertThat(of(Map.of("LISTEN_PID", "41", "LISTEN_FDS", "2")).sockets()).isZero();
    assertThat(of(Map.of("LISTEN_FDS", "2")).sockets()).isZero();
    assertThat(of(Map.of("LISTEN_PID", "42")).sockets()).isZero();
    assertThat(of(Map.of("LISTEN_PID", "42", "LISTEN_FDS", "0")).sockets()).isZero();
    assertThat(of(Map.of("LISTEN_PID", "42", "LISTEN_FDS", "1")).name(3)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "+1", " 1", "1x", "1025", "99999999999", "\u0661"})
  void whatIsNoNumberOfSockets(String number) {
    assertThatThrownBy(() -> of(Map.of("LISTEN_PID", "42", "LISTEN_FDS", number)))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("LISTEN_FDS is not a number of sockets");
  }

  @Test
  void namesMustBeAsManyAsSockets() {
    assertThatThrownBy(
            () -> of(Map.of("LISTEN_PID", "42", "LISTEN_FDS", "1", "LISTEN_FDNAMES", "a:b")))
        .hasMessageContaining("LISTEN_FDNAMES names 2 sockets, LISTEN_FDS says 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/run/systemd/notify", "@name"})
  void addressesOfUnixSockets(String address) {
    assertThat(of(Map.of("NOTIFY_SOCKET", address)).isNotifiable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "@", "run/notify", "vsock:2:1234"})
  void whatIsNone(String address) {
    assertThat(of(Map.of("NOTIFY_SOCKET", address)).isNotifiable()).isFalse();
  }

  @Test
  void addressesFitTheKernel() {
    assertThat(of(Map.of("NOTIFY_SOCKET", "/" + "a".repeat(106))).isNotifiable()).isTrue();
    assertThat(of(Map.of("NOTIFY_SOCKET", "/" + "a".repeat(107))).isNotifiable()).isFalse();
    assertThat(of(Map.of("NOTIFY_SOCKET", "/" + "\u00e4".repeat(54))).isNotifiable()).isFalse();
  }

  @Test
  void theWatchdogIsThatOfThisProcess() {
    assertThat(of(Map.of("WATCHDOG_USEC", "5")).watchdogMicros()).contains("5");
    assertThat(of(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "42")).watchdogMicros())
        .contains("5");
    assertThat(of(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "1")).watchdogMicros()).isEmpty();
    assertThat(of(Map.of("WATCHDOG_USEC", "x\nA=b")).watchdogMicros()).isEmpty();
  }
}
