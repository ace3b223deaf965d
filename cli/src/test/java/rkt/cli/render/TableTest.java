package rkt.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Alignment of Go's tabwriter(0, 8, 1, tab). Expected texts were worked out by its rules. */
class TableTest {
  @Test
  void columnsAreMultiplesOfEight() {
    assertThat(new Table().row("ID", "NAME").row("sha512-0123456789ab", "x").toString())
        .isEqualTo("ID\t\t\tNAME\nsha512-0123456789ab\tx\n");
  }

  @Test
  void aCellOfSevenNeedsOneTabAndOfEightAnotherColumnStop() {
    assertThat(new Table().row("1234567", "x").row("1", "y").toString())
        .isEqualTo("1234567\tx\n1\ty\n");
    assertThat(new Table().row("12345678", "x").row("1", "y").toString())
        .isEqualTo("12345678\tx\n1\t\ty\n");
  }

  @Test
  void emptyCellsKeepTheirColumns() {
    String table =
        new Table()
            .row("UUID", "APP", "STATE")
            .row("01234567", "a", "running")
            .row("", "second-app", "")
            .toString();
    assertThat(table).isEqualTo("UUID\t\tAPP\t\tSTATE\n01234567\ta\t\trunning\n\t\tsecond-app\t\n");
  }

  @Test
  void shortLinesSeparateColumns() {
    String table = new Table().row("a", "b").row("no cell").row("aaaaaaaaaa", "b").toString();
    assertThat(table).isEqualTo("a\tb\nno cell\naaaaaaaaaa\tb\n");
  }

  @Test
  void theLastCellIsNoColumn() {
    assertThat(new Table().row("a", "a very long last cell").row("b", "c").toString())
        .isEqualTo("a\ta very long last cell\nb\tc\n");
  }

  @Test
  void widthsCountCharactersNotBytes() {
    assertThat(new Table().row("äöüäöüä", "x").row("a", "y").toString())
        .isEqualTo("äöüäöüä\tx\na\ty\n");
    assertThat(new Table().row("\ud83d\ude80\ud83d\ude80\ud83d\ude80\ud83d\ude80", "x").toString())
        .isEqualTo("\ud83d\ude80\ud83d\ude80\ud83d\ude80\ud83d\ude80\tx\n");
  }

  @Test
  void textIsSplitAtTabs() {
    assertThat(new Table().text("a\tb\nlonger-than-8\tc\n").toString())
        .isEqualTo("a\t\tb\nlonger-than-8\tc\n");
  }

  @Test
  void emptyTable() {
    assertThat(new Table().toString()).isEmpty();
  }
}
