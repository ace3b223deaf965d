package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InsecureOptionsTest {
  @Test
  void parsesLists() throws Exception {
    assertThat(InsecureOptions.parse("image,tls"))
        .isEqualTo(InsecureOptions.of(InsecureOption.IMAGE, InsecureOption.TLS));
    assertThat(InsecureOptions.parse("IMAGE,Http").bits()).isEqualTo(9);
    assertThat(InsecureOptions.parse("none")).isEqualTo(InsecureOptions.NONE);
    assertThat(InsecureOptions.parse("")).isEqualTo(InsecureOptions.NONE);
    assertThat(InsecureOptions.parse("ondisk").bits()).isEqualTo(4);
    assertThat(InsecureOptions.parse("all").bits()).isEqualTo(1 + 2 + 8 + 16 + 32 + 64 + 128);
  }

  @Test
  void refusesUnknownAndRepeatedWords() {
    assertThatThrownBy(() -> InsecureOptions.parse("image,x"))
        .hasMessageContaining("unknown option \"x\"");
    assertThatThrownBy(() -> InsecureOptions.parse("image,image"))
        .hasMessageContaining("duplicated option \"image\"");
    assertThatThrownBy(() -> InsecureOptions.parse("image,"))
        .hasMessageContaining("unknown option \"\"");
  }

  @Test
  void asksForWholeMasks() throws Exception {
    InsecureOptions fetch = InsecureOptions.parse("all-fetch");
    assertThat(fetch.has(InsecureOption.IMAGE)).isTrue();
    assertThat(fetch.has(InsecureOption.ALL)).isFalse();
    assertThat(fetch.has(InsecureOption.SECCOMP)).isFalse();
    assertThat(fetch.has(InsecureOption.NONE)).isFalse();
    assertThat(InsecureOptions.NONE.has(InsecureOption.NONE)).isTrue();
  }

  @Test
  void printsNamedOptions() throws Exception {
    assertThat(InsecureOptions.NONE).hasToString("none");
    assertThat(InsecureOptions.parse("http,image")).hasToString("image,http");
    assertThat(InsecureOptions.parse("all"))
        .hasToString("image,tls,http,pubkey,capabilities,paths,seccomp,all-fetch,all-run");
  }

  @Test
  void pullPoliciesAreTheThreeWords() throws Exception {
    assertThat(PullPolicy.parse("never")).isEqualTo(PullPolicy.NEVER);
    assertThatThrownBy(() -> PullPolicy.parse("nevr"))
        .hasMessageContaining("unknown pull policy \"nevr\"");
  }
}
