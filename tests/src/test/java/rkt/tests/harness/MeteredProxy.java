package rkt.tests.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Between rkt and a registry: counts what the registry sends, and stops after so many bytes until
 * it is told to go on.
 */
public final class MeteredProxy implements AutoCloseable {
  private static final int CHUNK = 16 << 10;

  private final ServerSocket listening;
  private final int target;
  private final AtomicLong passed = new AtomicLong();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Semaphore reached = new Semaphore(0);
  private volatile long limit = Long.MAX_VALUE;

  private MeteredProxy(ServerSocket listening, int target) {
    this.listening = listening;
    this.target = target;
  }

  public static MeteredProxy to(Registry registry) {
    try {
      ServerSocket listening = new ServerSocket();
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
      MeteredProxy proxy = new MeteredProxy(listening, registry.port());
      Thread.ofVirtual().start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String host() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  /** Bytes sent to clients so far. */
  public long passed() {
    return passed.get();
  }

  /** From now on at most so many more bytes pass. */
  public void allow(long bytes) {
    reached.drainPermits();
    limit = passed.get() + bytes;
  }

  public void allowAll() {
    limit = Long.MAX_VALUE;
  }

  /** Waits until the allowance is used up. */
  public void awaitLimit() throws InterruptedException {
    reached.acquire();
  }

  /** Hangs up on everybody. */
  public void cut() {
    for (Socket socket : open) {
      quietly(socket);
    }
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        // Small, so that what was counted has mostly arrived.
        client.setSendBufferSize(CHUNK);
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(server);
        Thread.ofVirtual().start(() -> pump(client, server, false));
        Thread.ofVirtual().start(() -> pump(server, client, true));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void pump(Socket from, Socket to, boolean counted) {
    byte[] buffer = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (counted) {
          while (passed.get() >= limit) {
            reached.release();
            Thread.sleep(10);
            if (to.isClosed()) {
              return;
            }
          }
          passed.addAndGet(n);
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // One side hung up.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      quietly(from);
      quietly(to);
    }
  }

  private void quietly(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  @Override
  public void close() {
    cut();
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
