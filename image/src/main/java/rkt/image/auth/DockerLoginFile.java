package rkt.image.auth;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.oci.DockerReference;

/**
 * One file in the format of Docker's {@code config.json}; podman's {@code auth.json} is the same
 * with repository prefixes as keys.
 *
 * @param auths credentials by normalized prefix
 * @param helpers names of credential helpers by normalized host
 * @param store the helper for every other registry
 */
record DockerLoginFile(
    Path path, Map<String, Credential> auths, Map<String, String> helpers, Optional<String> store) {
  /** What Docker calls its own registry in files and to helpers. */
  static final String HUB = "https://index.docker.io/v1/";

  DockerLoginFile {
    auths = Map.copyOf(auths);
    helpers = Map.copyOf(helpers);
  }

  Optional<String> helper(String host) {
    return Optional.ofNullable(helpers.get(host));
  }

  /** What a helper is asked for. */
  static String server(String host) {
    return host.equals(DockerReference.DEFAULT_HOST) ? HUB : host;
  }

  /** A key as a prefix: old ones are URLs that end in the version of the protocol. */
  static String place(String key) {
    String text = key;
    int scheme = text.indexOf("://");
    if (scheme >= 0) {
      text = text.substring(scheme + 3);
      while (text.endsWith("/")) {
        text = text.substring(0, text.length() - 1);
      }
      if (text.endsWith("/v1") || text.endsWith("/v2")) {
        text = text.substring(0, text.length() - 3);
      }
    }
    return RepositoryPrefix.normalized(text);
  }

  static DockerLoginFile parse(Path path, byte[] bytes) {
    JsonObject document = Json.parseObject(bytes, "");
    Map<String, Credential> auths = new HashMap<>();
    JsonObject written = document.optObject("auths").orElse(null);
    if (written != null) {
      for (Map.Entry<String, JsonValue> entry : written.members().entrySet()) {
        if (entry.getValue() instanceof JsonObject login) {
          Optional<Credential> credential = credential(entry.getKey(), login);
          if (credential.isPresent()) {
            auths.put(place(entry.getKey()), credential.get());
          }
        }
      }
    }
    Map<String, String> helpers = new HashMap<>();
    for (Map.Entry<String, String> entry : document.stringMap("credHelpers").entrySet()) {
      helpers.put(place(entry.getKey()), CredentialHelper.checked(entry.getValue()));
    }
    String store = document.string("credsStore", "");
    return new DockerLoginFile(
        path,
        auths,
        helpers,
        store.isEmpty() ? Optional.empty() : Optional.of(CredentialHelper.checked(store)));
  }

  /** Empty for the entries a credential store leaves behind. */
  private static Optional<Credential> credential(String key, JsonObject login) {
    String identity = login.string("identitytoken", "");
    if (!identity.isEmpty()) {
      return Optional.of(new Credential.IdentityToken(identity));
    }
    String registry = login.string("registrytoken", "");
    if (!registry.isEmpty()) {
      return Optional.of(new Credential.Bearer(registry));
    }
    String auth = login.string("auth", "");
    if (!auth.isEmpty()) {
      return Optional.of(decoded(key, auth));
    }
    String user = login.string("username", "");
    return user.isEmpty()
        ? Optional.empty()
        : Optional.of(new Credential.Basic(user, login.string("password", "")));
  }

  private static Credential decoded(String key, String auth) {
    String text;
    try {
      text = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Not the cause: its message quotes a part of the secret.
      throw new SchemaException("auths[\"" + key + "\"].auth is not base64");
    }
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new SchemaException("auths[\"" + key + "\"].auth has no colon after the user");
    }
    String password = text.substring(colon + 1);
    // Old Docker padded with zeroes.
    int zero = password.indexOf('\0');
    return new Credential.Basic(
        text.substring(0, colon), zero < 0 ? password : password.substring(0, zero));
  }
}
