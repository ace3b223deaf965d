package rkt.image.registry;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.image.auth.Credential;
import rkt.image.auth.Credentials;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/**
 * Answers a registry's challenge: with our credentials themselves (Basic), or with a token from the
 * service the registry names (Bearer), which is anonymous when we have no credentials.
 */
final class TokenSource {
  private static final Duration WHOLE_ANSWER = Duration.ofSeconds(60);

  private final Place place;
  private final UrlRules rules;
  private final Credentials credentials;
  private final Exchange exchange;

  /** Sends a request; redirects are followed, and no secret goes along to another host. */
  interface Exchange {
    Reply send(Transport.Request request) throws IOException;
  }

  TokenSource(Place place, UrlRules rules, Credentials credentials, Exchange exchange) {
    this.place = place;
    this.rules = rules;
    this.credentials = credentials;
    this.exchange = exchange;
  }

  /**
   * Answers a challenge.
   *
   * @param refused the 401 answer; closed here
   * @return a value for the header {@code Authorization}
   */
  String answer(String attempted, Reply refused, Scope scope) throws IOException, EngineException {
    Challenge bearer = null;
    boolean basic = false;
    for (Challenge challenge : Challenge.parse(refused.headerValues("www-authenticate"))) {
      if (bearer == null
          && challenge.scheme().equals("bearer")
          && challenge.parameter("realm").isPresent()) {
        bearer = challenge;
      }
      basic |= challenge.scheme().equals("basic");
    }
    Credential credential =
        credentials.forRepository(place.host(), place.repository()).orElse(null);
    if (bearer == null && !(basic && credential instanceof Credential.Basic)) {
      throw Failures.denied(attempted, refused, credential);
    }
    refused.close();
    if (bearer == null) {
      return basic((Credential.Basic) java.util.Objects.requireNonNull(credential));
    }
    if (credential instanceof Credential.Bearer own) {
      return bearer(attempted, place.host(), own.token());
    }
    return fetch(attempted, bearer, refused.uri(), scope, credential);
  }

  private String fetch(
      String attempted,
      Challenge challenge,
      URI registry,
      Scope scope,
      @Nullable Credential credential)
      throws IOException, EngineException {
    URI service = service(challenge, registry);
    if (credential != null && !UrlRules.mayTellCredentials(registry, service)) {
      throw new UrlRules.Broken(
          "refusing to send credentials over plain HTTP to "
              + UrlRules.shown(service)
              + " (sent there by "
              + registry.getRawAuthority()
              + ")");
    }
    Transport.Request request =
        credential instanceof Credential.IdentityToken identity
            ? refresh(challenge, service, scope, identity)
            : query(challenge, service, scope, credential);
    try (Reply reply = exchange.send(request)) {
      if (reply.status() >= 500 || reply.status() == 429) {
        throw new IOException(
            "bad HTTP status code: "
                + reply.status()
                + " from the token service "
                + UrlRules.shown(service));
      }
      if (reply.status() != 200) {
        throw Failures.denied(attempted, reply, credential);
      }
      return token(attempted, service, reply.readAll(RegistryLimits.TOKEN_BYTES));
    }
  }

  private URI service(Challenge challenge, URI registry) throws IOException {
    try {
      return rules.check(new URI(challenge.parameters().getOrDefault("realm", "")), registry);
    } catch (URISyntaxException e) {
      throw new UrlRules.Broken("the registry names a malformed token service");
    }
  }

  /** The registry's own words first: it knows what the request needs. */
  private List<String> scopes(Challenge challenge, Scope scope) {
    List<String> wanted = new ArrayList<>();
    for (String one : challenge.parameter("scope").orElse("").split(" ", -1)) {
      if (!one.isEmpty()) {
        wanted.add(one);
      }
    }
    List<String> ours = scope.of(place.repository());
    // A registry may ask for less than the whole of what we are about to do.
    if (wanted.isEmpty() || !scope.equals(Scope.PULL)) {
      for (String one : ours) {
        if (!wanted.contains(one)) {
          wanted.add(one);
        }
      }
    }
    return wanted;
  }

  private Transport.Request query(
      Challenge challenge, URI service, Scope scope, @Nullable Credential credential)
      throws IOException {
    StringBuilder url = new StringBuilder(service.toString());
    char separator = service.getRawQuery() == null ? '?' : '&';
    Optional<String> name = challenge.parameter("service");
    if (name.isPresent()) {
      url.append(separator).append("service=").append(escape(name.get()));
      separator = '&';
    }
    for (String one : scopes(challenge, scope)) {
      url.append(separator).append("scope=").append(escape(one));
      separator = '&';
    }
    Map<String, String> headers = new HashMap<>();
    if (credential instanceof Credential.Basic user) {
      headers.put("Authorization", basic(user));
    }
    return request("GET", url.toString(), headers, Transport.Content.NONE);
  }

  /** OAuth 2, as registries speak it: the identity token is a refresh token. */
  private Transport.Request refresh(
      Challenge challenge, URI service, Scope scope, Credential.IdentityToken identity)
      throws IOException {
    String form =
        "grant_type=refresh_token&client_id=rkt&service="
            + escape(challenge.parameter("service").orElse(""))
            + "&scope="
            + escape(String.join(" ", scopes(challenge, scope)))
            + "&refresh_token="
            + escape(identity.token());
    return request(
        "POST",
        service.toString(),
        Map.of("Content-Type", "application/x-www-form-urlencoded"),
        Transport.Content.of(form.getBytes(StandardCharsets.US_ASCII)));
  }

  private static Transport.Request request(
      String method, String url, Map<String, String> headers, Transport.Content content)
      throws IOException {
    try {
      return new Transport.Request(method, new URI(url), headers, content, WHOLE_ANSWER);
    } catch (URISyntaxException e) {
      throw new UrlRules.Broken("the registry names a malformed token service");
    }
  }

  private static String escape(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String basic(Credential.Basic user) {
    String pair = user.user() + ":" + user.password();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static String token(String attempted, URI service, byte[] body) throws EngineException {
    try {
      if (Json.parse(body, "the token service's answer") instanceof JsonObject answer) {
        String token =
            answer.optString("token").or(() -> answer.optString("access_token")).orElse("");
        return bearer(attempted, UrlRules.shown(service), token);
      }
    } catch (SchemaException e) {
      // Not the cause: it may quote a part of a token.
      throw EngineException.of(
          ErrorCode.NETWORK, attempted, UrlRules.shown(service) + " gives no readable token");
    }
    throw EngineException.of(
        ErrorCode.NETWORK, attempted, UrlRules.shown(service) + " gives no token");
  }

  /** A token goes into a header: nothing may end the line or leave ASCII. */
  private static String bearer(String attempted, String from, String token) throws EngineException {
    boolean safe = !token.isEmpty();
    for (int i = 0; i < token.length(); i++) {
      safe &= token.charAt(i) > ' ' && token.charAt(i) <= '~';
    }
    if (!safe) {
      throw EngineException.of(
          ErrorCode.NETWORK, attempted, "the token for " + from + " is not usable");
    }
    return "Bearer " + token;
  }
}
