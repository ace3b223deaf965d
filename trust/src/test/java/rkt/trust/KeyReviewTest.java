package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

@EnabledIf("rkt.trust.Gpg#installed")
class KeyReviewTest {
  private static Gpg gpg;
  private static String fingerprint;
  private static byte[] armored;

  @TempDir Path base;

  private final Map<String, byte[]> web = new HashMap<>();
  private final Set<String> redirected = new HashSet<>();
  private boolean pageOverHttps = true;
  private final Talk talk = new Talk();

  @BeforeAll
  static void start() throws Exception {
    gpg = new Gpg();
    fingerprint = gpg.generate("Key <key@example.com>", "ed25519", "sign");
    gpg.run("--quick-add-key", fingerprint, "ed25519", "sign");
    armored = gpg.export(fingerprint);
  }

  @AfterAll
  static void stop() throws Exception {
    gpg.close();
  }

  /** Answers as it was told, and remembers. */
  private static final class Talk implements KeyReview.Reviewer {
    final List<String> said = new ArrayList<>();
    final Deque<String> answers = new ArrayDeque<>();
    boolean terminal = true;

    @Override
    public void out(String line) {
      said.add(line);
    }

    @Override
    public void note(String line) {
      said.add("pubkey: " + line);
    }

    @Override
    public boolean isInteractive() {
      return terminal;
    }

    @Override
    public String ask(String question) {
      said.add(question);
      return answers.isEmpty() ? "" : answers.removeFirst();
    }

    @Override
    public boolean inputEnded() {
      return answers.isEmpty();
    }
  }

  private KeyReview review(boolean http) {
    KeySource source =
        new KeySource() {
          @Override
          public Fetched fetch(String location) throws EngineException {
            byte[] found = web.get(location);
            if (found == null) {
              throw EngineException.of(ErrorCode.NETWORK, "fetch", "bad HTTP status code: 404");
            }
            return new Fetched(found, !redirected.contains(location));
          }

          @Override
          public Offer discover(String prefix) {
            return new Offer(List.copyOf(web.keySet()), pageOverHttps ? web.keySet() : Set.of());
          }
        };
    return new KeyReview(new TrustRig(base).keystore, source, talk, http);
  }

  private Path added(String prefix) {
    Path keys = base.resolve("local/trustedkeys");
    return (prefix.isEmpty() ? keys.resolve("root.d") : keys.resolve("prefix.d").resolve(prefix))
        .resolve(fingerprint);
  }

  @Test
  void dialogue() throws Exception {
    Path file = Files.write(base.resolve("key.asc"), armored);
    talk.answers.addAll(List.of("what?", "yes"));
    review(false).add("example.com", List.of(file.toString()), KeyReview.Accept.ASK);
    List<String> prints = gpg.fingerprints(fingerprint);
    assertThat(talk.said)
        .containsExactly(
            "pubkey: prefix: \"example.com\"\nkey: \"" + file + "\"",
            "gpg key fingerprint is: " + KeyReview.grouped(prints.get(0)),
            "    Subkey fingerprint: " + KeyReview.grouped(prints.get(1)),
            "\tKey <key@example.com>",
            "Are you sure you want to trust this key (yes/no)?",
            "Please enter 'yes' or 'no'",
            "Trusting \"" + file + "\" for prefix \"example.com\" after fingerprint review.",
            "Added key for prefix \"example.com\" at \"" + added("example.com") + "\"");
    assertThat(added("example.com")).isNotEmptyFile();
    assertThat(KeyReview.grouped("0123456789abcdef0123456789abcdef01234567"))
        .isEqualTo("0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567");
  }

  @Test
  void rootKeyWithoutReview() throws Exception {
    Path file = Files.write(base.resolve("key.asc"), armored);
    review(false).add("", List.of(file.toString()), KeyReview.Accept.ALL);
    assertThat(talk.said)
        .contains(
            "Trusting \"" + file + "\" for prefix \"\" without fingerprint review.",
            "Added root key at \"" + added("") + "\"");
  }

  @Test
  void refusedAndUnanswered() throws Exception {
    Path file = Files.write(base.resolve("key.asc"), armored);
    talk.answers.add("no");
    review(false).add("example.com", List.of(file.toString()), KeyReview.Accept.ASK);
    assertThat(talk.said).contains("pubkey: not trusting \"" + file + "\"");
    List<String> files = List.of(file.toString());
    assertThatThrownBy(() -> review(false).add("example.com", files, KeyReview.Accept.ASK))
        .hasMessageContaining("nobody answered");
    talk.terminal = false;
    assertThatThrownBy(() -> review(false).add("example.com", files, KeyReview.Accept.ASK))
        .hasMessageContaining(
            "error reviewing key: unable to ask user to review fingerprint due to lack of tty");
    assertThat(added("example.com")).doesNotExist();
  }

