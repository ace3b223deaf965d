package rkt.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExceptionsTest {
  @Test
  void theMessageHasThreeParts() {
    EngineException e =
        EngineException.of(ErrorCode.NOT_FOUND, "run x", "no image x", "fetch it first");
    assertThat(e).hasMessage("run x: no image x (fetch it first)");
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(EngineException.of(ErrorCode.USAGE, "run", "no")).hasMessage("run: no");
  }

  @Test
  void theInnermostPlaceWins() {
    SchemaException inner = new SchemaException("bad").locate("app", 2, 3);
    assertThat(inner).hasMessage("app: bad (line 2, column 3)");
    assertThat(inner.locate("outer", 1, 1)).isSameAs(inner);
  }

  @Test
  void hostileTextCannotDriveTheTerminal() {
    assertThat(Texts.quote("a\u001b[31m\"\u202e\n")).isEqualTo("\"a\\u001b[31m\\\"\\u202e\\n\"");
    assertThat(Texts.printable("x".repeat(1000))).hasSizeLessThan(210);
  }
}
