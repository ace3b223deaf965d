package rkt.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.trust.Verdict;

@EnabledIf("rkt.trust.Gpg#installed")
class ExplainerTest {
  private static final String NAME = "example.com/app";
  private static final String RULE = "{\"prefix\":\"example.com\",\"accept\":\"pgp\"}";

  private static String fingerprint;
  private static byte[] armored;
  private static byte[] signature;

  @TempDir Path base;

  @BeforeAll
  static void makeKey() throws Exception {
    try (Gpg gpg = new Gpg()) {
      fingerprint = gpg.generate("Key <key@example.com>", "ed25519", "sign");
      armored = gpg.export(fingerprint);
      signature = gpg.sign(TrustRig.IMAGE, fingerprint);
    }
  }

  private Explainer.Explanation explain(
      TrustRig rig, Subject subject, Optional<Verdict> verdict, byte[] content)
      throws EngineException {
    Explainer explainer =
        new Explainer(Kernel.linux(), List.of(rig.system, rig.local), rig.keystore, rig.now);
    return explainer.explain(
        subject,
        verdict.map(found ->
            new Explainer.Stored(
                List.of(found),
                found.kind() == Verdict.Kind.PGP
                    ? Optional.of(Evidence.pgp(signature))
                    : Optional.empty(),
                Optional.empty(),
                () -> new ByteArrayInputStream(content))));
  }

  @Test
  void whatIsNotStored() throws Exception {
    TrustRig rig = new TrustRig(base);
    Explainer.Explanation none = explain(rig, Subject.aci(NAME), Optional.empty(), new byte[0]);
    assertThat(none.trusted()).isFalse();
    assertThat(none.lines())
        .contains("rule: none covers it", "key: none is trusted for it", "verdict: refused");
    Explainer.Explanation oci = explain(rig, Subject.oci("a.b/c"), Optional.empty(), new byte[0]);
    assertThat(oci.trusted()).isFalse();
    rig.key(true, "example.com", fingerprint, armored);
    Explainer.Explanation some = explain(rig, Subject.aci(NAME), Optional.empty(), new byte[0]);
    assertThat(some.trusted()).isTrue();
    assertThat(some.lines()).anyMatch(line -> line.endsWith("trusted (Key <key@example.com>)"));
  }

  @Test
  void whatIsStored() throws Exception {
    TrustRig rig = new TrustRig(base).policy(RULE).key(true, "example.com", fingerprint, armored);
    Optional<Verdict> verdict = Optional.of(rig.judge(NAME, signature));
    Explainer.Explanation good = explain(rig, Subject.aci(NAME), verdict, TrustRig.IMAGE);
    assertThat(good.lines())
        .contains(
            "signature: by " + fingerprint + ": good, over the stored archive",
            "verdict: accepted");
    assertThat(good.trusted()).isTrue();
    Explainer.Explanation compressed = explain(rig, Subject.aci(NAME), verdict, new byte[9]);
    assertThat(compressed.trusted()).isTrue();
    assertThat(compressed.lines()).anyMatch(line -> line.contains("which is not kept"));

    rig.key(true, "example.com/app", fingerprint, new byte[0]);
    Explainer.Explanation withdrawn = explain(rig, Subject.aci(NAME), verdict, TrustRig.IMAGE);
    assertThat(withdrawn.trusted()).isFalse();
    assertThat(withdrawn.lines()).anyMatch(line -> line.endsWith("withdraws the key"));
    rig.policy("");
    assertThat(explain(rig, Subject.aci(NAME), verdict, TrustRig.IMAGE).trusted()).isTrue();
  }

  @Test
  void uncheckedUnderARule() throws Exception {
    TrustRig rig = new TrustRig(base).policy(RULE);
    Explainer.Explanation explanation =
        explain(rig, Subject.aci(NAME), Optional.of(Verdict.unchecked(NAME, 1)), TrustRig.IMAGE);
    assertThat(explanation.trusted()).isFalse();
    assertThat(explanation.lines().getLast())
        .startsWith("verdict: refused: ")
        .contains("stored without any check");
  }
}