  @Test
  void thatOneKeyCameOverHttpsSaysNothingOfTheNext() throws Exception {
    web.put("https://example.com/key.asc", armored);
    web.put("http://example.com/key.asc", armored);
    talk.answers.addAll(List.of("no"));
    review(true)
        .add(
            "example.com",
            List.of("https://example.com/key.asc", "http://example.com/key.asc"),
            KeyReview.Accept.HTTPS);
    assertThat(talk.said)
        .contains(
            "Trusting \"https://example.com/key.asc\" for prefix \"example.com\" without fingerprint review.",
            "Are you sure you want to trust this key (yes/no)?",
            "pubkey: not trusting \"http://example.com/key.asc\"");
  }

  @Test
  void aCertificateStandsForNothingThatCameOverHttpOnTheWay() throws Exception {
    web.put("https://example.com/key.asc", armored);
    redirected.add("https://example.com/key.asc");
    talk.answers.addAll(List.of("no", "no"));
    review(true).add("example.com", List.of("https://example.com/key.asc"), KeyReview.Accept.HTTPS);
    assertThat(talk.answers).hasSize(1);
    redirected.clear();
    pageOverHttps = false;
    review(true).fetchFor("example.com", KeyReview.Accept.HTTPS);
    assertThat(talk.answers).isEmpty();
    assertThat(added("example.com")).doesNotExist();
  }

  @Test
  void schemes() {
    for (String[] each :
        new String[][] {
          {"http://example.com/k", "--insecure-allow-http required for http URLs"},
          {"ftp://example.com/k", "only local files and http or https URLs supported"},
          {"https://example.com/gone", "bad HTTP status code: 404"},
          {"/nowhere/key.asc", "no such file or directory"},
        }) {
      assertThatThrownBy(
              () -> review(false).add("example.com", List.of(each[0]), KeyReview.Accept.ALL))
          .hasMessageContaining(each[1]);
    }
  }

  @Test
  void keysOnTheWayToAnImage() throws Exception {
    web.put("https://example.com/key.asc", armored);
    review(false).fetchFor("example.com/app", KeyReview.Accept.HTTPS);
    assertThat(added("example.com/app")).isNotEmptyFile();
    review(false).fetchFor("example.com/app/sub", KeyReview.Accept.HTTPS);
    assertThat(talk.said)
        .contains(
            "pubkey: keys already exist for prefix \"example.com/app/sub\", not fetching again");
  }

  @Test
  void aRevokedKeyIsNotAdded() throws Exception {
    String gone = gpg.generate("Gone <gone@example.com>", "ed25519", "sign");
    gpg.revoke(gone);
    Path file = Files.write(base.resolve("gone.asc"), gpg.export(gone));
    assertThatThrownBy(() -> review(false).add("", List.of(file.toString()), KeyReview.Accept.ALL))
        .hasMessageContaining("vouches for nothing: the key was revoked on");
  }

  @Test
  void secretsInLocationsAreNotRepeated() throws Exception {
    web.put("https://u:S3CRET@example.com/key?token=S3CRET", armored);
    talk.answers.add("yes");
    review(false)
        .add(
            "example.com/a",
            List.of("https://u:S3CRET@example.com/key?token=S3CRET"),
            KeyReview.Accept.ASK);
    assertThat(talk.said).isNotEmpty().noneMatch(line -> line.contains("S3CRET"));
    for (String bad :
        List.of("http://u:S3CRET@h/key", "ftp://u:S3CRET@h", "https://u:S3CRET@h/a b")) {
      assertThatThrownBy(
              () -> review(false).add("example.com/a", List.of(bad), KeyReview.Accept.ASK))
          .isInstanceOf(EngineException.class)
          .hasMessageNotContaining("S3CRET");
    }
  }

  /** Two armored blocks, and two keys in one block: the first counts, and that is said. */
  @Test
  void furtherKeysOfAFileAreNamedAsIgnored() throws Exception {
    String second = gpg.generate("Second <second@example.com>", "ed25519", "sign");
    byte[] other = gpg.export(second);
    byte[] blocks = new byte[armored.length + other.length];
    System.arraycopy(armored, 0, blocks, 0, armored.length);
    System.arraycopy(other, 0, blocks, armored.length, other.length);
    byte[] one = gpg.run("--armor", "--export", fingerprint, second);
    for (byte[] file : List.of(blocks, one)) {
      Path path = Files.write(base.resolve("keys"), file);
      talk.said.clear();
      review(false).add("example.com", List.of(path.toString()), KeyReview.Accept.ALL);
      assertThat(talk.said)
          .anyMatch(
              line -> line.contains("only the first key of") && line.contains("1 more is ignored"));
    }
    Path alone = Files.write(base.resolve("key"), armored);
    talk.said.clear();
    review(false).add("example.com", List.of(alone.toString()), KeyReview.Accept.ALL);
    assertThat(talk.said).noneMatch(line -> line.contains("ignored"));
  }
}
