package rkt.image.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.Command;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/**
 * A program {@code docker-credential-NAME} that keeps secrets (the protocol of {@code
 * docker-credential-helpers}): the server on standard input, a JSON document on standard output.
 *
 * <p>It may hang, fail or print anything. Nothing of what it prints is ever repeated: it deals in
 * secrets.
 */
final class CredentialHelper {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MOST_BYTES = 64 << 10;
  private static final String NOT_FOUND = "credentials not found in native keychain";

  /** Instead of a user, when the secret is an identity token. */
  private static final String TOKEN_USER = "<token>";

  private final String program;
  private final Path namedIn;
  private final Map<String, String> environment;
  private final Duration limit;

  /**
   * @param namedIn the file that names it, for messages
   */
  CredentialHelper(String name, Path namedIn, Map<String, String> environment) {
    this(name, namedIn, environment, LIMIT);
  }

  CredentialHelper(String name, Path namedIn, Map<String, String> environment, Duration limit) {
    this.program = "docker-credential-" + checked(name);
    this.namedIn = namedIn;
    this.environment = environment;
    this.limit = limit;
  }

  /** The name becomes part of a program's: no path, no option, nothing odd. */
  static String checked(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!Texts.isAlnum(c) && c != '-' && c != '_') {
        throw new SchemaException("bad name of a credential helper: " + Texts.quote(name));
      }
    }
    if (name.isEmpty()) {
      throw new SchemaException("the name of a credential helper is empty");
    }
    return name;
  }

  /** What it knows; empty when it knows nothing of that server. */
  Optional<Credential> get(String server) throws EngineException {
    Path path = located();
    Command.Result result;
    try {
      result =
          new Command(List.of(path.toString(), "get"), environment)
              .run(server.getBytes(StandardCharsets.UTF_8), MOST_BYTES, limit);
    } catch (IOException e) {
      throw failed(server, String.valueOf(e.getMessage()));
    }
    if (!result.succeeded()) {
      if (result.output().trim().equals(NOT_FOUND)) {
        return Optional.empty();
      }
      throw failed(server, "it ended with status " + result.status());
    }
    return parsed(server, result.output());
  }

  private Optional<Credential> parsed(String server, String output) throws EngineException {
    String user;
    String secret;
    try {
      JsonObject answer = Json.parseObject(output.getBytes(StandardCharsets.UTF_8), "");
      user = answer.string("Username", "");
      secret = answer.string("Secret", "");
    } catch (SchemaException e) {
      // Not the cause: it may quote what was printed.
      throw failed(server, "its answer is not the JSON document it should be");
    }
    if (secret.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        user.equals(TOKEN_USER)
            ? new Credential.IdentityToken(secret)
            : new Credential.Basic(user, secret));
  }

  private Path located() throws EngineException {
    String path = environment.getOrDefault("PATH", Command.DEFAULT_PATH);
    for (String directory : path.split(":", -1)) {
      // A relative directory would make the working directory decide what runs.
      if (directory.startsWith("/")) {
        Path candidate = Path.of(directory, program);
        if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
          return candidate;
        }
      }
    }
    throw EngineException.of(
        ErrorCode.NOT_FOUND,
        "get credentials from " + program,
        "no such program in PATH; " + namedIn + " names it",
        "install it, or remove it from that file");
  }

  private EngineException failed(String server, String why) {
    return EngineException.of(
        ErrorCode.PERMISSION,
        "get credentials for " + server + " from " + program,
        why,
        "try it by hand: echo " + server + " | " + program + " get; " + namedIn + " names it");
  }
}
