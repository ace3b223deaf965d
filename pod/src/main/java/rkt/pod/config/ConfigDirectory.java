package rkt.pod.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.auth.Credential;
import rkt.image.auth.HeaderText;
import rkt.image.registry.RegistryRule;
import rkt.image.registry.RegistryRules;
import rkt.pod.config.Config.Stage1Default;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.Urls;
import rkt.schema.json.JsonObject;

/**
 * Collects the documents of one configuration directory; saying the same thing twice in it is an
 * error.
 */
final class ConfigDirectory {
  private static final List<String> SCHEMES = List.of("docker", "file", "http", "https");

  private final Map<String, Credential> auth = new LinkedHashMap<>();
  private final Map<String, Credential.Basic> dockerAuth = new LinkedHashMap<>();
  private final Map<String, RegistryRule> registries = new LinkedHashMap<>();
  private Optional<Path> data = Optional.empty();
  private Optional<Path> stage1Images = Optional.empty();
  private List<Path> netPlugins = List.of();
  private Stage1Default stage1 = Stage1Default.NONE;
  private Optional<Path> runtime = Optional.empty();

  Config finish() {
    return new Config(
        auth,
        dockerAuth,
        new RegistryRules(registries),
        data,
        stage1Images,
        netPlugins,
        stage1,
        runtime);
  }

  /**
   * @throws SchemaException when the document breaks the rules of its kind or repeats an earlier
   *     one
   */
  void add(String kind, JsonObject document) {
    switch (kind) {
      case "auth" -> addAuth(document);
      case "dockerAuth" -> addDockerAuth(document);
      case "registries" -> addRegistries(document);
      case "paths" -> addPaths(document);
      case "stage1" -> addStage1(document);
      case "runtime" -> addRuntime(document);
      default ->
          throw new SchemaException(
              "no parser available for configuration of kind \"" + kind + "\"");
    }
  }

  private void addAuth(JsonObject document) {
    List<String> domains = document.strings("domains");
    if (domains.isEmpty()) {
      throw new SchemaException("no domains specified");
    }
    String type = document.string("type", "");
    if (type.isEmpty()) {
      throw new SchemaException("no auth type specified");
    }
    Optional<JsonObject> given = document.optObject("credentials");
    Credential entry =
        switch (type) {
          case "basic" ->
              new Credential.Basic(
                  credential(given, "user", "user not specified"),
                  credential(given, "password", "password not specified"));
          case "oauth" ->
              new Credential.Bearer(
                  sendable(
                      "oauth bearer token",
                      credential(given, "token", "no oauth bearer token specified")));
          case "aws" ->
              new Credential.Aws(
                  sendable(
                      "AWS Access Key ID",
                      credential(given, "accessKeyID", "no AWS Access Key ID specified")),
                  credential(given, "secretAccessKey", "no AWS Secret Access Key specified"),
                  sendable(
                      "AWS region", given.isPresent() ? given.get().string("awsRegion", "") : ""));
          default -> throw new SchemaException("unknown auth type: \"" + type + "\"");
        };
    for (String domain : domains) {
      checkPlace("domain", domain);
      if (auth.putIfAbsent(domain, entry) != null) {
        throw new SchemaException("auth for domain \"" + domain + "\" is already specified");
      }
    }
  }

  private void addDockerAuth(JsonObject document) {
    List<String> registries = document.strings("registries");
    if (registries.isEmpty()) {
      throw new SchemaException("no registries specified");
    }
    Optional<JsonObject> given = document.optObject("credentials");
    Credential.Basic entry =
        new Credential.Basic(
            credential(given, "user", "user not specified"),
            credential(given, "password", "password not specified"));
    for (String registry : registries) {
      checkPlace("registry", registry);
      if (dockerAuth.putIfAbsent(registry, entry) != null) {
        throw new SchemaException(
            "credentials for docker registry \"" + registry + "\" are already specified");
      }
    }
  }

  private void addRegistries(JsonObject document) {
    RegistryRule rule = RegistryRuleFile.read(document);
    for (String prefix : RegistryRuleFile.prefixes(document)) {
      if (registries.putIfAbsent(prefix, rule) != null) {
        throw new SchemaException("rules for registry \"" + prefix + "\" are already specified");
      }
    }
  }

