package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;

class PodStoreTest {
  private static final PodUuid ONE = PodUuid.parse("11111111-0000-4000-8000-000000000001");
  private static final PodUuid TWO = PodUuid.parse("11111111-0000-4000-8000-000000000002");

  @TempDir private Path data;
  private PodStore pods;

  @BeforeEach
  void open() {
    pods = new PodStore(data, Kernel.linux());
  }

  private void place(PodUuid uuid, PodDirectory directory) throws Exception {
    Files.createDirectories(
        data.resolve("pods").resolve(directory.dirName()).resolve(uuid.value()));
  }

  @Test
  void nothingIsMadeByLooking() throws Exception {
    assertThat(pods.list()).isEmpty();
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void aNewPodIsInPrepareAndLocked() throws Exception {
    try (Pod pod = pods.create();
        Pod seen = pods.find(pod.uuid()).orElseThrow()) {
      assertThat(pod.directory()).isEqualTo(PodDirectory.PREPARE);
      assertThat(pod.path()).isDirectory();
      assertThat(seen.state()).isEqualTo(PodState.PREPARING);
      assertThat(seen.tryLock()).isFalse();
      assertThat(data.resolve("pods/embryo")).isEmptyDirectory();
    }
  }

  @Test
  void placeAndLockMakeTheState() throws Exception {
    Pod pod = pods.create();
    try (Pod seen = pods.find(pod.uuid()).orElseThrow()) {
      assertThat(seen.state()).isEqualTo(PodState.PREPARING);
      pod.move(PodDirectory.PREPARED);
      assertThat(seen.state()).isEqualTo(PodState.PREPARED);
      pod.move(PodDirectory.RUN);
      assertThat(seen.state()).isEqualTo(PodState.RUNNING);
      pod.unlock();
      assertThat(seen.state()).isEqualTo(PodState.EXITED);
      assertThat(pod.tryLock()).isTrue();
      pod.move(PodDirectory.EXITED_GARBAGE);
      assertThat(seen.state()).isEqualTo(PodState.EXITED_DELETING);
      pod.close();
      assertThat(seen.state()).isEqualTo(PodState.EXITED_GARBAGE);
      Files.delete(seen.path());
      assertThat(seen.state()).isNull();
    }
  }

  @Test
  void aDeadPreparationIsAborted() throws Exception {
    place(ONE, PodDirectory.PREPARE);
    try (Pod pod = pods.find(ONE).orElseThrow()) {
      assertThat(pod.state()).isEqualTo(PodState.ABORTED_PREPARE);
    }
  }

  @Test
  void resolvesUnambiguousPrefixesOfAnyCase() throws Exception {
    place(ONE, PodDirectory.RUN);
    place(TWO, PodDirectory.PREPARED);
    assertThat(pods.resolve("11111111-0000-4000-8000-000000000002")).isEqualTo(TWO);
    PodUuid letters = PodUuid.parse("abcdef00-0000-4000-8000-000000000003");
    place(letters, PodDirectory.EXITED_GARBAGE);
    assertThat(pods.resolve("ABCD")).isEqualTo(letters);
    assertThatThrownBy(() -> pods.resolve("1111"))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.AMBIGUOUS);
              assertThat(e.why()).isEqualTo("ambiguous uuid, 2 matches");
            });
    assertThatThrownBy(() -> pods.resolve("9"))
        .hasMessage("problem retrieving pod: no matches found for \"9\"");
    assertThatThrownBy(() -> pods.resolve("")).hasMessageContaining("UUID cannot be empty");
  }

  @Test
  void embryosAndGarbageAreNotFoundByName() throws Exception {
    place(ONE, PodDirectory.EMBRYO);
    place(TWO, PodDirectory.GARBAGE);
    assertThat(pods.list()).isEmpty();
    assertThatThrownBy(() -> pods.resolve("1")).hasMessageContaining("no matches found");
  }

  @Test
  void readsTheUuidFromAFile() throws Exception {
    place(ONE, PodDirectory.RUN);
    Path file = data.resolve("uuid");
    Files.writeString(file, "  " + ONE.value() + "\n");
    assertThat(pods.resolveFile(file)).isEqualTo(ONE);
    assertThatThrownBy(() -> pods.resolveFile(data.resolve("none")))
        .hasMessageContaining("unable to resolve UUID from file")
        .hasMessageContaining("No such file or directory");
    assertThatThrownBy(() -> pods.resolveFile(data))
        .hasMessageContaining("\"" + data + "\": Is a directory");
    assertThatThrownBy(() -> pods.resolveFile(Path.of(""))).hasMessageContaining("open \"\"");
  }

  @Test
  void foreignNamesAreLeftAlone() throws Exception {
    Files.createDirectories(data.resolve("pods/run/lost+found"));
    Files.createDirectories(data.resolve("pods/run/ABCDEF00-0000-4000-8000-000000000003"));
    assertThat(pods.list()).isEmpty();
  }

  @Test
  void aPodWithoutManifestIsListedWithItsProblem() throws Exception {
    place(ONE, PodDirectory.RUN);
    List<PodView> views = pods.list();
    assertThat(views).hasSize(1);
    assertThat(views.get(0).problem()).contains("pod manifest is missing");
    assertThat(views.get(0).state()).isEqualTo(PodState.EXITED);
    assertThat(views.get(0).createdNanos()).isEmpty();
  }

  @Test
  void layoutIsReadableForTheGroupOnly() throws Exception {
    pods.create().close();
    for (String dir : List.of("pods", "pods/run", "pods/garbage", "locks", "tmp")) {
      assertThat(Files.getPosixFilePermissions(data.resolve(dir)))
          .as(dir)
          .isEqualTo(java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-x---"));
    }
  }
}
