package rkt.cli.doc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import rkt.cli.GlobalFlags;
import rkt.cli.command.Command;
import rkt.cli.command.Commands;
import rkt.cli.grammar.FlagSet;

class HelpPageTest {
  private static String help(String path) {
    Command command = Commands.create(path);
    FlagSet flags = GlobalFlags.table();
    command.flags(flags);
    return HelpPage.of(command, flags);
  }

  @Test
  void oneCommandWhole() {
    assertThat(help("gc"))
        .isEqualTo(
            """
            NAME:
            \tgc - Garbage collect rkt pods no longer in use

            USAGE:
            \trkt gc

            DESCRIPTION:
            \tMarks ended pods as garbage and deletes what was marked longer ago than the grace period.

            OPTIONS:
                  --expire-prepared=24h0m0s\tduration to wait before expiring prepared pods
                  --grace-period=30m0s\tduration to wait before discarding inactive pods from garbage
              -h, --help[=false]\t\tprint this help
                  --mark-only[=false]\tonly mark pods as garbage, do not delete anything

            GLOBAL OPTIONS:
                  --debug[=false]\t\t\tprint out more debug information to stderr
                  --dir=/var/lib/rkt\t\trkt data directory
                  --insecure-options=none\t\tcomma-separated list of security features to disable, allowed values: none,image,tls,ondisk,http,pubkey,capabilities,paths,seccomp,all-fetch,all-run,all
                  --local-config=/etc/rkt\t\tlocal configuration directory
                  --system-config=/usr/lib/rkt\tsystem configuration directory
                  --trust-keys-from-https[=false]\tautomatically trust gpg keys fetched from https
                  --user-config=\t\t\tuser configuration directory
            """);
  }

  @Test
  void textDefaultsAreQuotedAndOptionalValuesBracketed() {
    assertThat(help("status")).contains("--wait[=\"false\"]", "--uuid-file=\"\"");
    assertThat(help("run")).contains("--net[=default]", "--pull-policy=\"new\"");
  }

  @Test
  void deprecatedAndUnsupportedFlagsAreLeftOut() {
    assertThat(help("run")).doesNotContain("--store-only");
  }

  @Test
  void everyShownCommandHasHelp() {
    for (String path : Commands.PATHS) {
      if (!Commands.hidden(path)) {
        assertThat(help(path)).startsWith("NAME:\n\t" + path + " - ").contains("\trkt " + path);
      }
    }
  }

  @Test
  void theRootListsShownCommandsOnly() {
    assertThat(HelpPage.ofGroup("", GlobalFlags.table()))
        .contains("VERSION:", "\timage list\t", "\tstatus\t")
        .doesNotContain("image fetch", "attach\t", "metadata-service");
  }

  @Test
  void noHelpHoldsACharacterThatATableHadToReplace() {
    for (String path : Commands.PATHS) {
      assertThat(help(path)).as(path).doesNotContain("?");
    }
    assertThat(help("run")).contains("\t    rkt run docker://a");
  }
}
