package rkt.tests.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** `list`, `status` and `cat-manifest`, as scripts of the ancestor's users read them. */
class ListTest {
  /** {@code 2006-01-02 15:04:05.999 -0700} of Go; the zone's name follows. */
  private static final DateTimeFormatter GO =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd HH:mm:ss")
          .optionalStart()
          .appendFraction(ChronoField.NANO_OF_SECOND, 1, 3, true)
          .optionalEnd()
          .appendPattern(" XX")
          .toFormatter();

  private Rkt rkt;
  private Path uuidFile;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    uuidFile = rkt.home().resolve("uuid");
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private String run() throws IOException {
    Path aci = Images.script(rkt, "app", "true");
    rkt.insecure("run", "--net=none", "--uuid-file-save=" + uuidFile, aci.toString()).ok();
    return Files.readString(uuidFile);
  }

  /** TestRktList. */
  @Test
  void columnsStayWhenTheImageIsGone() throws IOException {
    String uuid = run();
    for (int i = 0; i < 2; i++) {
      String[] full = rkt.run("list", "--full", "--no-legend").ok().out().strip().split("\t+");
      assertThat(full[0]).isEqualTo(uuid);
      assertThat(full[1]).isEqualTo("app");
      assertThat(full[2]).isEqualTo("example.com/app:1.0.0");
      assertThat(full[3]).matches("sha512-[0-9a-f]{12}");
      assertThat(full[4]).isEqualTo("exited");
      assertThat(rkt.run("list").ok().out())
          .contains(uuid.substring(0, 8))
          .contains("example.com/app:1.0.0");
      if (i == 0) {
        rkt.run("image", "rm", "example.com/app").ok();
      }
    }
  }

  /** Scripts do {@code rkt list --full | grep running | awk '{print $1}'}. */
  @Test
  void uuidStandsOnTheFirstLineOfAPodOnly() throws IOException {
    Path aci = Images.script(rkt, "app", "true");
    rkt.insecure(
            "run",
            "--net=none",
            "--uuid-file-save=" + uuidFile,
            aci.toString(),
            "--name=one",
            aci.toString(),
            "--name=two")
        .ok();
    String uuid = Files.readString(uuidFile);
    String[] lines = rkt.run("list", "--full", "--no-legend").ok().out().split("\n");
    assertThat(lines).hasSize(2);
    assertThat(lines[0]).startsWith(uuid + "\tone\t").contains("exited");
    assertThat(lines[1]).startsWith("\t").contains("two").doesNotContain("exited");
  }

  /** TestRktListCreatedStarted: {@code created} when prepared, {@code started} when run. */
  @Test
  void createdAndStartedAreTrue() throws IOException {
    Instant before = Instant.now();
    String uuid = run();
    Instant created = instant(rkt.status(uuid, "created"));
    Instant started = instant(rkt.status(uuid, "started"));
    assertThat(created)
        .isCloseTo(before, within(30, ChronoUnit.SECONDS))
        .isAfterOrEqualTo(before.minusMillis(50));
    assertThat(started).isBetween(created, Instant.now());
    assertThat(rkt.run("list", "--full").ok().out())
        .contains(rkt.status(uuid, "created"))
        .contains(rkt.status(uuid, "started"));
  }

  private static Instant instant(String text) {
    return OffsetDateTime.parse(text.substring(0, text.lastIndexOf(' ')), GO).toInstant();
  }

  /** TestUuidFile, TestCatManifest. */
  @Test
  void uuidFilesStandForUuids() throws IOException {
    String uuid = run();
    String file = "--uuid-file=" + uuidFile;
    assertThat(rkt.run("status", file).ok().out()).contains("state=exited");
    assertThat(rkt.run("cat-manifest", file).ok().out())
        .isEqualTo(rkt.run("cat-manifest", uuid).ok().out())
        .contains("example.com/app")
        .contains("sha512-");
    assertThat(rkt.run("cat-manifest", "--pretty-print=false", uuid).ok().out().strip())
        .isEqualTo(Files.readString(rkt.data().resolve("pods/run/" + uuid + "/pod")).strip());
    assertThat(rkt.run("status", file, uuid).exit()).isEqualTo(254);
    assertThat(rkt.run("rm", file).ok().out()).contains(uuid);
    assertThat(rkt.run("status", file).exited(1).err())
        .contains("no matches found for \"" + uuid + "\"");
    assertThat(rkt.run("status", "--uuid-file=/nowhere").exited(1).err()).contains("/nowhere");
  }

  @Test
  void unknownPodsAreSaid() {
    String unknown = "00000000-0000-4000-8000-000000000000";
    for (String command : new String[] {"cat-manifest", "status", "enter", "rm", "stop"}) {
      assertThat(rkt.run(command, unknown).exited(254).err())
          .as(command)
          .contains("no matches found for \"" + unknown + "\"");
      assertThat(rkt.run(command, "").exited(254).err())
          .as(command)
          .contains("UUID cannot be empty");
    }
  }

  @Test
  void noPodsAreNoError() {
    assertThat(rkt.run("list", "--no-legend").ok().out()).isEmpty();
    assertThat(rkt.run("list", "--format=json").ok().out().strip()).isEqualTo("null");
    assertThat(rkt.data()).doesNotExist();
  }
}
