package rkt.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import rkt.cli.Console;
import rkt.cli.GlobalFlags;
import rkt.cli.TestConsole;
import rkt.image.Transfer;
import rkt.os.WindowSize;
import rkt.schema.EngineException;

class ProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong now = new AtomicLong();
  private final List<String> lines = new ArrayList<>();

  /** Ticks only when the test says so. */
  private Progress progress(Display display) {
    return new Progress(
        new Display() {
          @Override
          public int periodMillis() {
            return 0;
          }

          @Override
          public void began(Snapshot task) {
            display.began(task);
          }

          @Override
          public void tick(List<Snapshot> active) {
            display.tick(active);
          }

          @Override
          public void ended(Snapshot task, String outcome, List<Snapshot> left) {
            display.ended(task, outcome, left);
          }
        },
        now::get);
  }

  private void pass(Progress progress, long nanos) {
    now.addAndGet(nanos);
    progress.tick();
  }

  @Test
  void plainLinesAtTheBeginningTheEndAndEveryTenSeconds() {
    Progress progress = progress(new PlainDisplay(lines::add));
    Transfer aci = progress.begin("ACI", 7_000_000);
    Transfer unknown = progress.begin("signature", -1);
    for (int i = 0; i < 10; i++) {
      aci.advance(320_000);
      pass(progress, SECOND);
    }
    unknown.advance(819);
    unknown.done("done");
    unknown.close();
    aci.advance(3_800_000);
    aci.done("resumed");
    aci.close();
    assertThat(lines)
        .containsExactly(
            "Downloading ACI: [                              ] 0 B/7 MB",
            "Downloading signature: 0 B of an unknown total size",
            "Downloading ACI: [=============                 ] 3.2 MB/7 MB 320 KB/s 12s left",
            "Downloading signature: 0 B of an unknown total size",
            "Downloading signature: 819 B of an unknown total size 81 B/s in 10s",
            "Downloading ACI: [==============================] 7 MB/7 MB 320 KB/s in 10s, resumed");
  }

  @Test
  void whatDoesNotEndWellIsSaidOnce() {
    Progress progress = progress(new PlainDisplay(lines::add));
    Transfer layer = progress.begin("layer sha256:0123456789ab", 100);
    layer.advance(40);
    layer.close();
    layer.close();
    Transfer exists = progress.begin("upload of layer sha256:0123456789ab", 100);
    exists.done("exists");
    exists.close();
    assertThat(lines)
        .contains(
            "Downloading layer sha256:0123456789ab: stopped at 40 B/100 B",
            "Uploading layer sha256:0123456789ab: already there")
        .hasSize(4);
  }

  @Test
  void jsonIsOneObjectPerLine() {
    Progress progress = progress(new JsonDisplay(lines::add));
    Transfer layer = progress.begin("layer \"x\"\n\u001b[J", 4000);
    layer.advance(1000);
    pass(progress, SECOND);
    layer.advance(3000);
    layer.done("done");
    pass(progress, SECOND);
    layer.close();
    progress.begin("ACI", -1);
    String label = "\"what\":\"layer \\\"x\\\"??[J\"";
    assertThat(lines)
        .containsExactly(
            "{\"event\":\"start\",\"id\":1," + label + ",\"done\":0,\"total\":4000}",
            "{\"event\":\"progress\",\"id\":1,"
                + label
                + ",\"done\":1000,\"total\":4000,\"rate\":1000,\"secondsLeft\":3}",
            "{\"event\":\"progress\",\"id\":1,"
                + label
                + ",\"done\":4000,\"total\":4000,\"rate\":2000,\"secondsLeft\":0}",
            "{\"event\":\"end\",\"id\":1,"
                + label
                + ",\"done\":4000,\"total\":4000,\"rate\":2000,\"outcome\":\"done\",\"milliseconds\":2000}",
            "{\"event\":\"start\",\"id\":2,\"what\":\"ACI\",\"done\":0,\"total\":null}");
  }

  /** Every message is whole and in order, however the block below it changes. */
  @Test
  void theScreenShowsMessagesAboveAndNeverWraps() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int columns = 20 + random.nextInt(80);
    WindowSize size = new WindowSize(6, columns);
    TestConsole test = new TestConsole();
    Console console = test.console();
    console.begin("fetch", GlobalFlags.table());
    Progress progress = progress(new LiveDisplay(console::live, () -> size));
    List<Transfer> active = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int what = random.nextInt(5);
      if (what == 0 && active.size() < 9) {
        active.add(
            progress.begin("layer é漢\u202e" + "x".repeat(random.nextInt(90)), random.nextInt(99)));
      } else if (what == 1) {
        expected.add("fetch: note " + i);
        console.note("note " + i);
      } else if (what == 2 && !active.isEmpty()) {
        active.remove(random.nextInt(active.size())).close();
      } else {
        active.forEach(each -> each.advance(random.nextInt(20)));
        pass(progress, SECOND / 10);
      }
    }
    active.forEach(Transfer::close);
    Screen screen = new Screen(6, columns);
    screen.write(test.err());
    List<String> shown = screen.text();
    assertThat(shown.stream().filter(line -> line.startsWith("fetch: ")))
        .as("seed " + seed)
        .containsExactlyElementsOf(expected);
    assertThat(shown.stream().filter(line -> !line.startsWith("fetch: ")))
        .as("seed " + seed)
        .allMatch(line -> line.contains(" B") && line.length() < columns);
  }

  @Test
  void theBlockIsNeverTallerThanTheScreen() {
    List<List<String>> blocks = new ArrayList<>();
    Progress progress =
        progress(
            new LiveDisplay(
                (stay, block, rows) -> blocks.add(block), () -> new WindowSize(4, 200)));
    for (int i = 0; i < 5; i++) {
      progress.begin("layer " + i, 10);
    }
    progress.tick();
    assertThat(blocks.getLast()).hasSize(3).endsWith("... and 3 more");
  }

  @Test
  void aTerminalWithoutASizeCountsAsEightyColumns() {
    List<List<String>> blocks = new ArrayList<>();
    Progress progress =
        progress(
            new LiveDisplay((stay, block, rows) -> blocks.add(block), () -> new WindowSize(0, 0)));
    progress.begin("x".repeat(500), 10);
    progress.tick();
    assertThat(blocks.getLast().getFirst()).hasSize(79);
  }

  @Test
  void aNarrowTerminalLosesTheBarTheTimeTheRateAndTheVerbInThisOrder() {
    Snapshot task = new Snapshot(1, "ACI", 7_000_000, 3_200_000, 1_000_000, 0, 1000);
    List<String> shown = new ArrayList<>();
    for (int columns : new int[] {80, 64, 50, 39, 30, 18, 12, 4}) {
      shown.add(TransferLine.running(task, columns));
    }
    assertThat(shown)
        .containsExactly(
            "Downloading ACI: [=========           ] 3.2 MB/7 MB 1 MB/s 4s left",
            "Downloading ACI: 3.2 MB/7 MB 1 MB/s 4s left",
            "Downloading ACI: 3.2 MB/7 MB 1 MB/s 4s left",
            "Downloading ACI: 3.2 MB/7 MB 1 MB/s",
            "Downloading ACI: 3.2 MB/7 MB",
            "ACI: 3.2 MB/7 MB",
            "3.2 MB/7 MB",
            "3.2 ");
  }

  @Test
  void whatIsDrawnByTheClockEndsWithTheLastTransfer() throws InterruptedException {
    Progress progress = new Progress(new JsonDisplay(lines::add), now::get);
    Transfer layer = progress.begin("layer", 1);
    Thread drawer =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("progress") && thread.isAlive())
            .findFirst()
            .orElseThrow();
    layer.close();
    drawer.join(10_000);
    assertThat(drawer.isAlive()).isFalse();
  }

  @Test
  void keptBytesDoNotMakeTheRateLookGood() {
    Progress progress = progress(new PlainDisplay(lines::add));
    Transfer layer = progress.begin("layer", 100_000_000);
    layer.advance(90_000_000);
    for (int i = 0; i < 10; i++) {
      layer.advance(10_000);
      pass(progress, SECOND);
    }
    assertThat(lines.getLast()).endsWith("90.1 MB/100 MB 10 KB/s 16m30s left");
  }

  @Test
  void unknownModesAreRefused() {
    assertThatThrownBy(() -> ProgressMode.parse("fancy"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("fancy");
  }
}
