package rkt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  /** Both streams into one text, to see the order. */
  private final ByteArrayOutputStream both = new ByteArrayOutputStream();

  private String text() {
    return both.toString(StandardCharsets.UTF_8);
  }

  @Test
  void linesEndOnceAndKeepTheirOrderAcrossStreams() {
    Console console = new Console(both, both);
    console.begin("list", GlobalFlags.table());
    console.out("one");
    console.out("two\n");
    console.note("careful");
    console.note("image", "from elsewhere");
    console.out("");
    console.write("raw");
    assertThat(console.finish(0)).isZero();
    assertThat(text()).isEqualTo("one\ntwo\nlist: careful\nimage: from elsewhere\n\nraw");
  }

  @Test
  void debugLinesNeedDebug() {
    Console console = new Console(both, both);
    console.begin("run", GlobalFlags.table());
    console.debug("stage0", "hidden");
    assertThat(text()).isEmpty();
  }

  @Test
  void theLiveBlockIsReplacedInPlace() {
    Console console = new Console(both, both);
    console.live(List.of(), List.of("a 1", "b 1"), 24);
    console.live(List.of("a done"), List.of("b 2"), 24);
    console.live(List.of(), List.of(), 24);
    assertThat(text())
        .isEqualTo(
            "a 1\u001b[K\nb 1\u001b[K\n\u001b[J"
                + "\r\u001b[2Aa done\u001b[K\nb 2\u001b[K\n\u001b[J"
                + "\r\u001b[1A\u001b[J");
  }

  @Test
  void messagesAndOutputAppearAboveTheLiveBlock() {
    Console console = new Console(both, both);
    console.begin("fetch", GlobalFlags.table());
    console.live(List.of(), List.of("10%"), 24);
    console.note("careful");
    console.out("sha512-0");
    console.flush();
    assertThat(text())
        .isEqualTo(
            "10%\u001b[K\n\u001b[J"
                + "\r\u001b[1A\u001b[Jfetch: careful\n10%\u001b[K\n"
                + "\r\u001b[1A\u001b[Jsha512-0\n10%\u001b[K\n");
  }

  @Test
  void framedMessagesAreJson() {
    Console console = new Console(both, both);
    console.begin("fetch", GlobalFlags.table());
    console.frameMessages();
    console.note("no \"a\u001b\"\nsecond line");
    console.event("{}");
    assertThat(text())
        .isEqualTo(
            "{\"event\":\"message\",\"text\":\"fetch: no \\\"a\\u001b\\\"\\nsecond line\"}\n{}\n");
  }

  /** CWE-150: an image's words in a message must not drive the terminal. */
  @Test
  void whatImagesSayCannotDriveTheTerminal() {
    Console console = new Console(both, both);
    console.begin("run", GlobalFlags.table());
    console.note("no user \"a\u001b]0;owned\u0007\r\u009b2J\"\nsecond line");
    assertThat(text()).isEqualTo("run: no user \"a?]0;owned???2J\"\nsecond line\n");
  }

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }

  @Test
  void aBrokenPipeIsQuietAndEndsAsSigpipeWould() {
    Console console = new Console(failing("Broken pipe"), both);
    console.out("x");
    assertThat(console.finish(0)).isEqualTo(141);
    assertThat(text()).isEmpty();
  }

  @Test
  void aFailureOfTheCommandOutranksABrokenPipe() {
    Console console = new Console(failing("Broken pipe"), both);
    console.out("x");
    assertThat(console.finish(254)).isEqualTo(254);
  }

  @Test
  void aFullDiskIsToldOnce() {
    Console console = new Console(failing("No space left on device"), both);
    console.begin("list", GlobalFlags.table());
    console.out("x");
    console.flush();
    console.out("y");
    assertThat(console.finish(0)).isEqualTo(254);
    assertThat(text())
        .isEqualTo("list: cannot write to standard output: No space left on device\n");
  }
}
