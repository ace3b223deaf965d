package rkt.schema.appc;

import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.appc.IsolatorValue.ApparmorProfile;
import rkt.schema.appc.IsolatorValue.BlockBandwidth;
import rkt.schema.appc.IsolatorValue.BlockIops;
import rkt.schema.appc.IsolatorValue.CapabilitiesRemove;
import rkt.schema.appc.IsolatorValue.CapabilitiesRetain;
import rkt.schema.appc.IsolatorValue.CpuShares;
import rkt.schema.appc.IsolatorValue.NetworkBandwidth;
import rkt.schema.appc.IsolatorValue.NoNewPrivileges;
import rkt.schema.appc.IsolatorValue.OomScoreAdj;
import rkt.schema.appc.IsolatorValue.ResourceCpu;
import rkt.schema.appc.IsolatorValue.ResourceMemory;
import rkt.schema.appc.IsolatorValue.ResourcePids;
import rkt.schema.appc.IsolatorValue.Rlimits;
import rkt.schema.appc.IsolatorValue.SeccompRemove;
import rkt.schema.appc.IsolatorValue.SeccompRetain;
import rkt.schema.appc.IsolatorValue.SelinuxContext;
import rkt.schema.appc.IsolatorValue.Sysctl;
import rkt.schema.appc.IsolatorValue.Unknown;
import rkt.schema.json.Json;
import rkt.schema.json.JsonBool;
import rkt.schema.json.JsonNumber;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonString;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/** Isolator values from and to JSON. */
final class IsolatorCodec {
  private IsolatorCodec() {}

  static IsolatorValue read(String name, JsonValue value) {
    return switch (name) {
      case Isolator.MEMORY ->
          new ResourceMemory(
              quantity(name, value, "request"),
              quantity(name, value, "limit"),
              isDefault(name, value));
      case Isolator.CPU ->
          new ResourceCpu(
              quantity(name, value, "request"),
              quantity(name, value, "limit"),
              isDefault(name, value));
      case Isolator.BLOCK_BANDWIDTH ->
          new BlockBandwidth(
              quantity(name, value, "request"),
              quantity(name, value, "limit"),
              isDefault(name, value));
      case Isolator.BLOCK_IOPS ->
          new BlockIops(
              quantity(name, value, "request"),
              quantity(name, value, "limit"),
              isDefault(name, value));
      case Isolator.NETWORK_BANDWIDTH ->
          new NetworkBandwidth(
              quantity(name, value, "request"),
              quantity(name, value, "limit"),
              isDefault(name, value));
      case Isolator.CPU_SHARES -> new CpuShares(integer(name, value));
      case Isolator.OOM_SCORE_ADJ -> new OomScoreAdj(integer(name, value));
      case Isolator.CAPABILITIES_RETAIN ->
          new CapabilitiesRetain(object(name, value).strings("set"));
      case Isolator.CAPABILITIES_REMOVE ->
          new CapabilitiesRemove(object(name, value).strings("set"));
      case Isolator.SECCOMP_RETAIN ->
          new SeccompRetain(object(name, value).strings("set"), errno(name, value));
      case Isolator.SECCOMP_REMOVE ->
          new SeccompRemove(object(name, value).strings("set"), errno(name, value));
      case Isolator.NO_NEW_PRIVILEGES -> noNewPrivileges(name, value);
      case Isolator.APPARMOR_PROFILE -> apparmorProfile(name, value);
      case Isolator.SELINUX_CONTEXT -> selinuxContext(object(name, value));
      case Isolator.SYSCTL -> new Sysctl(object(name, value).asStringMap());
      case Isolator.PIDS ->
          new ResourcePids(
              quantity(name, value, "request"),
              quantity(name, value, "limit"),
              isDefault(name, value));
      case Isolator.RLIMITS -> RlimitsCodec.read(object(name, value));
      default -> new Unknown(name, value);
    };
  }

  /** Without a place: the reader of the isolator adds it, with the path of the document. */
  private static JsonObject object(String name, JsonValue value) {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw new SchemaException(name + " must be an object, not " + value.kind());
  }

  private static Optional<Quantity> quantity(String name, JsonValue value, String field) {
    JsonObject object = object(name, value);
    Optional<JsonValue> found = object.get(field);
    if (found.isEmpty() || !object.has(field)) {
      return Optional.empty();
    }
    try {
      // A bare number is as good as its text: Kubernetes' reader takes both.
      if (found.get() instanceof JsonNumber number) {
        return Optional.of(new Quantity(number.text()));
      }
      String text =
          found.get() instanceof JsonString string ? string.value() : object.string(field);
      return Optional.of(new Quantity(text));
    } catch (SchemaException e) {
      throw object.locate(field, e);
    }
  }

