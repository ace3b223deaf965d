package rkt.cli.doc;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.GlobalFlags;
import rkt.cli.command.Command;
import rkt.cli.command.Commands;
import rkt.cli.grammar.CommandLine;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;

/** A bash completion script made from the command tables. */
public final class BashCompletion {
  /**
   * What is completed by asking rkt itself. The state filter is an extended regular expression on
   * the listing's STATE column; UUIDs are on the first line of each pod only.
   */
  private static final String HEAD =
      """
      # bash completion for rkt
      __rkt_pods() {
        COMPREPLY+=($(compgen -W "$(rkt list --full --no-legend 2>/dev/null \\
          | awk -F '\\t+' -v state="${1:-.}" '$1 != "" && $5 ~ "^(" state ")" { print $1 }')" -- "$cur"))
      }

      __rkt_images() {
        COMPREPLY+=($(compgen -W "$(rkt image list --no-legend --full --fields=id 2>/dev/null)" -- "$cur"))
      }

      __rkt() {
        local cur=${COMP_WORDS[COMP_CWORD]} path="" word i
        COMPREPLY=()
        for ((i = 1; i < COMP_CWORD; i++)); do
          word=${COMP_WORDS[i]}
          case "$word" in
            -*) ;;
            =) ((i++)) ;;
            *)
              case " $path $word " in
      """;

  private static final String MIDDLE =
      """
              esac
              ;;
          esac
        done
        case "$path" in
      """;

  private static final String TAIL =
      """
        esac
      }

      complete -o default -F __rkt rkt
      """;

  private BashCompletion() {}

  public static String script() {
    StringBuilder script = new StringBuilder(8192).append(HEAD);
    List<String> groups = new ArrayList<>();
    groups.add("");
    for (String path : Commands.PATHS) {
      if (Commands.hidden(path)) {
        continue;
      }
      int blank = path.indexOf(' ');
      if (blank > 0
          && CommandLine.isGroup(Commands.PATHS, path.substring(0, blank))
          && !groups.contains(path.substring(0, blank))) {
        groups.add(path.substring(0, blank));
        step(script, "", path.substring(0, blank));
      }
      step(script, blank < 0 ? "" : path.substring(0, blank), path.substring(blank + 1));
    }
    script.append(MIDDLE);
    for (String group : groups) {
      branch(script, group, children(group), GlobalFlags.table(), "");
    }
    for (String path : Commands.PATHS) {
      if (!Commands.hidden(path)) {
        Command command = Commands.create(path);
        FlagSet flags = GlobalFlags.table();
        command.flags(flags);
        String words = path.equals("completion") ? "bash" : children(path);
        branch(script, path, words, flags, command.completion());
      }
    }
    return script.append(TAIL).toString();
  }

  /** In the loop over the words typed: {@code word} leads from {@code group} to a command. */
  private static void step(StringBuilder script, String group, String word) {
    script.append("          \" ").append(group).append(' ').append(word).append(" \") path=\"");
    script.append(group.isEmpty() ? "" : group + " ").append(word).append("\" ;;\n");
  }

  private static String children(String group) {
    StringBuilder words = new StringBuilder();
    String last = "";
    String below = group.isEmpty() ? "" : group + " ";
    for (String path : Commands.PATHS) {
      if (!path.startsWith(below) || Commands.hidden(path)) {
        continue;
      }
      int blank = path.indexOf(' ', below.length());
      String word = path.substring(below.length(), blank < 0 ? path.length() : blank);
      if (!word.equals(last)) {
        words.append(words.isEmpty() ? "" : " ").append(word);
        last = word;
      }
    }
    return words.toString();
  }

  private static void branch(
      StringBuilder script, String path, String words, FlagSet flags, String custom) {
    script.append("    \"").append(path).append("\")\n");
    script.append("      if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W \"");
    names(script, flags.locals());
    names(script, flags.globals());
    script.append("\" -- \"$cur\"))\n      else\n");
    if (words.isEmpty() && custom.isEmpty()) {
      script.append("        :\n");
    }
    if (!words.isEmpty()) {
      script.append("        COMPREPLY=($(compgen -W \"").append(words);
      script.append("\" -- \"$cur\"))\n");
    }
    if (!custom.isEmpty()) {
      script.append("        ").append(custom).append('\n');
    }
    script.append("      fi\n      ;;\n");
  }

  private static void names(StringBuilder script, List<Flag> flags) {
    for (Flag flag : HelpPage.shown(flags)) {
      boolean takesValue = flag.bareValue().isEmpty();
      script.append("--").append(flag.name()).append(takesValue ? "= " : " ");
    }
  }
}
