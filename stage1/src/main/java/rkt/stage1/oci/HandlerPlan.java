package rkt.stage1.oci;

import java.util.List;

/**
 * An event handler of an app, its command found.
 *
 * @param name {@code pre-start} or {@code post-stop}: also the name of its bundle's directory, and
 *     of its keys in the launch file
 * @param args command and arguments; the command is an absolute path in the app
 */
record HandlerPlan(String name, List<String> args) {
  HandlerPlan {
    args = List.copyOf(args);
  }
}
