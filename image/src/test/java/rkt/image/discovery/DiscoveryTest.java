package rkt.image.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.InsecureOptions;
import rkt.image.PullPolicy;
import rkt.image.http.WebClient;
import rkt.image.registry.RegistryLimits;
import rkt.image.registry.ScriptedServer;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageName;
import rkt.schema.appc.Labels;

class DiscoveryTest {
  private final Map<String, String> pages = new TreeMap<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();
  private Instant now = Instant.EPOCH;
  private Duration perPage = Duration.ZERO;

  private Discovery discovery(boolean plainHttp) {
    Discovery.Pages source =
        uri -> {
          asked.add(uri.toString());
          now = now.plus(perPage);
          String page = pages.get(uri.toString());
          if (page == null) {
            throw EngineException.of(
                ErrorCode.NETWORK, "read " + uri, "expected a 200 OK got 404 from " + uri);
          }
          return page.getBytes(StandardCharsets.UTF_8);
        };
    Diagnostics diagnostics =
        new Diagnostics() {
          @Override
          public void debug(String line) {
            lines.add(line);
          }

          @Override
          public void warn(String line) {
            lines.add("warning: " + line);
          }
        };
    return new Discovery(source, plainHttp, diagnostics, () -> now);
  }

  private static String meta(String name, String content) {
    return "<meta name=\"" + name + "\" content=\"" + content + "\">";
  }

  private List<String> images(String image, boolean plainHttp) throws EngineException {
    ImageName name = ImageName.parse(image);
    return discovery(plainHttp).images(name.name(), name.labels()).stream()
        .map(endpoint -> endpoint.image() + " " + endpoint.signature())
        .toList();
  }

  @Test
  void walksFromTheNameToItsHost() throws Exception {
    pages.put(
        "https://example.com?ac-discovery=1",
        meta("ac-discovery", "example.com https://s.example.com/{name}-{version}.{ext}"));
    assertThat(images("example.com/a/b:1", false))
        .containsExactly(
            "https://s.example.com/example.com/a/b-1.aci"
                + " https://s.example.com/example.com/a/b-1.aci.asc");
    assertThat(asked)
        .containsExactly(
            "https://example.com/a/b?ac-discovery=1",
            "https://example.com/a?ac-discovery=1",
            "https://example.com?ac-discovery=1");
    assertThat(lines)
        .contains(
            "meta tag 'ac-discovery' not found on example.com/a/b",
            "meta tag 'ac-discovery' not found on example.com/a");
  }

  @Test
  void keepsAllPlacesInTheirOrder() throws Exception {
    pages.put(
        "https://example.com/a?ac-discovery=1",
        "<html><head>"
            + meta("ac-discovery", "example.com https://one/{name}.{ext}")
            + meta("ac-discovery", "other.com https://never/{name}.{ext}")
            + meta("ac-discovery", "example.com/b https://never/{name}.{ext}")
            + meta("ac-discovery-pubkeys", "example.com https://keys/one.asc")
            + "</head><body>"
            + meta("ac-discovery", " example.com/a \n https://two/{os}/{arch}/{name}.{ext} ")
            + meta("ac-discovery", "example.com https://three/{unknown}/{name}.{ext}")
            + meta("ac-discovery", "example.com")
            + meta("ac-discovery", "example.com https://a b.{ext}"));
    assertThat(images("example.com/a,os=linux,arch=amd64", false))
        .containsExactly(
            "https://one/example.com/a.aci https://one/example.com/a.aci.asc",
            "https://two/linux/amd64/example.com/a.aci"
                + " https://two/linux/amd64/example.com/a.aci.asc");
    assertThat(discovery(false).keys("example.com/a"))
        .containsExactly(URI.create("https://keys/one.asc"));
  }

  @Test
  void withoutAVersionTheLatestIsAskedFor() throws Exception {
    pages.put(
        "https://example.com/a?ac-discovery=1",
        meta("ac-discovery", "example.com https://h/{version}.{ext}"));
    assertThat(images("example.com/a", false))
        .containsExactly("https://h/latest.aci https://h/latest.aci.asc");
  }

  @Test
  void plainHttpOnlyWhenAllowed() throws Exception {
    pages.put(
        "http://example.com/a?ac-discovery=1",
        meta("ac-discovery", "example.com http://h/{name}.{ext}"));
    assertThatThrownBy(() -> images("example.com/a", false))
        .hasMessageContaining("discovery failed for \"example.com/a\"")
        .hasMessageContaining("no endpoints discovered");
    assertThat(asked).noneMatch(url -> url.startsWith("http://"));
    assertThat(images("example.com/a", true)).hasSize(1);
    pages.clear();
    pages.put(
        "https://example.com/a?ac-discovery=1",
        meta("ac-discovery", "example.com http://h/{name}.{ext}"));
    assertThatThrownBy(() -> images("example.com/a", false))
        .hasMessageContaining("no endpoints discovered; http://h/")
        .hasMessageEndingWith(
            "is plain HTTP, which is not allowed (--insecure-options=http allows it)");
  }

