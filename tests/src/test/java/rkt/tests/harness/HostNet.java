package rkt.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The network a test calls its host, which is the namespace the tests run in, and beyond it an
 * outside world: a second namespace at the other end of a link. Nothing leads further. Closing it
 * fails the test when anything but what stood before is left.
 */
public final class HostNet implements AutoCloseable {
  /** The host's addresses towards the world. */
  public static final String HOST = "10.99.0.1";

  public static final String HOST6 = "fd99::1";

  /** The world's addresses. */
  public static final String WORLD = "10.99.0.2";

  public static final String WORLD6 = "fd99::2";

  private static final String NAME = "world";
  private final String before;
  private final List<Process> processes = new ArrayList<>();

  public HostNet() {
    assumeTrue(Rkt.isRoot() && Boolean.getBoolean("rkt.isolated"), "not isolated; use ./check");
    assumeTrue(hasPlugins(), "containernetworking-plugins is not installed");
    assumeTrue(Files.exists(Path.of("/usr/sbin/nft")), "nftables is not installed");
    ip("netns", "add", NAME);
    ip("link", "add", "w0", "type", "veth", "peer", "name", "w1", "netns", NAME);
    ip("addr", "add", HOST + "/24", "dev", "w0");
    ip("-6", "addr", "add", HOST6 + "/64", "dev", "w0", "nodad");
    ip("link", "set", "w0", "addrgenmode", "none");
    ip("link", "set", "w0", "up");
    world("ip", "addr", "add", WORLD + "/24", "dev", "w1").ok();
    world("ip", "-6", "addr", "add", WORLD6 + "/64", "dev", "w1", "nodad").ok();
    world("ip", "link", "set", "w1", "up").ok();
    world("ip", "link", "set", "lo", "up").ok();
    before = snapshot();
  }

  private static boolean hasPlugins() {
    return Files.exists(Path.of("/usr/lib/cni/ptp")) || Files.exists(Path.of("/opt/cni/bin/ptp"));
  }

  /** Runs ip(8) in the host's namespace. */
  public static void ip(String... args) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(args));
    Rkt.exec(command.toArray(String[]::new)).ok();
  }

  /** Runs a command in the world. */
  public Rkt.Result world(String... command) {
    return Rkt.exec(inWorld(command));
  }

  /** A command that sends a datagram, and prints what comes back within a second. */
  public static String[] datagram(String address, int port) {
    return new String[] {
      "python3",
      "-c",
      "import socket,sys\n"
          + "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.settimeout(1)\n"
          + "try:\n"
          + " s.connect((sys.argv[1],int(sys.argv[2])));s.send(b'hello\\n')\n"
          + " print(s.recv(99).decode(),end='')\n"
          + "except OSError: pass\n",
      address,
      Integer.toString(port)
    };
  }

  /** The same command in the world. */
  public static String[] inWorld(String... command) {
    List<String> out = new ArrayList<>(List.of("ip", "netns", "exec", NAME));
    out.addAll(List.of(command));
    return out.toArray(String[]::new);
  }

  /**
   * A server in the world that answers every connection with the address it came from, and is
   * listening when this returns.
   */
  public void echoAddress(int port) {
    serve(
        inWorld(
            "python3",
            "-c",
            "import socket,sys\n"
                + "s=socket.socket(socket.AF_INET6)\n"
                + "s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1)\n"
                + "s.bind(('::',int(sys.argv[1])));s.listen(9);print('up',flush=True)\n"
                + "while True:\n"
                + " c,a=s.accept();c.sendall((a[0]+'\\n').encode());c.close()\n",
            Integer.toString(port)));
  }

  /** Servers of a namespace that answer every datagram with their port and what it said. */
  public void echoDatagrams(String namespace, int first, int count) {
    serve(
        "ip",
        "netns",
        "exec",
        namespace,
        "python3",
        "-c",
        "import select,socket,sys\n"
            + "s=[]\n"
            + "for i in range(int(sys.argv[2])):\n"
            + " u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
            + " u.bind(('',int(sys.argv[1])+i));s.append(u)\n"
            + "print('up',flush=True)\n"
            + "while True:\n"
            + " for u in select.select(s,[],[])[0]:\n"
            + "  d,a=u.recvfrom(99);u.sendto(b'%d '%u.getsockname()[1]+d,a)\n",
        Integer.toString(first),
        Integer.toString(count));
  }

  private void serve(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      processes.add(process);
      process.getInputStream().read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a TCP server says, asked from the world; empty when it cannot be reached. */
  public String askFromWorld(String address, int port) {
    return world(
            "python3",
            "-c",
            "import socket,sys\n"
                + "try:\n"
                + " c=socket.create_connection((sys.argv[1],int(sys.argv[2])),3)\n"
                + " c.settimeout(3);print(c.makefile().read(),end='')\n"
                + "except OSError: pass\n",
            address,
            Integer.toString(port))
        .out();
  }

  /** What a TCP server says, asked from the host; empty when it cannot be reached. */
  public static String ask(String address, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 3000);
      socket.setSoTimeout(3000);
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      in.transferTo(out);
      return out.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** Interfaces, addresses, routes, rules, namespaces, reserved addresses. */
  public static String snapshot() {
    StringBuilder out = new StringBuilder();
    out.append(Rkt.exec("ip", "-o", "addr").out());
    out.append(Rkt.exec("ip", "-o", "link").out().replaceAll("qdisc \\S+|state \\S+|<.*?>", ""));
    out.append(Rkt.exec("ip", "route").out().replace("linkdown ", ""));
    out.append(Rkt.exec("ip", "-6", "route").out().replace("linkdown ", ""));
    out.append(Rkt.exec("nft", "list", "ruleset").out());
    for (Path dir : List.of(Path.of("/run/netns"), Path.of("/var/lib/cni"))) {
      try (Stream<Path> files = Files.walk(dir)) {
        files
            .filter(file -> Files.isRegularFile(file))
            // What host-local keeps for every network it ever served.
            .filter(file -> !file.endsWith("lock"))
            .filter(file -> !file.getFileName().toString().startsWith("last_reserved_ip"))
            .sorted()
            .forEach(file -> out.append(file).append('\n'));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return out.toString();
  }

  /** Fails when the host's network is not as it was. */
  public void assertAsBefore() {
    assertThat(snapshot()).isEqualTo(before);
  }

  @Override
  public void close() {
    for (Process each : processes) {
      each.destroyForcibly();
    }
    try {
      assertAsBefore();
    } finally {
      Rkt.exec("ip", "link", "del", "w0");
      Rkt.exec("ip", "netns", "del", NAME);
    }
  }
}
