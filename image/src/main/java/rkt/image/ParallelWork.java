package rkt.image;

import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * Several pieces of work at a time, on platform threads. When one fails the others are interrupted;
 * nothing is left running when {@link #run} returns.
 */
public final class ParallelWork {
  private final String attempted;
  private final int parallel;

  /**
   * @param parallel pieces at the same time, at most
   */
  public ParallelWork(String attempted, int parallel) {
    this.attempted = attempted;
    this.parallel = parallel;
  }

  /** One piece. */
  public interface Piece {
    void run() throws EngineException;
  }

  /**
   * Does it all.
   *
   * @throws EngineException of the first piece that failed
   */
  public void run(List<? extends Piece> pieces) throws EngineException {
    if (pieces.isEmpty()) {
      return;
    }
    int threads = Math.min(parallel, pieces.size());
    ExecutorService pool =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("layer-", 0).factory());
    try {
      CompletionService<Piece> running = new ExecutorCompletionService<>(pool);
      for (Piece piece : pieces) {
        running.submit(() -> {
          piece.run();
          return piece;
        });
      }
      for (int i = 0; i < pieces.size(); i++) {
        await(running);
      }
    } finally {
      pool.shutdownNow();
      pool.close();
    }
  }

  private void await(CompletionService<Piece> running) throws EngineException {
    try {
      running.take().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw EngineException.of(ErrorCode.NETWORK, attempted, "interrupted");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case EngineException failure -> throw failure;
        case RuntimeException bug -> throw bug;
        case Error error -> throw error;
        case null, default ->
            throw new IllegalStateException("a layer ended in an unexpected way", e);
      }
    }
  }
}
