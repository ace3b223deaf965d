package rkt.stage1.oci;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.appc.EnvVar;

/** The environment of an app: what image and user set, then the defaults for what they did not. */
record AppEnvironment(Map<String, String> variables) {
  /** What every shell of the last decades starts with. */
  static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /**
   * @param terminal whether the app talks to a terminal, about whose kind nothing else would tell
   *     it
   */
  static AppEnvironment of(List<EnvVar> set, String app, boolean terminal) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (EnvVar variable : set) {
      variables.put(variable.name(), variable.value());
    }
    variables.putIfAbsent("PATH", DEFAULT_PATH);
    variables.putIfAbsent("SHELL", "/bin/sh");
    variables.putIfAbsent("USER", "root");
    variables.putIfAbsent("LOGNAME", "root");
    variables.putIfAbsent("HOME", "/root");
    if (terminal) {
      variables.putIfAbsent("TERM", "xterm");
    }
    variables.put("AC_APP_NAME", app);
    return new AppEnvironment(variables);
  }

  /** The PATH that image or user set. */
  static Optional<String> path(List<EnvVar> set) {
    Optional<String> path = Optional.empty();
    for (EnvVar variable : set) {
      if (variable.name().equals("PATH")) {
        path = Optional.of(variable.value());
      }
    }
    return path;
  }

  /** As {@code NAME=value} strings. */
  List<String> strings() {
    List<String> strings = new ArrayList<>(variables.size());
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      strings.add(variable.getKey() + "=" + variable.getValue());
    }
    return strings;
  }

  /** As the lines of an environment file. */
  String file() {
    StringBuilder out = new StringBuilder(256);
    for (String string : strings()) {
      out.append(string).append('\n');
    }
    return out.toString();
  }
}