  /** Each of them might be slow to fail. */
  @Test
  void aPlaceThatIsNamedAgainAndAgainCountsOnce() throws Exception {
    pages.put(
        "https://example.com/a?ac-discovery=1",
        meta("ac-discovery", "example.com https://h/{name}.{ext}").repeat(100)
            + meta("ac-discovery", "example.com https://i/{name}.{ext}")
            + meta("ac-discovery-pubkeys", "example.com https://h/key").repeat(100));
    assertThat(images("example.com/a", false)).hasSize(2);
    assertThat(discovery(false).keys("example.com/a")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://example.com{version}/x.{ext}|@evil.example/",
        "https://example.com{version}/x.{ext}|.evil.example",
        "https://{version}/x.{ext}|evil.example",
        "https://{version}.example.com/x.{ext}|evil.example/a",
        "{version}://example.com/x.{ext}|http",
        "{version}|https://evil.example/x",
        "https://example.com:{version}/x.{ext}|1234",
        "https://example.com/{version}.{ext}|a b",
        "https://example.com/{version}.{ext}|{name}",
        "https://example.com/{version}.{ext}|a%zz",
        "ftp://example.com/{version}.{ext}|1",
        "file:///{version}.{ext}|1",
        "https:///{version}.{ext}|1",
        "https://user:password@example.com/{version}.{ext}|1",
        "javascript:{version}|1",
        "//example.com/{version}.{ext}|1",
        "https://example.com/{version.{ext}|1",
        "https://example.com/}{{ext}|1"
      })
  void refusesTemplatesAndValuesThatEscape(String template, String version) {
    assertThat(
            new Template(template)
                .fill(new AcIdentifier("example.com/a"), Labels.EMPTY.with("version", version)))
        .as("%s with %s", template, version)
        .isEmpty();
  }

  @Test
  void theNameMayBeTheHost() {
    assertThat(
            new Template("https://{name}-{version}.{ext}")
                .fill(new AcIdentifier("example.com/a"), Labels.EMPTY.with("version", "1")))
        .hasValueSatisfying(
            endpoint -> assertThat(endpoint.image()).hasToString("https://example.com/a-1.aci"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\0\0\0",
        "<meta",
        "<meta name='ac-discovery' content='",
        "<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<iframe src='https://evil.example'></iframe>",
        "not html at all"
      })
  void oddPagesTellNothing(String page) {
    pages.put("https://example.com/a?ac-discovery=1", page);
    assertThatThrownBy(() -> images("example.com/a", false))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void deepNestingAndManyTagsEndInTime() throws Exception {
    StringBuilder tags = new StringBuilder("<div>".repeat(200_000));
    for (int i = 0; i < 2_000; i++) {
      tags.append(meta("ac-discovery", "example.com https://h/" + i + "/{name}.{ext}"));
    }
    pages.put("https://example.com/a?ac-discovery=1", tags.toString());
    assertThat(images("example.com/a", false)).hasSize(Discovery.MAX_PLACES);
  }

  @Test
  void aSlowWalkEnds() {
    perPage = Duration.ofSeconds(90);
    assertThatThrownBy(() -> images("example.com" + "/a".repeat(200), false))
        .hasMessageContaining("no endpoints discovered within 5 minutes");
    assertThat(asked).hasSizeLessThan(6);
  }

  @Test
  void aTagSpeaksOfWholeComponents() throws Exception {
    pages.put(
        "https://example.com/apple?ac-discovery=1",
        meta("ac-discovery", "example.com/app https://evil/{name}.{ext}")
            + meta("ac-discovery", "example.co https://evil/{name}.{ext}")
            + meta("ac-discovery", "example.com/ https://one/{name}.{ext}")
            + meta("ac-discovery", "example.com/apple https://two/{name}.{ext}"));
    assertThat(images("example.com/apple", false))
        .containsExactly(
            "https://one/example.com/apple.aci https://one/example.com/apple.aci.asc",
            "https://two/example.com/apple.aci https://two/example.com/apple.aci.asc");
  }

  @Test
  void templatesAndWhatComesOfThemAreBounded() {
    AcIdentifier name = new AcIdentifier("example.com/" + "a".repeat(500));
    assertThat(new Template("https://h/" + "x".repeat(9_000) + ".{ext}").fill(name, Labels.EMPTY))
        .isEmpty();
    assertThat(new Template("https://h/" + "{name}".repeat(1_000)).fill(name, Labels.EMPTY))
        .isEmpty();
    assertThat(new Template("https://h/{name}/{name}.{ext}").fill(name, Labels.EMPTY)).isPresent();
  }

  @Test
  void aPageIsReadNoFurtherThanItsBound() throws Exception {
    byte[] page =
        (" ".repeat(Discovery.PAGE_BYTES)
                + meta("ac-discovery", "127.0.0.1 http://127.0.0.1/{name}.{ext}"))
            .getBytes(StandardCharsets.UTF_8);
    try (ScriptedServer server =
            new ScriptedServer((request, out) -> ScriptedServer.reply(out, 200, "", page));
        WebClient web =
            new WebClient(
                new FetchOptions(
                    InsecureOptions.parse("http"),
                    PullPolicy.UPDATE,
                    Diagnostics.SILENT,
                    "rkt/test",
                    RegistryLimits.DEFAULT))) {
      URI uri = URI.create("http://" + server.host() + "/a?ac-discovery=1");
      assertThatThrownBy(() -> Discovery.page(web, uri, true))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("cannot read");
    }
  }
}
