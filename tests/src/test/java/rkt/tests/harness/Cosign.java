package rkt.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A key pair that signs images as {@code cosign sign --key} does: ECDSA P-256 over a small document
 * that names the digest, pushed beside the image.
 */
public final class Cosign {
  private final KeyPair pair;

  private Cosign(KeyPair pair) {
    this.pair = pair;
  }

  public static Cosign fresh() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return new Cosign(generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the public key, as in {@code cosign.pub}. */
  public void publish(Path file) {
    String body =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pair.getPublic().getEncoded());
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(
          file, "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Signs an image and pushes the signature.
   *
   * @param digest {@code sha256:HEX}
   */
  public void sign(Registry registry, String repository, String digest) {
    String payload =
        "{\"critical\":{\"identity\":{\"docker-reference\":\""
            + registry.host()
            + "/"
            + repository
            + "\"},\"image\":{\"docker-manifest-digest\":\""
            + digest
            + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}";
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(pair.getPrivate());
      signature.update(payload.getBytes(StandardCharsets.UTF_8));
      String signed = Base64.getEncoder().encodeToString(signature.sign());
      String manifest =
          "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
              + blob(registry, repository, "application/vnd.oci.image.config.v1+json", "{}", "")
              + ",\"layers\":["
              + blob(
                  registry,
                  repository,
                  "application/vnd.dev.cosign.simplesigning.v1+json",
                  payload,
                  ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + signed + "\"}")
              + "]}";
      String tag = digest.replace(':', '-') + ".sig";
      send(
          HttpRequest.newBuilder(
                  URI.create(
                      "http://" + registry.host() + "/v2/" + repository + "/manifests/" + tag))
              .header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
              .PUT(HttpRequest.BodyPublishers.ofString(manifest)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String blob(
      Registry registry, String repository, String type, String content, String more)
      throws GeneralSecurityException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    String digest =
        "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    String base = "http://" + registry.host();
    HttpResponse<String> begun =
        send(
            HttpRequest.newBuilder(URI.create(base + "/v2/" + repository + "/blobs/uploads/"))
                .POST(HttpRequest.BodyPublishers.noBody()));
    String place = begun.headers().firstValue("Location").orElseThrow();
    send(
        HttpRequest.newBuilder(URI.create(base).resolve(place + "&digest=" + digest))
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\""
        + digest
        + "\",\"size\":"
        + bytes.length
        + more
        + "}";
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new AssertionError(response.statusCode() + " " + response.body());
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
