package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.EngineException;
import rkt.schema.trust.Verdict;

class PolicyFileTest {
  @TempDir Path base;

  private static Policy parse(String rules) throws EngineException {
    String text = "{\"rktKind\":\"policy\",\"rktVersion\":\"v1\",\"rules\":[" + rules + "]}";
    return PolicyFile.parse(text.getBytes(StandardCharsets.UTF_8), Path.of("/etc/rkt/policy.json"));
  }

  private static String rule(String prefix, String accept) {
    return "{\"prefix\":\"" + prefix + "\",\"accept\":\"" + accept + "\"}";
  }

  @ParameterizedTest
  @CsvSource({
    "example.com/app, example.com/app, true",
    "example.com/app, example.com/app/sub, true",
    "example.com/app, example.com/apple, false",
    "example.com, example.com:5000/app, true",
    "example.com, example.community/app, false",
    "127.0.0.1:5000/dev, 127.0.0.1:5000/dev/x, true",
    "127.0.0.1:5000/dev, 127.0.0.1:5000/device, false",
    "oci:, oci:/srv/image, true",
    "oci:/srv, oci:/srv/image, true",
    "oci:/srv, oci:/srvx, false",
    "docker.io/library, registry-1.docker.io/library/debian, true",
    "registry-1.docker.io, docker.io/library/debian, true",
    "docker.io/debian, registry-1.docker.io/library/debian, true",
    "docker.io/library/debian, registry-1.docker.io/library/debian, true",
    "docker.io/debian, registry-1.docker.io/library/debian-other, false",
    "docker.io/someone, registry-1.docker.io/someone/app, true",
    "a.example/prod, a.example:443/prod/app, true",
    "a.example:443/prod, a.example/prod/app, true",
    "a.example:8443/prod, a.example/prod/app, false",
    "[::1]:443/prod, [::1]/prod/app, true",
    "oci:/srv, oci:/srv:x/image, false",
    "oci:/, oci:/srv/image, true",
  })
  void aPrefixEndsWhereAComponentDoes(String prefix, String name, boolean covered)
      throws EngineException {
    Policy policy = parse(rule(prefix, "unsigned"));
    assertThat(policy.ruleFor(Subject.oci(name)).isPresent()).isEqualTo(covered);
  }

  @Test
  void linksInPrefixesAreFollowed() throws Exception {
    java.nio.file.Files.createDirectory(base.resolve("real"));
    java.nio.file.Files.createSymbolicLink(base.resolve("link"), base.resolve("real"));
    Policy policy = parse(rule("oci:" + base.resolve("link"), "nothing"));
    String real = "oci:" + base.toRealPath() + "/real/image";
    assertThat(policy.ruleFor(Subject.oci(real))).isPresent();
    policy = parse(rule("oci:" + base.resolve("link"), "unsigned"));
    assertThat(policy.ruleFor(Subject.oci(real))).isEmpty();
  }

  @Test
  void theLongestPrefixDecides() throws EngineException {
    Policy policy =
        parse(rule("", "pgp") + "," + rule("a.b/c", "unsigned") + "," + rule("a.b", "nothing"));
    assertThat(policy.ruleFor(Subject.aci("a.b/c/d")).orElseThrow().prefix()).isEqualTo("a.b/c");
    assertThat(policy.ruleFor(Subject.aci("a.b/x")).orElseThrow().prefix()).isEqualTo("a.b");
    assertThat(policy.ruleFor(Subject.aci("z")).orElseThrow().prefix()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"prefix\":\"a\",\"accept\":\"whatever\"}",
        "{\"prefix\":\"a\"}",
        "{\"accept\":\"pgp\"}",
        "{\"prefix\":\"a\",\"accept\":\"pgp\",\"extra\":1}",
        "{\"prefix\":\"a\",\"Accept\":\"pgp\"}",
        "{\"prefix\":\"a\",\"accept\":\"cosign\"}",
        "{\"prefix\":\"a\",\"accept\":\"cosign\",\"keys\":[]}",
        "{\"prefix\":\"a\",\"accept\":\"cosign\",\"keys\":[\"k\"],\"identity\":\"tag\"}",
        "{\"prefix\":\"a\",\"accept\":\"pgp\",\"keys\":[\"k\"]}",
        "{\"prefix\":\"a\",\"accept\":[\"pgp\",\"unsigned\"]}",
        "{\"prefix\":\"a\",\"accept\":[]}",
        "{\"prefix\":\"Example.com\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"docker://a.b/c\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"a/*\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"a\",\"accept\":\"pgp\"},{\"prefix\":\"a\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"docker.io/x\",\"accept\":\"pgp\"},{\"prefix\":\"registry-1.docker.io/x\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"docker.io/x\",\"accept\":\"pgp\"},{\"prefix\":\"docker.io/library/x\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"a.b/c/\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"a.b:0443/c\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"a.b:/c\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"a.b/c:tag\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"oci:images\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"oci:/srv/../x\",\"accept\":\"nothing\"}",
        "{\"prefix\":\"oci:/srv/\",\"accept\":\"nothing\"}",
        "7",
      })
  void whatIsNotUnderstoodIsRefusedWithItsPlace(String rules) {
    assertThatThrownBy(() -> parse(rules))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("/etc/rkt/policy.json")
        .hasMessageContaining("(line 1, column ");
  }

