package rkt.cli;

import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;

/** The flags every command takes, before or after its name. */
public final class GlobalFlags {
  static final String INSECURE_CHOICES =
      "none,image,tls,ondisk,http,pubkey,capabilities,paths,seccomp,all-fetch,all-run,all";

  private GlobalFlags() {}

  /** A new table that holds the global flags and nothing else yet. */
  public static FlagSet table() {
    return new FlagSet()
        .add(Flag.bool("debug", "print out more debug information to stderr"))
        .add(Flag.directory("dir", "/var/lib/rkt", "rkt data directory"))
        .add(Flag.bool("help", "print this help").letter('h'))
        .add(
            Flag.choices(
                "insecure-options",
                INSECURE_CHOICES,
                "none",
                "comma-separated list of security features to disable, allowed values: "
                    + INSECURE_CHOICES))
        .add(Flag.directory("local-config", "/etc/rkt", "local configuration directory"))
        .add(Flag.directory("system-config", "/usr/lib/rkt", "system configuration directory"))
        .add(Flag.directory("user-config", "", "user configuration directory"))
        .add(Flag.bool("trust-keys-from-https", "automatically trust gpg keys fetched from https"))
        .later("cpuprofile", "memprofile")
        .endGlobals();
  }
}
