package rkt.trust;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonArray;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonString;
import rkt.schema.json.JsonValue;
import rkt.trust.PolicyRule.Accept;
import rkt.trust.PolicyRule.Identity;

/**
 * Reads {@code policy.json}. Strict: what is not understood might have been meant to forbid
 * something, so it is refused, and a file that cannot be read stops every image. Links are followed
 * (an administrator's choice), unlike in the other configuration, where a file that is passed over
 * merely configures nothing.
 */
final class PolicyFile {
  static final String NAME = "policy.json";
  private static final String ATTEMPTED = "cannot read the trust policy";
  private static final int MAX_FILE = 1 << 20;
  private static final int MAX_RULES = 10_000;
  private static final int MAX_KEYS = 64;

  private final Path file;
  private final Map<String, Integer> lines = new HashMap<>();

  private PolicyFile(Path file) {
    this.file = file;
  }

  /** The merged policy of the directories, least important first. */
  static Policy load(Kernel kernel, List<Path> dirs) throws EngineException {
    Policy merged = Policy.NONE;
    for (Path dir : dirs) {
      Path file = dir.resolve(NAME);
      Optional<byte[]> bytes = BoundedFiles.readIfThere(kernel, file, MAX_FILE, ATTEMPTED);
      if (bytes.isPresent()) {
        merged = merged.overriddenBy(parse(bytes.get(), file));
      }
    }
    return merged;
  }

  /** One file's rules; {@code file} places relative key paths and names the file in messages. */
  static Policy parse(byte[] bytes, Path file) throws EngineException {
    try {
      return new PolicyFile(file).read(Json.parseObject(bytes, ""));
    } catch (SchemaException e) {
      throw new EngineException(
          ErrorCode.INVALID,
          ATTEMPTED,
          file + ": " + e.getMessage(),
          "until it is corrected no image is accepted",
          e);
    }
  }

  private Policy read(JsonObject document) {
    only(document, "rktKind", "rktVersion", "rules", "comment");
    word(document, "rktKind", "policy");
    word(document, "rktVersion", "v1");
    document.string("comment", "");
    List<JsonObject> given = document.array("rules").objects();
    if (given.size() > MAX_RULES) {
      throw document.fail("rules", "at most " + MAX_RULES + " rules are supported");
    }
    List<PolicyRule> rules = new ArrayList<>(given.size());
    for (JsonObject rule : given) {
      rules.addAll(rules(rule));
    }
    return new Policy(rules);
  }

  private static void word(JsonObject document, String name, String expected) {
    String value = document.string(name);
    if (!value.equals(expected)) {
      throw document.fail(name, "must be \"" + expected + "\", not " + Texts.quote(value));
    }
  }

  /** Names are exact here: a member in another case would be passed over by other readers. */
  private static void only(JsonObject object, String... known) {
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      if (!List.of(known).contains(member.getKey())) {
        throw SchemaException.at(
            "unknown member " + Texts.quote(member.getKey()),
            member.getValue().line(),
            member.getValue().column());
      }
    }
  }

  /** One, or one for each thing its prefix may mean. */
  private List<PolicyRule> rules(JsonObject rule) {
    only(rule, "prefix", "accept", "keys", "identity", "comment");
    rule.string("comment", "");
    List<Accept> accept = accept(rule);
    List<String> prefixes;
    try {
      // A link may be anybody's: it widens no rule that lets images in unseen.
      boolean links = !accept.contains(Accept.UNSIGNED);
      prefixes = Names.prefixes(rule.string("prefix"), links);
    } catch (SchemaException e) {
      throw rule.locate("prefix", e);
    }
    for (String prefix : prefixes) {
      Integer before = lines.putIfAbsent(prefix, rule.line());
      if (before != null) {
        throw rule.fail(
            "prefix", Texts.quote(prefix) + " has a rule already, which begins in line " + before);
      }
    }
    boolean cosign = accept.contains(Accept.COSIGN);
    if (!cosign && (rule.has("keys") || rule.has("identity"))) {
      throw rule.fail(
          rule.has("keys") ? "keys" : "identity", "belongs to rules that accept \"cosign\"");
    }
    List<Path> keys = cosign ? keys(rule) : List.of();
    Optional<Identity> identity = identity(rule);
    List<PolicyRule> out = new ArrayList<>(prefixes.size());
    for (String prefix : prefixes) {
      out.add(new PolicyRule(prefix, accept, keys, identity, file.toAbsolutePath(), rule.line()));
    }
    return out;
  }

  private static List<Accept> accept(JsonObject rule) {
    JsonValue value = rule.get("accept").orElse(rule);
    List<Accept> out = new ArrayList<>(2);
    if (value instanceof JsonArray array) {
      for (String word : array.strings()) {
        add(out, rule, word);
      }
      if (out.isEmpty()) {
        throw rule.fail("accept", "must not be empty; \"nothing\" closes the prefix");
      }
    } else if (value instanceof JsonString word) {
      add(out, rule, word.value());
    } else {
      add(out, rule, rule.string("accept"));
    }
    boolean alone = out.contains(Accept.UNSIGNED) || out.contains(Accept.NOTHING);
    if (alone && out.size() > 1) {
      throw rule.fail("accept", "\"unsigned\" and \"nothing\" stand alone");
    }
    return out;
  }

  private static void add(List<Accept> out, JsonObject rule, String word) {
    for (Accept accept : Accept.values()) {
      if (accept.word().equals(word)) {
        if (out.contains(accept)) {
          throw rule.fail("accept", "names \"" + word + "\" twice");
        }
        out.add(accept);
        return;
      }
    }
    throw rule.fail(
        "accept",
        "must be \"pgp\", \"cosign\", \"unsigned\" or \"nothing\", not " + Texts.quote(word));
  }

  private List<Path> keys(JsonObject rule) {
    List<String> given = rule.strings("keys");
    if (given.isEmpty()) {
      throw rule.fail("keys", "must name at least one public key file for \"cosign\"");
    }
    if (given.size() > MAX_KEYS) {
      throw rule.fail("keys", "at most " + MAX_KEYS + " keys are supported");
    }
    Path dir = file.toAbsolutePath().getParent();
    List<Path> out = new ArrayList<>(given.size());
    for (String key : given) {
      if (key.isEmpty() || key.indexOf('\0') >= 0) {
        throw rule.fail("keys", "must be paths of public key files");
      }
      Path path = Path.of(key);
      out.add(dir == null ? path : dir.resolve(path).normalize());
    }
    return out;
  }

  private static Optional<Identity> identity(JsonObject rule) {
    Optional<String> word = rule.optString("identity");
    if (word.isEmpty()) {
      return Optional.empty();
    }
    for (Identity identity : Identity.values()) {
      if (identity.word().equals(word.get())) {
        return Optional.of(identity);
      }
    }
    throw rule.fail(
        "identity", "must be \"repository\" or \"any\", not " + Texts.quote(word.get()));
  }
}
