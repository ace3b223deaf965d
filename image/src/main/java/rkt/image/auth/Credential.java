package rkt.image.auth;

/** What proves to a server who is asking. {@code toString} tells no secret. */
public sealed interface Credential {
  /** {@code Authorization: Basic}. */
  record Basic(String user, String password) implements Credential {
    @Override
    public String toString() {
      return "Basic[user=" + user + "]";
    }
  }

  /** {@code Authorization: Bearer}. */
  record Bearer(String token) implements Credential {
    @Override
    public String toString() {
      return "Bearer[]";
    }
  }

  /**
   * An identity token (OAuth 2 refresh token) to be exchanged for a bearer token at a registry's
   * token service.
   */
  record IdentityToken(String token) implements Credential {
    @Override
    public String toString() {
      return "IdentityToken[]";
    }
  }

  /**
   * AWS request signing, version 4, for service {@code s3}.
   *
   * @param region empty: to be guessed from the host
   */
  record Aws(String accessKeyId, String secretAccessKey, String region) implements Credential {
    @Override
    public String toString() {
      return "Aws[accessKeyId=" + accessKeyId + "]";
    }
  }
}
