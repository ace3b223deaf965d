package rkt.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
  @Test
  void ordinaryTextIsLeftAsItIs() {
    String text = "example.com/app:1.0\tgr\u00fc\u00dfe \ud83d\ude80\n\u2514\u2500";
    assertThat(PlainText.of(text)).isSameAs(text);
  }

  @Test
  void nothingDrivesTheTerminal() {
    assertThat(PlainText.of("a\u001b]0;title\u0007b\rc\u009b31md\u007f\0"))
        .isEqualTo("a?]0;title?b?c?31md??");
  }

  @Test
  void nothingTurnsTheWritingAround() {
    assertThat(PlainText.of("a\u202eb\u2066c\u200fd\u061ce\u2028f")).isEqualTo("a?b?c?d?e?f");
  }

  @Test
  void aCellStaysACell() {
    assertThat(PlainText.cell("x\ty\nz")).isEqualTo("x?y?z");
    assertThat(new Table().row("1\n2\t3", "4\u001b[2J").toString()).isEqualTo("1?2?3\t4?[2J\n");
  }

  @Test
  void jsonSaysTheSameInEscapes() {
    assertThat(PlainText.json("{\n\t\"a\u202e\": \"\u007f\u009bx\u2066\u00e9\"\n}"))
        .isEqualTo("{\n\t\"a\\u202e\": \"\\u007f\\u009bx\\u2066\u00e9\"\n}");
    assertThat(PlainText.json("{}")).isEqualTo("{}");
  }
}
