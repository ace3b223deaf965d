package rkt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

class ErrorTextTest {
  private static EngineException engine(
      String attempted, String why, String remedy, Throwable... cause) {
    return new EngineException(
        ErrorCode.RUNTIME, attempted, why, remedy, cause.length == 0 ? null : cause[0]);
  }

  private static String text(String message, @Nullable Throwable cause, boolean debug) {
    return ErrorText.of("enter", message, cause, debug);
  }

  @Test
  void aLayerThatOnlyRepeatsTheCommandIsLeftOut() {
    EngineException failure = engine("enter", "pod is not running", "", new Exception("lock"));
    assertThat(text("", failure, false)).isEqualTo("pod is not running");
    assertThat(text("", failure, true)).isEqualTo("pod is not running\n  └─lock");
  }

  @Test
  void usersSeeTheHeadlineAndTheInnermostReason() {
    Throwable cause = new Exception("outer", new Exception("inner"));
    assertThat(text("headline", cause, false)).isEqualTo("headline: inner");
  }

  @Test
  void withoutHeadlineTheInnermostReasonStandsAlone() {
    assertThat(text("", new Exception("outer", new Exception("inner")), false)).isEqualTo("inner");
    assertThat(text("headline", null, false)).isEqualTo("headline");
  }

  @Test
  void debugShowsEveryLayerDeeperByTwo() {
    Throwable cause = new Exception("first", new Exception("second"));
    assertThat(text("headline", cause, true)).isEqualTo("headline\n  └─first\n    └─second");
  }

  @Test
  void engineFailuresNameAttemptReasonAndRemedy() {
    EngineException failure = engine("run docker://x", "no such image", "check the name");
    assertThat(text("", failure, false))
        .isEqualTo("run docker://x: no such image (check the name)");
    assertThat(text("", failure, true))
        .isEqualTo("run docker://x\n  └─no such image\nhint: check the name");
    assertThat(text("problem retrieving pod", failure, false))
        .isEqualTo("problem retrieving pod: no such image (check the name)");
  }

  @Test
  void theInnermostEngineFailureSpeaks() {
    EngineException inner = engine("read /x", "digest mismatch", "");
    EngineException outer = engine("fetch", "blob failed", "try again", inner);
    assertThat(text("", outer, false)).isEqualTo("fetch: digest mismatch (try again)");
    assertThat(text("", outer, true))
        .isEqualTo(
            "fetch\n  └─blob failed\n    └─read /x\n      └─digest mismatch\nhint: try again");
  }

  @Test
  void systemCausesBelowTheEngineAreForDebugOnly() {
    EngineException failure =
        engine("open store", "permission denied", "", new Exception("EACCES"));
    assertThat(text("", failure, false)).isEqualTo("open store: permission denied");
    assertThat(text("", failure, true)).endsWith("└─EACCES");
  }

  @Test
  void aLayerThatRepeatsTheOneAboveIsLeftOut() {
    EngineException failure = engine("open", "why", "", new Exception("why"));
    assertThat(text("", failure, true)).isEqualTo("open\n  └─why");
  }

  @Test
  void causesWithoutMessageAreNamed() {
    assertThat(text("x", new IllegalStateException(), false)).isEqualTo("x: IllegalStateException");
  }
}
