package rkt.net;

import java.util.ArrayList;
import java.util.List;

/**
 * A program to run, complete.
 *
 * @param label what it is for, in messages
 * @param arguments without the program itself
 * @param environment {@code NAME=value} strings, all of it
 * @param input its standard input; no NUL in it
 * @param check whether the same call with the verb CHECK would say something
 */
public record PluginCall(
    String label,
    String program,
    List<String> arguments,
    List<String> environment,
    String input,
    boolean check) {
  public PluginCall {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
  }

  /** The same call with one variable of its environment set to another value. */
  PluginCall with(String name, String value) {
    List<String> changed = new ArrayList<>(environment.size());
    for (String each : environment) {
      changed.add(each.startsWith(name + "=") ? name + "=" + value : each);
    }
    return new PluginCall(label, program, arguments, changed, input, check);
  }

  PluginCall with(String otherInput) {
    return new PluginCall(label, program, arguments, environment, otherInput, check);
  }

  PluginCall at(String otherProgram) {
    return new PluginCall(label, otherProgram, arguments, environment, input, check);
  }

  String variable(String name) {
    for (String each : environment) {
      if (each.startsWith(name + "=")) {
        return each.substring(name.length() + 1);
      }
    }
    return "";
  }
}
