package rkt.schema.appc;

import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * A port, or a range of {@code count} ports, an app listens on.
 *
 * @param protocol {@code tcp}, {@code udp}; the specification leaves it open
 */
public record Port(AcName name, String protocol, int port, int count, boolean socketActivated) {
  private static final int MAX = 65535;

  public Port {
    if (port < 1 || port > MAX) {
      throw new SchemaException("port must be in 1-65535 range");
    }
    if (count < 1 || port + (long) count > MAX + 1L) {
      throw new SchemaException("end of port range must be in 1-65535 range");
    }
  }

  /** One port that is not socket-activated. */
  public Port(AcName name, String protocol, int port) {
    this(name, protocol, port, 1, false);
  }

  static Port read(JsonObject json) {
    String name = json.string("name");
    String protocol = json.string("protocol", "");
    int port = json.int32("port", 0);
    int count = json.int32("count", 1);
    boolean socketActivated = json.bool("socketActivated", false);
    try {
      return new Port(new AcName(name), protocol, port, count, socketActivated);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  void write(JsonWriter json) {
    json.beginObject();
    json.name("name").value(name.value());
    json.name("protocol").value(protocol);
    json.name("port").value(port);
    json.name("count").value(count);
    json.name("socketActivated").value(socketActivated);
    json.endObject();
  }
}
