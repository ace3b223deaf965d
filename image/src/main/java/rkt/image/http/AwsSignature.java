package rkt.image.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import rkt.image.auth.Credential;

/**
 * AWS Signature Version 4 of a GET without a body, for service {@code s3} ("Signature Calculations
 * for the Authorization Header", Amazon S3 API reference).
 */
final class AwsSignature {
  private static final String SERVICE = "s3";
  private static final String DEFAULT_REGION = "us-east-1";
  private static final String EMPTY_BODY =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  private static final String SIGNED = "host;x-amz-content-sha256;x-amz-date";

  private AwsSignature() {}

  static Map<String, String> headers(Credential.Aws aws, URI uri, Instant now) {
    ZonedDateTime time = now.atZone(ZoneOffset.UTC);
    String day =
        padded(time.getYear(), 4)
            + padded(time.getMonthValue(), 2)
            + padded(time.getDayOfMonth(), 2);
    String stamp =
        day
            + "T"
            + padded(time.getHour(), 2)
            + padded(time.getMinute(), 2)
            + padded(time.getSecond(), 2)
            + "Z";
    String host = String.valueOf(uri.getRawAuthority());
    String region = aws.region().isEmpty() ? region(host) : aws.region();
    String scope = day + "/" + region + "/" + SERVICE + "/aws4_request";
    String canonical =
        String.join(
            "\n",
            "GET",
            path(uri),
            query(uri),
            "host:" + host,
            "x-amz-content-sha256:" + EMPTY_BODY,
            "x-amz-date:" + stamp,
            "",
            SIGNED,
            EMPTY_BODY);
    String toSign = String.join("\n", "AWS4-HMAC-SHA256", stamp, scope, hex(sha256(canonical)));
    byte[] key = hmac(("AWS4" + aws.secretAccessKey()).getBytes(StandardCharsets.UTF_8), day);
    key = hmac(hmac(hmac(key, region), SERVICE), "aws4_request");
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("x-amz-date", stamp);
    headers.put("x-amz-content-sha256", EMPTY_BODY);
    headers.put(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential="
            + aws.accessKeyId()
            + "/"
            + scope
            + ", SignedHeaders="
            + SIGNED
            + ", Signature="
            + hex(hmac(key, toSign)));
    return headers;
  }

  /** The region a host name tells; the default when it tells none. */
  static String region(String hostPort) {
    String host = hostPort.toLowerCase(Locale.ROOT);
    int colon = host.indexOf(':');
    host = colon < 0 ? host : host.substring(0, colon);
    if (host.endsWith("s3.amazonaws.com") || host.endsWith("s3-external-1.amazonaws.com")) {
      return DEFAULT_REGION;
    }
    List<String> labels = List.of(host.split("\\.", -1));
    int count = labels.size();
    if (count >= 3 && labels.get(count - 3).startsWith("s3-") && host.endsWith(".amazonaws.com")) {
      return labels.get(count - 3).substring("s3-".length());
    }
    if (count > 4 && labels.get(count - 4).equals(SERVICE)) {
      return labels.get(count - 3);
    }
    return DEFAULT_REGION;
  }

  /** S3 takes the path as it is sent, escaped once. */
  private static String path(URI uri) {
    String path = uri.getRawPath();
    return path == null || path.isEmpty() ? "/" : path;
  }

  private static String query(URI uri) {
    String query = uri.getRawQuery();
    if (query == null || query.isEmpty()) {
      return "";
    }
    List<String> pairs = new ArrayList<>();
    for (String pair : query.split("&", -1)) {
      pairs.add(pair.indexOf('=') < 0 ? pair + "=" : pair);
    }
    Collections.sort(pairs);
    return String.join("&", pairs);
  }

  private static String padded(int number, int digits) {
    StringBuilder out = new StringBuilder(Integer.toString(number));
    while (out.length() < digits) {
      out.insert(0, '0');
    }
    return out.toString();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has HmacSHA256", e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
