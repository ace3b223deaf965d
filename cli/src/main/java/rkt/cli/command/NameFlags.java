package rkt.cli.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.schema.SchemaException;
import rkt.schema.appc.IpLiterals;
import rkt.stage1.EtcHosts;
import rkt.stage1.ResolvConf;

/** How apps look up names: {@code --dns*} and {@code --hosts-entry}. */
final class NameFlags {
  private static final String HOST = "host";
  private static final String NONE = "none";

  private NameFlags() {}

  static void flags(FlagSet flags) {
    flags
        .add(
            new Flag(
                "dns",
                '\0',
                Flag.Kind.LIST,
                "",
                "",
                "name servers to write in the apps' /etc/resolv.conf. Pass 'host' to give them the"
                    + " host's file, or 'none' to give them none but their image's",
                false,
                false,
                "",
                ""))
        .add(Flag.repeated("dns-search", "DNS search domains to write in /etc/resolv.conf"))
        .add(Flag.repeated("dns-opt", "DNS options to write in /etc/resolv.conf"))
        .add(Flag.text("dns-domain", "", "DNS domain to write in /etc/resolv.conf"))
        .add(
            Flag.repeated(
                "hosts-entry",
                "entries to add to the apps' /etc/hosts: IP=NAME[,IP=NAME]. Pass 'host' to give"
                    + " them the host's file"));
  }

  static ResolvConf resolvConf(FlagSet flags) throws CommandFailure {
    List<String> servers = flags.all("dns");
    List<String> search = flags.all("dns-search");
    List<String> options = flags.all("dns-opt");
    String domain = flags.value("dns-domain");
    String mode = "";
    for (String server : servers) {
      if (server.equals(HOST) || server.equals(NONE)) {
        mode = server;
      }
    }
    if (!mode.isEmpty()) {
      if (servers.size() > 1) {
        throw failure("no other --dns options allowed when --dns=" + mode + " is passed");
      }
      if (!search.isEmpty() || !options.isEmpty() || !domain.isEmpty()) {
        throw failure("Cannot call --dns-opt, --dns-search, or --dns-domain with --dns=" + mode);
      }
      return mode.equals(HOST) ? ResolvConf.HOST : ResolvConf.NONE;
    }
    for (String server : servers) {
      if (!IpLiterals.isIp(server)) {
        throw failure("Invalid IP passed to --dns: " + server);
      }
    }
    if (servers.isEmpty() && search.isEmpty() && options.isEmpty() && domain.isEmpty()) {
      return ResolvConf.DEFAULT;
    }
    try {
      return ResolvConf.of(servers, search, options, domain);
    } catch (SchemaException e) {
      throw failure(String.valueOf(e.getMessage()));
    }
  }

  static EtcHosts etcHosts(FlagSet flags) throws CommandFailure {
    Map<String, List<String>> names = new LinkedHashMap<>();
    boolean host = false;
    boolean entries = false;
    for (String value : flags.all("hosts-entry")) {
      for (String entry : FlagSet.split(value, ',')) {
        if (entry.equals(HOST)) {
          host = true;
          continue;
        }
        entries = true;
        int equals = entry.indexOf('=');
        if (equals < 0 || entry.indexOf('=', equals + 1) >= 0) {
          throw failure("Did not understand --hosts-entry " + entry);
        }
        String ip = entry.substring(0, equals);
        if (!IpLiterals.isIp(ip)) {
          throw failure("Invalid IP passed to --hosts-entry: " + ip);
        }
        List<String> known = names.get(ip);
        if (known == null) {
          known = new ArrayList<>(1);
          names.put(ip, known);
        }
        known.add(entry.substring(equals + 1));
      }
    }
    if (host && entries) {
      throw failure("cannot pass --hosts-entry=host with multiple hosts-entries");
    }
    if (host) {
      return EtcHosts.HOST;
    }
    try {
      return names.isEmpty() ? EtcHosts.DEFAULT : EtcHosts.of(names);
    } catch (SchemaException e) {
      throw failure(String.valueOf(e.getMessage()));
    }
  }

  private static CommandFailure failure(String why) {
    return CommandFailure.of("error with dns flags: " + why);
  }
}
