package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Starts rkt as systemd does: with sockets that it listens on, and with a place to be told at. The
 * program is {@code tests/src/test/resources/manager.py}, where its options are explained; it needs
 * no systemd.
 */
public final class Manager {
  private static final String PROGRAM =
      Rkt.ROOT.resolve("tests/src/test/resources/manager.py").toString();

  private Manager() {}

  /** Starts {@code rkt --insecure-options=image ARGS}. */
  public static Rkt.Running start(Rkt rkt, List<String> options, String... args) {
    assumeTrue(Rkt.exec("python3", "-c", "").exit() == 0, "python3 is not installed");
    List<String> program = new ArrayList<>(List.of("python3", PROGRAM));
    program.addAll(options);
    program.add("--");
    List<String> all = new ArrayList<>(List.of("--insecure-options=image"));
    all.addAll(Arrays.asList(args));
    return rkt.startBy(program, all.toArray(String[]::new));
  }

  /** Connects as soon as somebody listens, says a line, and gives what comes back. */
  public static String ask(String address, int port, String line) {
    AtomicReference<Socket> socket = new AtomicReference<>();
    Rkt.waitFor("somebody who listens on " + port, () -> connect(socket, address, port));
    try (Socket connection = socket.get()) {
      connection.setSoTimeout(60_000);
      connection.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
      return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean connect(AtomicReference<Socket> out, String address, int port) {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(address, port), 1000);
      out.set(socket);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** Sends a datagram until there is an answer. */
  public static String askDatagram(int port, String line) {
    AtomicReference<String> answer = new AtomicReference<>();
    Rkt.waitFor(
        "an answer to a datagram",
        () -> {
          try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(5000);
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.send(new DatagramPacket(bytes, bytes.length));
            DatagramPacket packet = new DatagramPacket(new byte[500], 500);
            socket.receive(packet);
            answer.set(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
            return true;
          } catch (IOException _) {
            return false;
          }
        });
    return answer.get();
  }
}
