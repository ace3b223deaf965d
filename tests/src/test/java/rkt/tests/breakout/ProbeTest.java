package rkt.tests.breakout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;

/** The probe says what it is asked, so that its silence elsewhere means something. */
class ProbeTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  @Test
  void seesAPodFromInside() {
    Probe seen =
        Probe.run(
            rkt,
            List.of(),
            "caps , seccomp , ids , cgroup , mounts , namespaces , stat /dev/null /dev/fd , say a=b\\ü , open /dev/mem , fds , env HOME"
                .split(" "));
    assertThat(seen.set("cap.effective")).hasSize(14).contains("chown", "mknod");
    assertThat(seen.get("seccomp")).isEqualTo("2");
    assertThat(seen.get("uid")).isEqualTo("0");
    assertThat(seen.all("member")).isNotEmpty();
    assertThat(seen.mount("/proc").type()).isEqualTo("proc");
    assertThat(seen.mount("/sys").options()).contains("ro");
    assertThat(seen.stat("/dev/null").device()).isEqualTo("1:3");
    assertThat(seen.stat("/dev/fd").target()).isEqualTo("/proc/self/fd");
    assertThat(seen.get("say")).isEqualTo("a=b\\ü");
    assertThat(seen.of("open", "/dev/mem")).isEqualTo("error:ENOENT");
    assertThat(seen.all("fd").keySet()).containsExactly("0", "1", "2");
    assertThat(seen.of("env", "HOME")).isEqualTo("/root");
    assertThat(seen.of("ns", "mnt")).isNotEqualTo(Probe.here("namespaces").of("ns", "mnt"));
  }

  @Test
  void whatItTriesWouldWorkOnTheHost() {
    String file = rkt.home().resolve("file").toString();
    String all =
        "create %s x , write %s y , read %s , signal 1 0 , unshare mnt,user , socket packet raw"
            .formatted(file, file, file);
    Probe seen = Probe.here(all.split(" "));
    assertThat(seen.of("read", file)).isEqualTo("ok:y");
    assertThat(seen.of("signal", "1")).isEqualTo("ok");
    assertThat(seen.of("unshare", "mnt,user")).isEqualTo("ok");
    assertThat(seen.of("socket", "packet")).isEqualTo("ok");
  }
}
