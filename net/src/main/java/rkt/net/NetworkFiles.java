package rkt.net;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.cni.NetworkConfig;

/**
 * The networks that are configured: the built-in ones, and the files {@code *.conf} and {@code
 * *.conflist} in the configuration directories. A later directory's network goes over an earlier
 * one's of the same name; in one directory the first file of a name counts. They are joined in the
 * order of their files' names, which names the interfaces: {@code eth0}, {@code eth1} and so on.
 */
public final class NetworkFiles {
  private static final String ATTEMPTED = "error loading network definitions";
  private static final int MAX_FILE = 1 << 20;

  /**
   * Point-to-point: pods share no link with each other, and no bridge outlives the last of them.
   */
  private static final String DEFAULT =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"default\",\"type\":\"ptp\",\"ipMasq\":MASQ,"
          + "\"ipam\":{\"type\":\"host-local\","
          + "\"ranges\":[[{\"subnet\":\"172.16.28.0/24\"}]],"
          + "\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}}\n";

  private static final String RESTRICTED =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"default-restricted\",\"type\":\"ptp\",\"ipMasq\":false,"
          + "\"ipam\":{\"type\":\"host-local\","
          + "\"ranges\":[[{\"subnet\":\"172.31.0.0/16\"}]]}}\n";

  private final Kernel kernel;
  private final NetLog log;
  private final boolean nftables;

  /**
   * @param nftables whether rkt can masquerade by itself, so that the built-in plugin need not
   */
  NetworkFiles(Kernel kernel, NetLog log, boolean nftables) {
    this.kernel = kernel;
    this.log = log;
    this.nftables = nftables;
  }

  /** Those of the request, in the order in which they are joined. */
  List<SelectedNetwork> select(List<Path> dirs, NetRequest request) throws EngineException {
    Map<String, SelectedNetwork> byName = new HashMap<>();
    builtIn(byName, "99-default.conf", DEFAULT.replace("MASQ", nftables ? "false" : "true"));
    builtIn(byName, "99-default-restricted.conf", RESTRICTED);
    for (Path dir : dirs) {
      load(dir, byName);
    }
    List<String> missing = new ArrayList<>();
    for (NetRequest.Item item : request.items()) {
      if (!item.name().equals("all") && !byName.containsKey(item.name())) {
        missing.add(item.name());
      }
    }
    if (!missing.isEmpty()) {
      Collections.sort(missing);
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          "networks not found",
          String.join(", ", missing),
          "looked for *.conf and *.conflist files with these names in " + dirs);
    }
    Map<String, SelectedNetwork> ordered = new TreeMap<>();
    for (SelectedNetwork network : byName.values()) {
      String name = network.config().name();
      if (request.names("all") || request.names(name)) {
        SelectedNetwork selected =
            new SelectedNetwork(
                network.config(),
                request.args(name),
                network.text(),
                network.file(),
                network.builtIn(),
                network.masquerade());
        // Two directories may have files of one name: the network's name then decides.
        ordered.put(network.file() + "\0" + name, selected);
      }
    }
    return new ArrayList<>(ordered.values());
  }

  private void builtIn(Map<String, SelectedNetwork> byName, String file, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    NetworkConfig config = NetworkConfig.parse(bytes, file);
    boolean masquerade = nftables && config.name().equals("default");
    byName.put(config.name(), new SelectedNetwork(config, "", bytes, file, true, masquerade));
  }

  /** All configured networks, for garbage collection. */
  List<NetworkConfig> all(List<Path> dirs) throws EngineException {
    List<NetworkConfig> out = new ArrayList<>();
    NetRequest all = new NetRequest(List.of(new NetRequest.Item("all", "")), Optional.empty());
    for (SelectedNetwork each : select(dirs, all)) {
      out.add(each.config());
    }
    return out;
  }

  private void load(Path dir, Map<String, SelectedNetwork> byName) throws EngineException {
    List<String> files = files(dir);
    if (files.isEmpty()) {
      return;
    }
    log.debug("loading networks from " + dir);
    Map<String, SelectedNetwork> here = new HashMap<>();
    for (String file : files) {
      byte[] text = read(dir.resolve(file));
      NetworkConfig config = parse(dir.resolve(file), text);
      if (here.containsKey(config.name())) {
        log.note(
            Texts.quote(config.name()) + " network already defined, ignoring " + dir.resolve(file));
      } else {
        here.put(config.name(), new SelectedNetwork(config, "", text, file, false, false));
      }
    }
    for (Map.Entry<String, SelectedNetwork> each : here.entrySet()) {
      if (byName.put(each.getKey(), each.getValue()) != null) {
        log.debug("overriding " + Texts.quote(each.getKey()) + " network with one from " + dir);
      }
    }
  }

  private static NetworkConfig parse(Path file, byte[] text) throws EngineException {
    try {
      return file.toString().endsWith(".conflist")
          ? NetworkConfig.parseList(text, file.toString())
          : NetworkConfig.parse(text, file.toString());
    } catch (SchemaException e) {
      throw EngineException.of(ATTEMPTED, e);
    }
  }

  private byte[] read(Path file) throws EngineException {
    try {
      return SmallFiles.read(kernel, file.toString(), MAX_FILE);
    } catch (OsException e) {
      throw new EngineException(ErrorCode.SYSTEM, ATTEMPTED, String.valueOf(e.getMessage()), "", e);
    }
  }

  /** A link that leads nowhere counts: reading it says what is wrong. */
  private boolean isFile(Fd dir, String name) throws OsException {
    try {
      return kernel.fstatat(dir.number(), name, 0).isRegular();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return true;
      }
      throw e;
    }
  }

  private List<String> files(Path dir) throws EngineException {
    List<String> out = new ArrayList<>();
    try (Fd fd = Fd.directory(kernel, dir.toString())) {
      for (String name : kernel.list(fd.number())) {
        boolean config = name.endsWith(".conf") || name.endsWith(".conflist");
        if (config && isFile(fd, name)) {
          out.add(name);
        }
      }
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return List.of();
      }
      throw new EngineException(ErrorCode.SYSTEM, ATTEMPTED, String.valueOf(e.getMessage()), "", e);
    }
    Collections.sort(out);
    return out;
  }
}
