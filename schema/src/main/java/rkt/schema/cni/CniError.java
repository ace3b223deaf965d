package rkt.schema.cni;

import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/**
 * What a plugin that failed says.
 *
 * @param code below 100 those of the specification, above the plugin's own
 */
public record CniError(long code, String message, String details) {
  /** The plugin does not know the version of the configuration. */
  public static final long INCOMPATIBLE_VERSION = 1;

  /** Something is busy or not there yet; trying later may help. */
  public static final long TRY_LATER = 11;

  /**
   * Reads it.
   *
   * @throws rkt.schema.SchemaException when it is not one
   */
  public static CniError parse(byte[] text) {
    JsonObject json = Json.parseObject(text, "");
    return new CniError(json.integer("code", 0), json.string("msg"), json.string("details", ""));
  }

  /** {@code MSG[; DETAILS]}. */
  public String text() {
    return details.isEmpty() ? message : message + "; " + details;
  }
}
