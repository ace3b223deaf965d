package rkt.image.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import rkt.image.auth.Credential;

/** The headers that prove who is asking. */
final class Authorization {
  private Authorization() {}

  /**
   * @param uri what is asked, over https
   */
  static Map<String, String> headers(Credential credential, URI uri, Instant now) {
    return switch (credential) {
      case Credential.Basic basic ->
          Map.of(
              "Authorization",
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString(
                          (basic.user() + ":" + basic.password())
                              .getBytes(StandardCharsets.UTF_8)));
      case Credential.Bearer bearer -> Map.of("Authorization", "Bearer " + bearer.token());
      case Credential.Aws aws -> AwsSignature.headers(aws, uri, now);
      // Good only at the token service of a registry.
      case Credential.IdentityToken token -> Map.of();
    };
  }
}