  private static boolean isDefault(String name, JsonValue value) {
    return object(name, value).bool("default", false);
  }

  private static Optional<String> errno(String name, JsonValue value) {
    Optional<String> errno = object(name, value).optString("errno");
    return errno.isPresent() && errno.get().isEmpty() ? Optional.empty() : errno;
  }

  private static int integer(String name, JsonValue value) {
    if (!(value instanceof JsonNumber number)) {
      throw new SchemaException(name + " must be an integer, not " + value.kind());
    }
    long found = number.longValue();
    // A number too large for an int is out of every isolator's range; let the range rule say so.
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, found));
  }

  private static NoNewPrivileges noNewPrivileges(String name, JsonValue value) {
    if (value instanceof JsonBool bool) {
      return new NoNewPrivileges(bool.value());
    }
    throw new SchemaException(name + " must be a boolean, not " + value.kind());
  }

  /**
   * The specification names this isolator only; a name, or an object with one, is what tools write.
   */
  private static ApparmorProfile apparmorProfile(String name, JsonValue value) {
    return new ApparmorProfile(
        value instanceof JsonString string
            ? string.value()
            : object(name, value).string("profile"));
  }

  private static SelinuxContext selinuxContext(JsonObject json) {
    return new SelinuxContext(
        json.string("user", ""),
        json.string("role", ""),
        json.string("type", ""),
        json.string("level", ""));
  }

  static JsonValue toJson(IsolatorValue value) {
    JsonWriter json = JsonWriter.compact();
    if (value instanceof ResourceMemory r) {
      resource(json, r.request(), r.limit(), r.isDefault());
    } else if (value instanceof ResourceCpu r) {
      resource(json, r.request(), r.limit(), r.isDefault());
    } else if (value instanceof ResourcePids r) {
      resource(json, r.request(), r.limit(), r.isDefault());
    } else if (value instanceof Rlimits rlimits) {
      RlimitsCodec.write(json, rlimits);
    } else if (value instanceof BlockBandwidth r) {
      resource(json, r.request(), r.limit(), r.isDefault());
    } else if (value instanceof BlockIops r) {
      resource(json, r.request(), r.limit(), r.isDefault());
    } else if (value instanceof NetworkBandwidth r) {
      resource(json, r.request(), r.limit(), r.isDefault());
    } else if (value instanceof CpuShares cpu) {
      json.value(cpu.shares());
    } else if (value instanceof OomScoreAdj oom) {
      json.value(oom.score());
    } else if (value instanceof CapabilitiesRetain caps) {
      set(json, caps.set(), Optional.empty());
    } else if (value instanceof CapabilitiesRemove caps) {
      set(json, caps.set(), Optional.empty());
    } else if (value instanceof SeccompRetain seccomp) {
      set(json, seccomp.set(), seccomp.errno());
    } else if (value instanceof SeccompRemove seccomp) {
      set(json, seccomp.set(), seccomp.errno());
    } else if (value instanceof NoNewPrivileges privileges) {
      json.value(privileges.on());
    } else if (value instanceof ApparmorProfile profile) {
      json.beginObject().name("profile").value(profile.profile()).endObject();
    } else if (value instanceof SelinuxContext context) {
      json.beginObject();
      json.name("user").value(context.user()).name("role").value(context.role());
      json.name("type").value(context.type()).name("level").value(context.level());
      json.endObject();
    } else if (value instanceof Sysctl sysctl) {
      json.stringMap(sysctl.values());
    } else if (value instanceof Unknown unknown) {
      return unknown.value();
    }
    return Json.parse(json.toString(), value.isolatorName());
  }

  private static void resource(
      JsonWriter json, Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault) {
    json.beginObject();
    json.name("default").value(isDefault);
    if (request.isPresent()) {
      json.name("request").value(request.get().text());
    }
    if (limit.isPresent()) {
      json.name("limit").value(limit.get().text());
    }
    json.endObject();
  }

  private static void set(JsonWriter json, Iterable<String> set, Optional<String> errno) {
    json.beginObject();
    json.name("set").strings(set);
    if (errno.isPresent()) {
      json.name("errno").value(errno.get());
    }
    json.endObject();
  }
}
