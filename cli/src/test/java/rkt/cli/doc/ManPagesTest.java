package rkt.cli.doc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManPagesTest {
  @Test
  void aPagePerShownCommand(@TempDir Path directory) throws IOException {
    ManPages.writeAll(directory);
    assertThat(directory.resolve("rkt.1")).isRegularFile();
    assertThat(directory.resolve("rkt-image.1")).isRegularFile();
    assertThat(directory.resolve("rkt-export.1")).doesNotExist();
    assertThat(Files.readString(directory.resolve("rkt-image-list.1")))
        .startsWith(".TH \"RKT\\-IMAGE\\-LIST\" \"1\" ")
        .contains("rkt - App Container runtime")
        .contains(".B \\-\\-order=\"asc\"\n")
        .contains(".SH SYNOPSIS\n.B rkt image list\n");
  }

  @Test
  void textNeverBecomesATroffCommand() {
    assertThat(ManPages.escape(".so /etc/passwd")).isEqualTo("\\&.so /etc/passwd");
    assertThat(ManPages.escape("a\\b-c")).isEqualTo("a\\eb\\-c");
  }
}
