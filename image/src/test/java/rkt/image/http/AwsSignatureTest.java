package rkt.image.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.image.auth.Credential;

class AwsSignatureTest {
  @ParameterizedTest
  @CsvSource({
    "foo.s3.amazonaws.com,us-east-1",
    "s3.amazonaws.com,us-east-1",
    "foo.s3-external-1.amazonaws.com,us-east-1",
    "foo.s3-us-west-1.amazonaws.com,us-west-1",
    "foo.bar.s3-us-west-1.amazonaws.com,us-west-1",
    "s3-us-west-1.amazonaws.com:443,us-west-1",
    "foo.s3.eu-central-1.amazonaws.com,eu-central-1",
    "foo.bar.s3.eu-central-1.amazonaws.com:8443,eu-central-1",
    "FOO.S3.EU-CENTRAL-1.AMAZONAWS.COM,eu-central-1",
    "example.com,us-east-1",
    "localhost:8000,us-east-1"
  })
  void guessesTheRegion(String host, String region) {
    assertThat(AwsSignature.region(host)).isEqualTo(region);
  }

  /**
   * "GET Bucket Lifecycle" of the S3 API reference, Signature Calculations for the Authorization
   * Header.
   */
  @Test
  void signsAsTheReferenceDoes() {
    Credential.Aws key =
        new Credential.Aws(
            "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1");
    Map<String, String> headers =
        AwsSignature.headers(
            key,
            URI.create("https://examplebucket.s3.amazonaws.com/?lifecycle"),
            Instant.parse("2013-05-24T00:00:00Z"));
    assertThat(headers)
        .containsEntry("x-amz-date", "20130524T000000Z")
        .containsEntry(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + " SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
                + " Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  }
}
