package rkt.image.registry;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import rkt.image.auth.Credential;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/** The wording of everything that goes wrong between us and a registry. */
public final class Failures {
  private static final int ERROR_BODY_BYTES = 16 << 10;
  private static final int SHOWN = 300;

  private Failures() {}

  /** Any status that ends a request; closes the reply. */
  static EngineException status(String attempted, Reply reply) {
    if (reply.status() == 401) {
      return denied(attempted, reply, null);
    }
    String said = said(reply);
    String why =
        "bad HTTP status code: " + reply.status() + said + " from " + UrlRules.shown(reply.uri());
    return switch (reply.status()) {
      case 404 ->
          EngineException.of(
              ErrorCode.NOT_FOUND, attempted, why, "check the image's name, tag and registry");
      case 403 ->
          EngineException.of(
              ErrorCode.PERMISSION,
              attempted,
              why,
              "the registry forbids it; check the image's name");
      case 429 ->
          EngineException.of(
              ErrorCode.NETWORK,
              attempted,
              why,
              "the registry limits requests; wait or use a mirror");
      default -> EngineException.of(ErrorCode.NETWORK, attempted, why);
    };
  }

  /**
   * Access denied; closes the reply.
   *
   * @param credential who we said we are, or would have; its secret is not shown
   */
  static EngineException denied(String attempted, Reply reply, @Nullable Credential credential) {
    String remedy =
        switch (credential) {
          case null ->
              (attempted.startsWith("push ") ? "" : "the image does not exist or ")
                  + "its registry wants credentials: rkt takes them from auth.d and from docker"
                  + " login or podman login";
          case Credential.Basic user ->
              "the credentials of user \"" + plain(user.user()) + "\" were refused";
          case Credential.Aws aws -> "AWS credentials are not for registries";
          case Credential.Bearer token -> "the registry token was refused; log in again";
          case Credential.IdentityToken token -> "the identity token was refused; log in again";
        };
    return EngineException.of(
        ErrorCode.PERMISSION,
        attempted,
        "bad HTTP status code: "
            + reply.status()
            + said(reply)
            + " from "
            + UrlRules.shown(reply.uri()),
        remedy);
  }

  /** No answer. */
  static EngineException transport(String attempted, String host, IOException e) {
    String why = host + ": " + reason(e);
    String remedy = "";
    ErrorCode code = ErrorCode.NETWORK;
    if (e instanceof SSLException tls) {
      TlsProblem problem = TlsProblem.of(tls);
      why = host + ": " + problem.words();
      remedy = problem.remedy("registry");
    } else if (e instanceof ProxyFailure proxy) {
      code = proxy.code();
      remedy = proxy.remedy();
    } else if (e instanceof UrlRules.Broken) {
      code = ErrorCode.REFUSED;
    } else if (e instanceof UnknownHostException || reason(e).equals("unknown host")) {
      remedy = "check the registry's name and the machine's DNS";
    } else if (e instanceof ConnectException) {
      remedy = "is the registry running there?";
    }
    return new EngineException(code, attempted, why, remedy, e);
  }

  /** Java's network exceptions often carry no message. */
  public static String reason(Throwable e) {
    if (e instanceof ProxyFailure) {
      return plain(String.valueOf(e.getMessage()));
    }
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof UnknownHostException
          || t instanceof java.nio.channels.UnresolvedAddressException) {
        return "unknown host";
      }
    }
    for (Throwable t = e; t != null; t = t.getCause()) {
      String message = t.getMessage();
      if (message != null && !message.isBlank()) {
        return plain(message);
      }
    }
    return e instanceof ConnectException ? "connection refused" : e.getClass().getSimpleName();
  }

  /**
   * What the registry says about the failure, in brackets; empty when it says nothing we
   * understand.
   */
  private static String said(Reply reply) {
    try (reply) {
      byte[] body = reply.body().readNBytes(ERROR_BODY_BYTES);
      if (Json.parse(body, "error") instanceof JsonObject object && object.has("errors")) {
        StringBuilder out = new StringBuilder();
        for (JsonObject one : object.objects("errors")) {
          out.append(out.isEmpty() ? "" : "; ")
              .append(one.optString("code").orElse("error"))
              .append(": ")
              .append(one.optString("message").orElse(""));
        }
        return out.isEmpty() ? "" : " (" + plain(out.toString()) + ")";
      }
    } catch (IOException | SchemaException e) {
      // Not the protocol's error document; the status says enough.
    }
    return "";
  }

  /** A stranger's words on our terminal: one short line without control characters. */
  public static String plain(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < SHOWN; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ? ' ' : c);
    }
    return out.toString().trim();
  }
}
