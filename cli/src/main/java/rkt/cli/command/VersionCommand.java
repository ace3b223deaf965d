package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.schema.Version;

/** {@code rkt version}. Five lines whose keys scripts cut at; no engine, no file is opened. */
final class VersionCommand extends Command {
  VersionCommand() {
    super("version", "");
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure {
    invocation.noArguments();
    invocation.out("rkt Version: " + Version.VERSION);
    invocation.out("appc Version: " + Version.APPC);
    // The key stays because scripts know it; the value says plainly that no Go is involved.
    invocation.out("Go Version: none (Java " + System.getProperty("java.version", "") + ")");
    invocation.out("Go OS/Arch: linux/" + architecture(System.getProperty("os.arch", "")));
    invocation.out("Features: -TPM -SDJOURNAL");
    return 0;
  }

  /** The machine in the words of appc and Go. */
  static String architecture(String javaName) {
    return switch (javaName) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> javaName;
    };
  }
}