  @Test
  void laterDirectoriesOverrideRuleByRule() throws Exception {
    TrustRig rig = new TrustRig(base).policy(rule("a", "unsigned"));
    Files.createDirectories(rig.system);
    Files.writeString(
        rig.system.resolve("policy.json"),
        "{\"rktKind\":\"policy\",\"rktVersion\":\"v1\",\"rules\":["
            + rule("a", "nothing")
            + ","
            + rule("b", "nothing")
            + "]}");
    assertThat(rig.trust().demand(Subject.oci("a/x"))).isInstanceOf(Demand.Nothing.class);
    assertThatThrownBy(() -> rig.trust().demand(Subject.oci("b/x")))
        .hasMessageContaining("accepts nothing");
  }

  @Test
  void withoutRules() throws Exception {
    Trust trust = new TrustRig(base).trust();
    assertThat(trust.demand(Subject.aci("a/x"))).isEqualTo(new Demand.Pgp(""));
    assertThatThrownBy(() -> trust.demand(Subject.oci("a/x")))
        .hasMessageContaining("signature verification for docker images is not supported")
        .hasMessageContaining("--insecure-options=image");
    trust.recheck(Subject.oci("a/x"), Verdict.unchecked("a/x", 0));
    Trust open = Trusts.open(Optional.empty(), base, Optional.empty(), true);
    assertThat(open.demand(Subject.oci("a/x"))).isInstanceOf(Demand.Nothing.class);
  }

  @Test
  void rulesForTheOtherFormat() throws Exception {
    Trust everything = new TrustRig(base).policy(rule("", "pgp")).trust();
    assertThatThrownBy(() -> everything.demand(Subject.oci("a/x")))
        .hasMessageContaining("is not supported without a rule");
    Trust narrow = new TrustRig(base).policy(rule("a", "pgp")).trust();
    assertThatThrownBy(() -> narrow.demand(Subject.oci("a/x")))
        .hasMessageContaining("an OCI image has cosign signatures");
    assertThat(narrow.demand(Subject.aci("a/x"))).isEqualTo(new Demand.Pgp("a"));
  }

  @Test
  void recheckingUnderAStricterPolicy() throws Exception {
    Verdict unchecked = Verdict.unchecked("a/x", 0);
    Trust unsigned = new TrustRig(base).policy(rule("a", "unsigned")).trust();
    unsigned.recheck(Subject.oci("a/x"), unchecked);
    Trust closed = new TrustRig(base).policy(rule("a", "nothing")).trust();
    assertThatThrownBy(() -> closed.recheck(Subject.oci("a/x"), unchecked))
        .hasMessageContaining("accepts nothing");
    Trust pgp = new TrustRig(base).policy(rule("a", "pgp")).trust();
    assertThatThrownBy(() -> pgp.recheck(Subject.aci("a/x"), unchecked))
        .hasMessageContaining("stored without any check");
    pgp.recheck(Subject.aci("b/x"), Verdict.unchecked("b/x", 0));
  }

  @Test
  void aPolicyThatCannotBeReadStopsEverything() throws Exception {
    TrustRig rig = new TrustRig(base);
    Files.createDirectories(rig.local.resolve("policy.json"));
    assertThatThrownBy(() -> rig.trust().demand(Subject.aci("a")))
        .hasMessageContaining("cannot read the trust policy");
  }
}
