package rkt.store.unpack;

import java.io.IOException;

/** Shows every block to an observer (a hash, a counter, a file) on its way to the reader. */
public final class ObservedSource implements ByteSource {
  /** Sees bytes pass by. */
  @FunctionalInterface
  public interface Observer {
    void bytes(byte[] block, int offset, int length) throws IOException;
  }

  private final ByteSource source;
  private final Observer observer;

  public ObservedSource(ByteSource source, Observer observer) {
    this.source = source;
    this.observer = observer;
  }

  @Override
  public boolean next() throws IOException {
    if (!source.next()) {
      return false;
    }
    observer.bytes(source.block(), 0, source.length());
    return true;
  }

  @Override
  public byte[] block() {
    return source.block();
  }

  @Override
  public int length() {
    return source.length();
  }
}