  private static String credential(Optional<JsonObject> given, String name, String missing) {
    String value = given.isPresent() ? given.get().string(name, "") : "";
    if (value.isEmpty()) {
      throw new SchemaException(missing);
    }
    return value;
  }

  /** It becomes part of a header as it is. The message must not tell it. */
  private static String sendable(String what, String value) {
    if (!HeaderText.isSafe(value)) {
      throw new SchemaException(
          what + " has characters that cannot be sent, perhaps a line end or a blank at its end");
    }
    return value;
  }

  /** Places are shown by {@code rkt config} and in messages. */
  private static void checkPlace(String what, String place) {
    if (place.indexOf('@') >= 0) {
      throw new SchemaException(
          "the "
              + what
              + " "
              + Texts.quote(Urls.shownRefused(place))
              + " must not contain a user or password, they belong into \"credentials\"");
    }
  }

  private void addPaths(JsonObject document) {
    data = path(document, "data", "data directory", data);
    stage1Images = path(document, "stage1-images", "stage1 images directory", stage1Images);
    List<String> plugins = document.strings("net-plugins");
    if (plugins.isEmpty()) {
      return;
    }
    if (!netPlugins.isEmpty()) {
      throw new SchemaException("directories of network plugins are already specified");
    }
    List<Path> directories = new ArrayList<>(plugins.size());
    for (String each : plugins) {
      // Plugins are told them as one list with colons.
      if (!each.startsWith("/") || each.indexOf(':') >= 0) {
        throw new SchemaException(
            "directory of network plugins "
                + Texts.quote(each)
                + " must be an absolute path without a colon");
      }
      directories.add(Path.of(each));
    }
    netPlugins = directories;
  }

  private static Optional<Path> path(
      JsonObject document, String field, String what, Optional<Path> before) {
    String value = document.string(field, "");
    if (value.isEmpty()) {
      return before;
    }
    if (before.isPresent()) {
      throw new SchemaException(what + " is already specified");
    }
    if (!value.startsWith("/")) {
      throw new SchemaException(what + " must be an absolute path");
    }
    return Optional.of(Path.of(value));
  }

  private void addStage1(JsonObject document) {
    String prefix = "invalid stage1 configuration: ";
    String name = document.string("name", "");
    String version = document.string("version", "");
    String location = document.string("location", "");
    if (name.isEmpty() && !version.isEmpty()) {
      throw new SchemaException(
          prefix + "default stage1 image version specified, but name is missing");
    }
    if (!name.isEmpty() && version.isEmpty()) {
      throw new SchemaException(
          prefix + "default stage1 image name specified, but version is missing");
    }
    if (!location.isEmpty()) {
      checkLocation(prefix, location);
    }
    if (!name.isEmpty() && !stage1.name().isEmpty()) {
      throw new SchemaException("name and version of a default stage1 image are already specified");
    }
    if (!location.isEmpty() && !stage1.location().isEmpty()) {
      throw new SchemaException("location of a default stage1 image is already specified");
    }
    stage1 =
        new Stage1Default(
            name.isEmpty() ? stage1.name() : name,
            name.isEmpty() ? stage1.version() : version,
            location.isEmpty() ? stage1.location() : location);
  }

  private static void checkLocation(String prefix, String location) {
    if (location.startsWith("/")) {
      return;
    }
    String scheme;
    try {
      scheme = new URI(location).getScheme();
    } catch (URISyntaxException e) {
      throw new SchemaException(
          prefix + "default stage1 image location is an invalid URL: " + e.getReason());
    }
    if (location.contains("://") && Urls.seemsToHaveUser(location)) {
      throw new SchemaException(
          prefix
              + "default stage1 image location must not contain a user or password, they belong into"
              + " auth.d");
    }
    if (scheme == null) {
      throw new SchemaException(
          prefix
              + "default stage1 image location is either a relative path or a URL without scheme");
    }
    if (!SCHEMES.contains(scheme)) {
      throw new SchemaException(
          prefix
              + "default stage1 image location has invalid scheme \""
              + scheme
              + "\", allowed schemes are \"docker\", \"file\", \"http\", \"https\"");
    }
  }

  private void addRuntime(JsonObject document) {
    String value = document.string("path", "");
    if (value.isEmpty()) {
      throw new SchemaException("no runtime path specified");
    }
    runtime = path(document, "path", "runtime", runtime);
  }
}
