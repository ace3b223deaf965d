package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.image.Diagnostics;

class RetriesTest {
  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void whatMayChangeIsAskedAgain(int status) {
    assertThat(Retries.isPassing(status)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 206, 304, 400, 401, 403, 404, 416, 501, 505})
  void whatStaysAsItIsIsNot(int status) {
    assertThat(Retries.isPassing(status)).isFalse();
  }

  @Test
  void brokenConnectionsPassOthersDoNot() {
    assertThat(Retries.isPassing(new EOFException())).isTrue();
    assertThat(Retries.isPassing(new IOException("Connection reset"))).isTrue();
    assertThat(Retries.isPassing(new ConnectException())).isFalse();
    assertThat(Retries.isPassing(new UnknownHostException())).isFalse();
    assertThat(Retries.isPassing(new SSLHandshakeException("certificate"))).isFalse();
    assertThat(Retries.isPassing(new UrlRules.Broken("rule"))).isFalse();
  }

  @Test
  void theLastAttemptIsKnown() {
    RegistryLimits limits = RegistryLimits.DEFAULT;
    Retries three = new Retries("x", limits, 3, Diagnostics.SILENT);
    assertThat(three.isLast()).isFalse();
    assertThat(three.isLast()).isFalse();
    assertThat(three.isLast()).isTrue();
    assertThat(new Retries("x", limits, 1, Diagnostics.SILENT).isLast()).isTrue();
  }
}
