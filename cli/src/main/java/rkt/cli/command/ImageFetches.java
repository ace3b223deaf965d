package rkt.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import rkt.image.ImageStrings;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.store.ImageRecord;

/** The images of one {@code rkt fetch}, a few at a time. */
final class ImageFetches {
  /** Each has parallel downloads of its own; more would only divide the same line. */
  private static final int AT_ONCE = 3;

  private final Engine engine;
  private final Fetching fetching;

  ImageFetches(Engine engine, Fetching fetching) {
    this.engine = engine;
    this.fetching = fetching;
  }

  /** One argument, and the signature given for it. */
  record Wanted(String image, Optional<Path> signature) {}

  /** How one of several fetches ended, or will. */
  record Outcome(String argument, Future<ImageRecord> future) {
    /** Waits for its end. */
    ImageRecord image() throws EngineException {
      try {
        return future.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw EngineException.of(ErrorCode.NETWORK, "fetch " + argument, "interrupted");
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case EngineException failure -> throw failure;
          case RuntimeException bug -> throw bug;
          case Error error -> throw error;
          case null, default ->
              throw new IllegalStateException("a fetch ended in an unexpected way", e);
        }
      }
    }
  }

  /** Begins all; the outcomes are in the order of the arguments. One failure stops no other. */
  List<Outcome> all(List<Wanted> images) throws EngineException {
    // The engine is for one thread: what the others use of it is made before they begin.
    engine.images();
    List<Outcome> outcomes = new ArrayList<>(images.size());
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.min(AT_ONCE, images.size()),
            Thread.ofPlatform().daemon().name("fetch-", 0).factory());
    for (Wanted image : images) {
      outcomes.add(new Outcome(image.image(), pool.submit(() -> fetch(image))));
    }
    pool.shutdown();
    return outcomes;
  }

  ImageRecord fetch(Wanted wanted) throws EngineException {
    ImageRecord record = fetching.find(ImageStrings.parse(wanted.image()), wanted.signature());
    render(record, wanted.image());
    return record;
  }

  /**
   * An image whose content cannot be unpacked is not kept: no pod could be made of it. One at a
   * time, since creating files does not get faster by company.
   */
  private synchronized void render(ImageRecord record, String image) throws EngineException {
    try {
      engine.render(record);
    } catch (EngineException e) {
      if (e.code() == ErrorCode.REFUSED || e.code() == ErrorCode.CORRUPT) {
        engine.images().remove(record.id());
      }
      throw new EngineException(e.code(), "fetch " + image, e.why(), e.remedy(), e);
    }
  }
}
