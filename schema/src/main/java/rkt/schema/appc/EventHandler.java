package rkt.schema.appc;

import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/** A command run before an app starts ({@code pre-start}) or after it ended ({@code post-stop}). */
public record EventHandler(String name, List<String> exec) {
  public static final String PRE_START = "pre-start";
  public static final String POST_STOP = "post-stop";

  public EventHandler {
    if (name.isEmpty()) {
      throw new SchemaException("eventHandler name must be set");
    }
    if (!name.equals(PRE_START) && !name.equals(POST_STOP)) {
      throw new SchemaException("bad eventHandler name: " + Texts.quote(name));
    }
    exec = List.copyOf(exec);
    for (String argument : exec) {
      Rules.noNul("exec of eventHandler", argument);
    }
  }
}
