package rkt.pod.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.image.auth.RepositoryPrefix;
import rkt.image.registry.RegistryRule;
import rkt.image.registry.RegistryRule.ClientCertificate;
import rkt.schema.SchemaException;
import rkt.schema.Urls;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * The kind {@code registries}: which rules hold for images below some prefixes. An unknown field is
 * an error, since a misspelt one would silently leave a registry open or unmirrored.
 */
final class RegistryRuleFile {
  private static final List<String> FIELDS =
      List.of(
          "rktKind",
          "rktVersion",
          "registries",
          "mirrors",
          "insecure",
          "ca",
          "clientCertificate",
          "clientKey",
          "blocked",
          "parallel");
  private static final int MAX_PARALLEL = 32;

  private RegistryRuleFile() {}

  /** The prefixes a document is for, in the form the rules compare. */
  static List<String> prefixes(JsonObject document) {
    List<String> prefixes = new ArrayList<>();
    for (String registry : document.strings("registries")) {
      prefixes.add(place("registry", registry));
    }
    if (prefixes.isEmpty()) {
      throw new SchemaException("no registries specified");
    }
    return prefixes;
  }

  static RegistryRule read(JsonObject document) {
    for (String field : document.members().keySet()) {
      if (!FIELDS.contains(field)) {
        throw new SchemaException("unknown field \"" + field + "\"");
      }
    }
    List<String> mirrors = new ArrayList<>();
    for (String mirror : document.strings("mirrors")) {
      mirrors.add(place("mirror", mirror));
    }
    List<Path> authorities = new ArrayList<>();
    for (String file : document.strings("ca")) {
      authorities.add(absolute("ca", file));
    }
    Optional<Boolean> plainHttp = Optional.empty();
    Optional<Boolean> anyCertificate = Optional.empty();
    if (document.has("insecure")) {
      List<String> words = insecure(document);
      plainHttp = Optional.of(words.contains("http"));
      anyCertificate = Optional.of(words.contains("tls"));
    }
    return new RegistryRule(
        mirrors,
        plainHttp,
        anyCertificate,
        document.optBool("blocked"),
        authorities,
        client(document),
        parallel(document));
  }

  private static List<String> insecure(JsonObject document) {
    List<String> words = document.strings("insecure");
    for (String word : words) {
      if (!word.equals("http") && !word.equals("tls")) {
        throw new SchemaException(
            "unknown word in insecure: \"" + word + "\", allowed are \"http\", \"tls\"");
      }
    }
    return words;
  }

  private static Optional<Integer> parallel(JsonObject document) {
    Optional<Integer> value = document.optInt32("parallel");
    if (value.isPresent() && (value.get() < 1 || value.get() > MAX_PARALLEL)) {
      throw new SchemaException("parallel must be between 1 and " + MAX_PARALLEL);
    }
    return value;
  }

  private static Optional<ClientCertificate> client(JsonObject document) {
    String certificate = document.string("clientCertificate", "");
    String key = document.string("clientKey", "");
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      throw new SchemaException("clientCertificate and clientKey must come together");
    }
    return Optional.of(
        new ClientCertificate(
            absolute("clientCertificate", certificate), absolute("clientKey", key)));
  }

  private static Path absolute(String field, String value) {
    if (!value.startsWith("/")) {
      throw new SchemaException(field + " must be an absolute path: \"" + value + "\"");
    }
    return Path.of(value);
  }

  /** {@code host[:port][/path]}; a URL, a tag or a digest is a mistake better told at once. */
  private static String place(String what, String text) {
    String normalized = RepositoryPrefix.normalized(text);
    if (!RepositoryPrefix.isPrefix(normalized)) {
      throw new SchemaException(
          "bad "
              + what
              + " \""
              + Urls.shownRefused(text)
              + "\"; expected HOST[:PORT][/PATH], without scheme and user");
    }
    return normalized;
  }

  /** Writes the rest of a document whose name {@code registries} has been written. */
  static void write(JsonWriter out, String prefix, RegistryRule rule) {
    out.beginArray().value(prefix).endArray();
    if (!rule.mirrors().isEmpty()) {
      out.name("mirrors").strings(rule.mirrors());
    }
    if (rule.plainHttp().isPresent() || rule.anyCertificate().isPresent()) {
      out.name("insecure").beginArray();
      if (rule.plainHttp().orElse(false)) {
        out.value("http");
      }
      if (rule.anyCertificate().orElse(false)) {
        out.value("tls");
      }
      out.endArray();
    }
    if (!rule.authorities().isEmpty()) {
      out.name("ca").beginArray();
      for (Path file : rule.authorities()) {
        out.value(file.toString());
      }
      out.endArray();
    }
    if (rule.client().isPresent()) {
      out.name("clientCertificate").value(rule.client().get().certificate().toString());
      out.name("clientKey").value(rule.client().get().key().toString());
    }
    if (rule.blocked().isPresent()) {
      out.name("blocked").value(rule.blocked().get());
    }
    if (rule.parallel().isPresent()) {
      out.name("parallel").value(rule.parallel().get());
    }
    out.endObject();
  }
}
