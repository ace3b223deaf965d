package rkt.image.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import rkt.image.auth.Credential;
import rkt.image.auth.HeaderText;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** The headers that prove who is asking. */
final class Authorization {
  private Authorization() {}

  /**
   * @param uri what is asked, over https
   */
  static Map<String, String> headers(Credential credential, URI uri, Instant now)
      throws EngineException {
    return switch (credential) {
      case Credential.Basic basic ->
          Map.of(
              "Authorization",
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString(
                          (basic.user() + ":" + basic.password())
                              .getBytes(StandardCharsets.UTF_8)));
      case Credential.Bearer bearer -> {
        check(uri, "token", bearer.token());
        yield Map.of("Authorization", "Bearer " + bearer.token());
      }
      case Credential.Aws aws -> {
        check(uri, "AWS Access Key ID", aws.accessKeyId());
        check(uri, "AWS region", aws.region());
        yield AwsSignature.headers(aws, uri, now);
      }
      // Good only at the token service of a registry.
      case Credential.IdentityToken token -> Map.of();
    };
  }

  /** Wherever it came from; the value itself is not told. */
  private static void check(URI uri, String what, String value) throws EngineException {
    if (!HeaderText.isSafe(value)) {
      throw EngineException.of(
          ErrorCode.INVALID,
          "authenticate at " + uri.getHost(),
          "the configured " + what + " has characters that cannot be sent, perhaps a line end");
    }
  }
}
