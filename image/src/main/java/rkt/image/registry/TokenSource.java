package rkt.image.registry;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/**
 * Answers a registry's Bearer challenge: fetches an anonymous pull token from the service it names.
 */
final class TokenSource {
  private static final Duration WHOLE_ANSWER = Duration.ofSeconds(60);

  private final String repository;
  private final UrlRules rules;
  private final Fetch fetch;

  /** A GET with redirects followed. */
  interface Fetch {
    Reply get(URI uri, Duration wholeAnswer) throws IOException;
  }

  TokenSource(String repository, UrlRules rules, Fetch fetch) {
    this.repository = repository;
    this.rules = rules;
    this.fetch = fetch;
  }

  /**
   * Answers a challenge.
   *
   * @param refused the 401 answer; closed here
   * @return a token good for pulling
   */
  String answer(String attempted, Reply refused) throws IOException, EngineException {
    Challenge bearer = null;
    for (Challenge challenge : Challenge.parse(refused.headerValues("www-authenticate"))) {
      if (challenge.scheme().equals("bearer") && challenge.parameter("realm").isPresent()) {
        bearer = challenge;
        break;
      }
    }
    if (bearer == null) {
      throw Failures.denied(attempted, refused);
    }
    refused.close();
    URI uri = tokenUri(bearer, refused.uri());
    try (Reply reply = fetch.get(uri, WHOLE_ANSWER)) {
      if (reply.status() >= 500) {
        throw new IOException(
            "bad HTTP status code: "
                + reply.status()
                + " from the token service "
                + UrlRules.shown(uri));
      }
      if (reply.status() != 200) {
        throw Failures.denied(attempted, reply);
      }
      return token(attempted, uri, reply.readAll(RegistryLimits.TOKEN_BYTES));
    }
  }

  private URI tokenUri(Challenge challenge, URI registry) throws IOException {
    String realm = challenge.parameters().getOrDefault("realm", "");
    Optional<String> service = challenge.parameter("service");
    String scope = challenge.parameter("scope").orElse("repository:" + repository + ":pull");
    StringBuilder url = new StringBuilder(realm);
    char separator = realm.indexOf('?') < 0 ? '?' : '&';
    if (service.isPresent()) {
      url.append(separator).append("service=").append(escape(service.get()));
      separator = '&';
    }
    for (String one : scope.split(" ", -1)) {
      url.append(separator).append("scope=").append(escape(one));
      separator = '&';
    }
    try {
      return rules.check(new URI(url.toString()), registry);
    } catch (URISyntaxException e) {
      throw new UrlRules.Broken("the registry names a malformed token service");
    }
  }

  private static String escape(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String token(String attempted, URI uri, byte[] body) throws EngineException {
    try {
      if (Json.parse(body, "the token service's answer") instanceof JsonObject answer) {
        String token =
            answer.optString("token").or(() -> answer.optString("access_token")).orElse("");
        if (isHeaderSafe(token)) {
          return token;
        }
      }
    } catch (SchemaException e) {
      throw new EngineException(
          ErrorCode.NETWORK,
          attempted,
          UrlRules.shown(uri) + " gives no token: " + e.getMessage(),
          "",
          e);
    }
    throw EngineException.of(
        ErrorCode.NETWORK, attempted, UrlRules.shown(uri) + " gives no usable token");
  }

  /** A token goes into a header: nothing may end the line or leave ASCII. */
  private static boolean isHeaderSafe(String token) {
    for (int i = 0; i < token.length(); i++) {
      if (token.charAt(i) <= ' ' || token.charAt(i) > '~') {
        return false;
      }
    }
    return !token.isEmpty();
  }
}
