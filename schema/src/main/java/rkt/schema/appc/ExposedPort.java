package rkt.schema.appc;

import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * A port of the pod that is reachable on the host.
 *
 * @param hostPort port on the host; 0 is accepted, as in the ancestor
 * @param hostIp address of the host to listen on; all when empty
 * @param podPort the port inside, when it is not one an app declares under this name
 */
public record ExposedPort(
    AcName name, int hostPort, Optional<String> hostIp, Optional<Port> podPort) {
  private static final int MAX = 65535;

  public ExposedPort {
    if (hostPort < 0 || hostPort > MAX) {
      throw new SchemaException("hostPort must be in 0-65535 range");
    }
    if (hostIp.isPresent() && !IpLiterals.isIp(hostIp.get())) {
      throw new SchemaException("hostIP is not an IP address: " + Texts.quote(hostIp.get()));
    }
  }

  /** Reads {@code NAME:[HOSTIP:]HOSTPORT}; an IPv6 address stands in square brackets. */
  public static ExposedPort parse(String text) {
    int first = text.indexOf(':');
    if (first < 0) {
      throw new SchemaException(Texts.quote(text) + " is not in name:[ip:]port format");
    }
    AcName name;
    try {
      name = new AcName(text.substring(0, first));
    } catch (SchemaException e) {
      throw new SchemaException(
          Texts.quote(text.substring(0, first)) + " is not a valid port name: " + e.getMessage(),
          e);
    }
    String rest = text.substring(first + 1);
    int close = rest.startsWith("[") ? rest.indexOf("]:") : -1;
    int last = close >= 0 ? close + 1 : rest.indexOf(':');
    Optional<String> ip = Optional.empty();
    if (last >= 0) {
      String literal = close >= 0 ? rest.substring(1, close) : rest.substring(0, last);
      if (!IpLiterals.isIp(literal)) {
        throw new SchemaException(Texts.quote(literal) + " is not a valid IP");
      }
      ip = Optional.of(literal);
    }
    String number = rest.substring(last + 1);
    if (!Texts.isDigits(number) || number.length() > 5 || Integer.parseInt(number) > MAX) {
      throw new SchemaException(Texts.quote(number) + " is not a valid port number");
    }
    return new ExposedPort(name, Integer.parseInt(number), ip, Optional.empty());
  }

  static ExposedPort read(JsonObject json) {
    String name = json.string("name");
    int hostPort = json.int32("hostPort", 0);
    Optional<String> hostIp = json.optString("hostIP");
    Optional<JsonObject> podPort = json.optObject("podPort");
    try {
      return new ExposedPort(
          new AcName(name),
          hostPort,
          hostIp.isPresent() && hostIp.get().isEmpty() ? Optional.empty() : hostIp,
          podPort.isPresent() ? Optional.of(Port.read(podPort.get())) : Optional.empty());
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  void write(JsonWriter json) {
    json.beginObject();
    json.name("name").value(name.value()).name("hostPort").value(hostPort);
    if (hostIp.isPresent()) {
      json.name("hostIP").value(hostIp.get());
    }
    if (podPort.isPresent()) {
      json.name("podPort");
      podPort.get().write(json);
    }
    json.endObject();
  }
}
