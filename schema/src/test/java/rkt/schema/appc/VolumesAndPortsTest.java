package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;

class VolumesAndPortsTest {
  @Test
  void readsHostVolumes() {
    Volume volume =
        Volume.parse("data,kind=host,source=/srv/my%2Cdata+x,readOnly=true,recursive=0");
    assertThat(volume.name()).hasToString("data");
    assertThat(volume.kind()).isEqualTo(Volume.Kind.HOST);
    assertThat(volume.source()).isEqualTo("/srv/my,data x");
    assertThat(volume.readOnly()).contains(true);
    assertThat(volume.recursive()).contains(false);
    assertThat(volume.mode()).isEmpty();
  }

  @Test
  void readsEmptyVolumesWithDefaults() {
    Volume volume = Volume.parse("data,kind=empty");
    assertThat(volume).isEqualTo(Volume.empty(new AcName("data")));
    assertThat(volume.modeBits()).isEqualTo(0755);
    assertThat(volume.uid()).contains(0);
    assertThat(Volume.parse("data,kind=empty,mode=1777,uid=7,gid=8").modeBits()).isEqualTo(01777);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data,kind=host | source for host volume cannot be empty",
        "data,kind=host,source=rel | source for host volume must be an absolute path",
        "data,kind=host,source=/x%00y | source for host volume must not contain a NUL",
        "data,kind=empty,source=/x | source for empty volume must be empty",
        "data,kind=host,source=/x,mode=0755 | mode, uid and gid cannot be set for a host volume",
        "data,kind=host,source=/x,uid=0 | mode, uid and gid cannot be set for a host volume",
        "data,kind=nfs | unrecognized volume kind: should be one of \"empty\", \"host\", \"tmpfs\"",
        "data | unrecognized volume kind: should be one of \"empty\", \"host\", \"tmpfs\"",
        "data,kind=empty,k=v | unknown volume parameter \"k\"",
        "data,kind=empty,kind=host | label kind with multiple values",
        "data,name=x,kind=empty | label name with multiple values",
        "data,kind=empty,mode=0999 | mode of volume must be octal digits",
        "data,kind=empty,mode=17777 | mode of volume must be octal digits",
        "data,kind=empty,uid=-1 | uid and gid of an empty volume must not be negative",
        "data,kind=empty,uid=x | uid must be a number",
        "data,kind=host,source=/x,readOnly=maybe | readOnly must be true or false",
        "data,kind=host,source=/%zz | invalid URL escape",
        "data,kind=host,source=/% | invalid URL escape",
        "Data,kind=empty | ACName must",
        ",kind=empty | ACName cannot be empty",
      })
  void refusesVolumes(String text, String message) {
    assertThatThrownBy(() -> Volume.parse(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void readsMounts() {
    assertThat(Mount.parse("volume=data,target=/var/a%2Cb"))
        .isEqualTo(new Mount(new AcName("data"), "/var/a,b"));
    assertThat(Mount.parse("target=/x,volume=data").path()).isEqualTo("/x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "volume=data,target=/x,k=v | unknown mount parameter \"k\"",
        "volume=a,volume=b,target=/x | label volume with multiple values",
        "volume=A,target=/x | invalid volume name \"A\"",
        "target=/x | invalid volume name \"\"",
        "volume=a | target of mount cannot be empty",
      })
  void refusesMounts(String text, String message) {
    assertThatThrownBy(() -> Mount.parse(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void readsExposedPorts() {
    assertThat(ExposedPort.parse("foo:123"))
        .isEqualTo(new ExposedPort(new AcName("foo"), 123, Optional.empty(), Optional.empty()));
    assertThat(ExposedPort.parse("foo:10.0.0.1:80").hostIp()).contains("10.0.0.1");
    assertThat(ExposedPort.parse("foo:[fe80::1]:80").hostIp()).contains("fe80::1");
    assertThat(ExposedPort.parse("foo:0").hostPort()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "foo | \"foo\" is not in name:[ip:]port format",
        "f$o:123 | \"f$o\" is not a valid port name",
        "foo:x | \"x\" is not a valid port number",
        "foo: | \"\" is not a valid port number",
        "foo:65536 | \"65536\" is not a valid port number",
        "foo:-1 | \"-1\" is not a valid port number",
        "foo:99999999999 | \"99999999999\" is not a valid port number",
        "foo:10.0.0:80 | \"10.0.0\" is not a valid IP",
        "foo:10.0.0.1:80:90 | \"80:90\" is not a valid port number",
      })
  void refusesExposedPorts(String text, String message) {
    assertThatThrownBy(() -> ExposedPort.parse(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void boundsPorts() {
    AcName name = new AcName("p");
    assertThat(new Port(name, "tcp", 65535).count()).isEqualTo(1);
    assertThat(new Port(name, "tcp", 1, 65535, false).port()).isEqualTo(1);
    assertThatThrownBy(() -> new Port(name, "tcp", 0)).hasMessage("port must be in 1-65535 range");
    assertThatThrownBy(() -> new Port(name, "tcp", 65536))
        .hasMessage("port must be in 1-65535 range");
    assertThatThrownBy(() -> new Port(name, "tcp", 65535, 2, false))
        .isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> new Port(name, "tcp", 1, Integer.MAX_VALUE, false))
        .isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> new Port(name, "tcp", 1, 0, false))
        .isInstanceOf(SchemaException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "1::",
        "fe80::1:2",
        "1:2:3:4:5:6:7:8",
        "::ffff:1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4",
        "ABCD::ef01"
      })
  void acceptsAddresses(String text) {
    assertThat(IpLiterals.isIp(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3.4 ",
        "a.b.c.d",
        "1..2.3",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "12345::",
        "g::",
        "fe80::1%eth0",
        "1.2.3.4::",
        "localhost",
        "٣.1.1.1"
      })
  void refusesAddresses(String text) {
    assertThat(IpLiterals.isIp(text)).isFalse();
  }
}
