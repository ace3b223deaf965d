package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.schema.trust.Verdict;
import rkt.schema.trust.Verdict.Kind;

class VerdictsTest {
  private static Verdict verdict(Kind kind, String subject, long time) {
    return new Verdict(kind, subject, "", "", List.of(), time);
  }

  @Test
  void eachSubjectHasOne() {
    Verdict prod = verdict(Kind.COSIGN, "prod", 1);
    Verdict dev = verdict(Kind.UNSIGNED, "dev", 2);
    assertThat(Verdicts.merge(dev, List.of(prod))).containsExactly(dev, prod);
    Verdict again = verdict(Kind.UNSIGNED, "prod", 3);
    assertThat(Verdicts.merge(again, List.of(dev, prod))).containsExactly(again, dev);
  }

  @Test
  void whatWasNotCheckedReplacesNothing() {
    Verdict dev = verdict(Kind.UNCHECKED, "dev", 1);
    for (Kind kind : new Kind[] {Kind.PGP, Kind.COSIGN, Kind.UNSIGNED}) {
      Verdict good = verdict(kind, "prod", 1);
      assertThat(Verdicts.merge(verdict(Kind.UNCHECKED, "prod", 2), List.of(dev, good)))
          .containsExactly(good, dev);
    }
  }

  @Test
  void thereIsAnEnd() {
    List<Verdict> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all = Verdicts.merge(verdict(Kind.UNSIGNED, "name" + i, i), all);
    }
    assertThat(all).hasSize(Verdicts.MAX);
    assertThat(all.get(0).subject()).isEqualTo("name99");
  }
}
