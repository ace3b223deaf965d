package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.stage1.SelinuxLabels;

/** Security modules against the trees of hosts that have them. */
class SecurityModulesTest {
  private static final SelinuxLabels LABELS =
      new SelinuxLabels("u:r:container_t:s0:c1,c2", "u:o:file_t:s0:c1,c2", Path.of("/run/x"));

  @TempDir Path temp;
  private final List<String> warnings = new ArrayList<>();

  private void apparmor(String profiles) throws IOException {
    Path module = Files.createDirectories(temp.resolve("sys/module/apparmor/parameters"));
    Files.writeString(module.resolve("enabled"), "Y\n");
    Path security = Files.createDirectories(temp.resolve("sys/kernel/security/apparmor"));
    Files.writeString(security.resolve("profiles"), profiles);
  }

  private void selinux() throws IOException {
    Files.writeString(
        Files.createDirectories(temp.resolve("sys/fs/selinux")).resolve("enforce"), "1");
  }

  private SecurityModules of(Optional<SelinuxLabels> labels, IsolatorValue... isolators)
      throws EngineException, IOException {
    Pods pods = new Pods(temp.resolve("pod"));
    List<Isolator> list = new ArrayList<>();
    for (IsolatorValue value : isolators) {
      list.add(Isolator.of(value));
    }
    pods.isolators = list;
    pods.app("hello", "/app");
    return SecurityModules.of(Kernel.linux(), temp.toString(), pods.apps.get(0), labels, warnings);
  }

  @Test
  void hostsWithoutModulesDoNothing() throws Exception {
    assertThat(of(Optional.empty()))
        .isEqualTo(new SecurityModules(Optional.empty(), Optional.empty()));
  }

  @Test
  void hostsWithoutModulesRefuseWhatIsAskedFor() {
    assertThatThrownBy(() -> of(Optional.empty(), new IsolatorValue.ApparmorProfile("mine")))
        .hasMessageContaining("os/linux/apparmor-profile of app \"hello\"")
        .hasMessageContaining("this host does not run AppArmor");
    assertThatThrownBy(
            () -> of(Optional.empty(), new IsolatorValue.SelinuxContext("u", "r", "t", "s0")))
        .hasMessageContaining("this host does not run SELinux");
  }

  @Test
  void theDefaultProfileIsUsedWhereItIsLoaded() throws Exception {
    apparmor("docker-default (enforce)\nrkt-default-not (enforce)\n");
    assertThat(of(Optional.empty()).apparmor()).isEmpty();
    apparmor("docker-default (enforce)\nrkt-default (enforce)\n");
    assertThat(of(Optional.empty()).apparmor()).contains("rkt-default");
  }

  @Test
  void profilesMustBeLoaded() throws Exception {
    apparmor("rkt-default (enforce)\nmine (complain)\n");
    assertThat(of(Optional.empty(), new IsolatorValue.ApparmorProfile("mine")).apparmor())
        .contains("mine");
    assertThatThrownBy(() -> of(Optional.empty(), new IsolatorValue.ApparmorProfile("min")))
        .hasMessageContaining("the profile \"min\" is not loaded")
        .hasMessageContaining("apparmor_parser");
  }

  @Test
  void unconfinedIsWarnedOf() throws Exception {
    apparmor("rkt-default (enforce)\n");
    assertThat(of(Optional.empty(), new IsolatorValue.ApparmorProfile("unconfined")).apparmor())
        .contains("unconfined");
    assertThat(warnings).hasSize(1);
  }

  @Test
  void labelsAreThePodsUnlessTheAppHasItsOwn() throws Exception {
    selinux();
    assertThat(of(Optional.of(LABELS)).selinux()).contains(LABELS.process());
    assertThat(
            of(Optional.of(LABELS), new IsolatorValue.SelinuxContext("u", "r", "t", "s0:c3"))
                .selinux())
        .contains("u:r:t:s0:c3");
  }
}
