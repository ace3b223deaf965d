package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChallengeTest {
  @Test
  void readsTheUsualBearerChallenge() {
    assertThat(
            parse(
                "Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"repository:a/b:pull,push\""))
        .containsExactly(
            new Challenge(
                "bearer",
                Map.of(
                    "realm",
                    "https://auth.example/token",
                    "service",
                    "registry",
                    "scope",
                    "repository:a/b:pull,push")));
  }

  @Test
  void takesAnyNumberOfParametersInAnyOrderAndSpacing() {
    List<Challenge> challenges =
        parse("bEaReR  ScOpE = \"x\" ,, error=\"insufficient_scope\", Realm=https://a/t , extra=1");
    assertThat(challenges).hasSize(1);
    assertThat(challenges.getFirst().parameters())
        .containsEntry("scope", "x")
        .containsEntry("realm", "https://a/t")
        .containsEntry("extra", "1");
  }

  @Test
  void separatesSeveralChallengesOfOneHeaderAndOfSeveral() {
    assertThat(
            Challenge.parse(
                List.of(
                    "Basic realm=\"a, Bearer\", Negotiate, Bearer realm=\"b\"",
                    "Digest realm=\"c\"")))
        .extracting(Challenge::scheme)
        .containsExactly("basic", "negotiate", "bearer", "digest");
  }

  @Test
  void unescapesQuotedPairs() {
    assertThat(parse("Bearer realm=\"a\\\"b\\\\c\"").getFirst().parameter("realm"))
        .contains("a\"b\\c");
  }

  @Test
  void keepsTheFirstOfTwoEqualParameters() {
    assertThat(parse("Bearer realm=\"a\",realm=\"b\"").getFirst().parameter("realm")).contains("a");
  }

  @Test
  void survivesNonsense() {
    assertThat(parse("")).isEmpty();
    assertThat(parse(",,, ,")).isEmpty();
    assertThat(parse("Bearer realm=\"never closed")).hasSize(1);
    assertThat(parse("=\"\"=,=")).isNotNull();
    assertThat(parse("x".repeat(20_000))).isEmpty();
  }

  @Test
  void endsOnRandomText() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "ab=\",\\ \tBearer";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(parse(text.toString())).as("seed %d, text <%s>", seed, text).isNotNull();
    }
  }

  private static List<Challenge> parse(String header) {
    return Challenge.parse(List.of(header));
  }
}
