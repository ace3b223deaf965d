package rkt.image.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import javax.net.ServerSocketFactory;
import rkt.image.registry.ScriptedServer;

/** A decent web server for files: entity tags, conditions, ranges; and what tests need to break. */
public final class FileServer implements AutoCloseable {
  /**
   * A file and how it is served.
   *
   * @param etag with its quotes, empty for none
   * @param lastModified empty for none
   * @param cacheControl empty for none
   * @param ranges whether a part may be asked for
   */
  public record Served(
      byte[] bytes, String etag, String lastModified, String cacheControl, boolean ranges) {
    public static Served of(byte[] bytes) {
      return new Served(bytes, "\"1\"", "", "", true);
    }
  }

  private final ScriptedServer server;
  private final Map<String, Served> files = new ConcurrentHashMap<>();
  private volatile int cutAfter = -1;
  private volatile int cuts;
  private volatile boolean drips;

  public FileServer() throws IOException {
    server = new ScriptedServer(this::answer);
  }

  public FileServer(ServerSocketFactory sockets) throws IOException {
    server = new ScriptedServer(this::answer, sockets);
  }

  public String url(String path) {
    return "http://" + server.host() + path;
  }

  public ScriptedServer server() {
    return server;
  }

  public void put(String path, Served served) {
    files.put(path, served);
  }

  /** The next {@code times} bodies end after that many bytes. */
  public void cut(int bytes, int times) {
    cutAfter = bytes;
    cuts = times;
  }

  /** After that many bytes, the next body comes drop by drop. */
  public void drip(int bytes) {
    drips = true;
    cut(bytes, 1);
  }

  /** The paths asked for, each with its range. */
  public List<String> asked() {
    List<String> out = new ArrayList<>();
    for (ScriptedServer.Request request : server.requests()) {
      out.add((request.target() + " " + request.header("range")).trim());
    }
    return out;
  }

  private void answer(ScriptedServer.Request request, OutputStream out) throws IOException {
    Served file = files.get(request.target());
    if (file == null) {
      ScriptedServer.reply(out, 404, "", new byte[0]);
      return;
    }
    List<String> headers = new ArrayList<>();
    add(headers, "ETag", file.etag());
    add(headers, "Last-Modified", file.lastModified());
    add(headers, "Cache-Control", file.cacheControl());
    if (!file.etag().isEmpty() && request.header("if-none-match").equals(file.etag())) {
      ScriptedServer.reply(out, 304, "", new byte[0], headers.toArray(new String[0]));
      return;
    }
    int from = 0;
    String range = request.header("range");
    String condition = request.header("if-range");
    boolean holds =
        condition.isEmpty()
            || condition.equals(file.etag())
            || condition.equals(file.lastModified());
    if (file.ranges() && holds && !range.isEmpty()) {
      from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
      if (from >= file.bytes().length) {
        headers.add("Content-Range: bytes */" + file.bytes().length);
        ScriptedServer.reply(out, 416, "", new byte[0], headers.toArray(new String[0]));
        return;
      }
      headers.add(
          "Content-Range: bytes "
              + from
              + "-"
              + (file.bytes().length - 1)
              + "/"
              + file.bytes().length);
    }
    send(out, from > 0 ? 206 : 200, file.bytes(), from, headers);
  }

  private static void add(List<String> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.add(name + ": " + value);
    }
  }

  private void send(OutputStream out, int status, byte[] bytes, int from, List<String> headers)
      throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    int length = bytes.length - from;
    head.append("Content-Length: ").append(length).append("\r\nConnection: close\r\n\r\n");
    ScriptedServer.raw(out, head.toString());
    int sent = length;
    if (cuts > 0 && cutAfter < length) {
      cuts--;
      sent = cutAfter;
    }
    out.write(bytes, from, sent);
    // Until the client has enough of it.
    for (int at = from + sent; drips && sent < length && at < bytes.length; at++) {
      LockSupport.parkNanos(20_000_000);
      out.write(bytes, at, 1);
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
