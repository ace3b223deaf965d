package rkt.image.registry;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ServerSocketFactory;

/**
 * A server on loopback that says exactly what a test tells it to, lies included; a proper HTTP
 * server would not. One request per connection.
 */
public final class ScriptedServer implements AutoCloseable {
  /** Answers one request; what it writes is sent as it is. */
  public interface Script {
    void answer(Request request, OutputStream out) throws Exception;
  }

  /**
   * What the client asked.
   *
   * @param headers names lower-cased
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Request(String method, String target, Map<String, String> headers, byte[] content) {
    /** What was sent, as text. */
    public String body() {
      return new String(content, StandardCharsets.ISO_8859_1);
    }

    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private static final int TLS_HANDSHAKE = 0x16;

  private final ServerSocket socket;
  private final Thread accepting;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile Script script;

  public ScriptedServer(Script script) throws IOException {
    this(script, ServerSocketFactory.getDefault());
  }

  /** A server behind TLS when the factory makes such sockets. */
  public ScriptedServer(Script script, ServerSocketFactory sockets) throws IOException {
    this.script = script;
    this.socket = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.accepting = Thread.ofPlatform().daemon().start(this::accept);
  }

  public void script(Script next) {
    this.script = next;
  }

  public String host() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  /** Everything asked so far. */
  public List<Request> requests() {
    return requests;
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        open.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      PushbackInputStream bytes = new PushbackInputStream(connection.getInputStream());
      int start = bytes.read();
      if (start == TLS_HANDSHAKE) {
        // What Go's servers, and so most registries, say to a client that speaks TLS to a plain
        // port.
        raw(connection.getOutputStream(), "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        return;
      }
      bytes.unread(start);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(bytes, StandardCharsets.ISO_8859_1));
      String first = in.readLine();
      if (first == null) {
        return;
      }
      Map<String, String> headers = new HashMap<>();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          headers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
        }
      }
      String[] parts = first.split(" ", -1);
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      char[] body = new char[length];
      int got = 0;
      while (got < length) {
        int n = in.read(body, got, length - got);
        if (n < 0) {
          return;
        }
        got += n;
      }
      Request request =
          new Request(
              parts[0],
              parts.length > 1 ? parts[1] : first,
              headers,
              new String(body).getBytes(StandardCharsets.ISO_8859_1));
      requests.add(request);
      script.answer(request, connection.getOutputStream());
      connection.getOutputStream().flush();
    } catch (Exception e) {
      // The client hung up, as it should on most of what these scripts say.
    } finally {
      open.remove(connection);
    }
  }

  /** A correct answer. */
  public static void reply(
      OutputStream out, int status, String type, byte[] body, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\n");
    if (!type.isEmpty()) {
      head.append("Content-Type: ").append(type).append("\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Content-Length: ").append(body.length).append("\r\nConnection: close\r\n\r\n");
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    whole.write(body);
    out.write(whole.toByteArray());
  }

  public static void redirect(OutputStream out, String location) throws IOException {
    reply(out, 307, "", new byte[0], "Location: " + location);
  }

  /** Any bytes at all. */
  public static void raw(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : open) {
      connection.close();
    }
    accepting.interrupt();
  }
}
