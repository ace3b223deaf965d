package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;

class LabelsTest {
  private static Labels labels(String... pairs) {
    Labels out = Labels.EMPTY;
    for (int i = 0; i < pairs.length; i += 2) {
      out = out.with(pairs[i], pairs[i + 1]);
    }
    return out;
  }

  @Test
  void displaysVersionOsArchThenByName() {
    Labels labels = labels("zeta", "1", "arch", "a", "alpha", "2", "os", "o", "version", "v");
    assertThat(labels.displayOrder())
        .extracting(Label::name)
        .containsExactly("version", "os", "arch", "alpha", "zeta");
    assertThat(Labels.compareForDisplay("", "zeta")).isPositive();
    assertThat(Labels.compareForDisplay("os", "a")).isNegative();
  }

  @Test
  void namesAreUniqueAndNotName() {
    Label label = new Label("a", "1");
    assertThatThrownBy(() -> Labels.of(label, new Label("a", "2")))
        .hasMessage("duplicate labels of name \"a\"");
    assertThatThrownBy(() -> new Label("name", "x")).hasMessage("invalid label name: \"name\"");
    assertThatThrownBy(() -> new Label("A", "x")).isInstanceOf(SchemaException.class);
  }

  @Test
  void setsAndCompares() {
    Labels labels = labels("a", "1", "b", "2").with("a", "3");
    assertThat(labels.list()).containsExactly(new Label("a", "3"), new Label("b", "2"));
    assertThat(labels.includes(labels("b", "2"))).isTrue();
    assertThat(labels.includes(labels("b", "3"))).isFalse();
    assertThat(labels.get("c")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "example.com/app01 | example.com/app01 | ''",
        "example.com/app01:v1.0.0 | example.com/app01 | version=v1.0.0",
        "example.com/app01,version=v1.0.0 | example.com/app01 | version=v1.0.0",
        "example.com/app01:v1,label01=?&*/ | example.com/app01 | version=v1 label01=?&*/",
        "example.com/a,x=b%41+=c | example.com/a | x=b%41+=c",
        "some-image-name:v1.0.0 | some-image-name | version=v1.0.0",
        "a,arch=,os=linux | a | arch= os=linux",
      })
  void readsImageNames(String text, String name, String labels) {
    ImageName image = ImageName.parse(text);
    assertThat(image.name()).hasToString(name);
    StringBuilder found = new StringBuilder();
    for (Label label : image.labels()) {
      found.append(found.isEmpty() ? "" : " ").append(label);
    }
    assertThat(found).hasToString(labels);
    assertThat(ImageName.parse(image.toString()).name()).isEqualTo(image.name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,x=y:z | malformed app string - colon may appear only right after the app name",
        "a:b:c | malformed app string - colon may appear at most once",
        "a:1,version=2 | label version with multiple values",
        "a,x=1,x=2 | label x with multiple values",
        "a,x | malformed app string - label without a value",
        "a, | malformed app string - label without a value",
        "a,name=b | invalid label name: \"name\"",
        "a,X=1 | ACIdentifier must contain",
        "'' | ACIdentifier cannot be empty",
        ":v | ACIdentifier cannot be empty",
        "A | ACIdentifier must contain",
      })
  void refusesImageNames(String text, String message) {
    assertThatThrownBy(() -> ImageName.parse(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void printsNamesInDisplayOrder() {
    assertThat(ImageName.parse("a,z=1,arch=x,os=y,version=v")).hasToString("a:v,os=y,arch=x,z=1");
  }

  @Test
  void knowsSystemsAndArchitectures() {
    OsArch.check(Labels.EMPTY);
    OsArch.check(labels("arch", "whatever"));
    OsArch.check(labels("os", "linux", "arch", "s390x"));
    OsArch.check(labels("os", "darwin", "arch", "x86_64"));
    assertThatThrownBy(() -> OsArch.check(labels("os", "plan9")))
        .hasMessage("bad os \"plan9\" (must be one of: [darwin freebsd linux])");
    assertThatThrownBy(() -> OsArch.check(labels("os", "freebsd", "arch", "s390x")))
        .hasMessage("bad arch \"s390x\" for freebsd (must be one of: [amd64 i386 arm])");
  }

  @Test
  void runsOnlyLinux() {
    OsArch.checkRunnable(labels("os", "linux", "arch", "amd64"));
    assertThatThrownBy(() -> OsArch.checkRunnable(labels("arch", "amd64")))
        .hasMessage("missing os label in the image manifest");
    assertThatThrownBy(() -> OsArch.checkRunnable(labels("os", "linux")))
        .hasMessage("missing arch label in the image manifest");
    assertThatThrownBy(() -> OsArch.checkRunnable(labels("os", "freebsd", "arch", "amd64")))
        .hasMessage("bad os \"freebsd\" (must be one of: [linux])");
    assertThatThrownBy(() -> OsArch.checkRunnable(labels("os", "linux", "arch", "s390x")))
        .hasMessage(
            "bad arch \"s390x\" for linux (must be one of: [amd64 i386 aarch64 aarch64_be armv6l armv7l armv7b"
                + " ppc64le])");
  }

  @ParameterizedTest
  @CsvSource({
    "amd64,'',amd64",
    "386,'',i386",
    "arm64,v8,aarch64",
    "arm,v6,armv6l",
    "arm,v7,armv7l",
    "arm,'',armv7l",
    "ppc64le,'',ppc64le",
    "s390x,'',s390x"
  })
  void translatesArchitectures(String go, String variant, String appc) {
    assertThat(OsArch.fromGo(go, variant)).contains(appc);
  }

  @Test
  void unknownArchitecturesHaveNoLabel() {
    assertThat(OsArch.fromGo("wasm", "")).isEmpty();
    assertThat(OsArch.fromGo("arm", "v5")).isEmpty();
    assertThat(OsArch.withHostDefaults(Labels.EMPTY).list())
        .containsExactly(new Label("arch", OsArch.host()), new Label("os", "linux"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2014-10-27T19:32:27.67021798Z",
        "2000-02-29T00:00:00+01:00",
        "2024-12-31T23:59:59-00:00"
      })
  void acceptsDates(String text) {
    assertThat(new Annotation("created", text).value()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2014-10-27",
        "2014-10-27 19:32:27Z",
        "2014-10-27T19:32:27",
        "2014-13-01T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2014-10-27T24:00:00Z",
        "2014-10-27T19:32:27.Z",
        "2014-10-27T19:32:27z",
        "2014-10-27T19:32:27+0100",
        "2014-10-27T19:32:27+24:00",
        "2014-10-27T19:32:27ZZ",
        "２014-10-27T19:32:27Z"
      })
  void refusesDates(String text) {
    assertThatThrownBy(() -> new Annotation("created", text)).hasMessageStartingWith("bad Date: ");
  }

  @Test
  void checksWellKnownAnnotations() {
    assertThatThrownBy(() -> new Annotation("homepage", "ftp://x"))
        .hasMessageStartingWith("bad URL scheme, must be http/https");
    assertThatThrownBy(() -> new Annotation("documentation", "x"))
        .isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> new Annotation("homepage", "http://a b"))
        .isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> new Annotation(Annotation.SUPPORTS_SYSTEMD_NOTIFY, "yes"))
        .isInstanceOf(SchemaException.class);
    assertThat(new Annotation(Annotation.SUPPORTS_SYSTEMD_NOTIFY, "True").isTrue()).isTrue();
    assertThat(new Annotation("homepage", "https://example.com/").name()).isEqualTo("homepage");
    assertThatThrownBy(
            () -> new Annotations(List.of(new Annotation("a", "1"), new Annotation("a", "1"))))
        .hasMessage("duplicate annotations of name \"a\"");
  }

  @Test
  void mergesAnnotations() {
    Annotations a = Annotations.of(new Annotation("a", "1"));
    Annotations merged =
        a.withAbsent(Annotations.of(new Annotation("a", "2"), new Annotation("b", "3")));
    assertThat(merged.get("a")).contains("1");
    assertThat(merged.get("b")).contains("3");
  }
}
