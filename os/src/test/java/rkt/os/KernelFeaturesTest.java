package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelFeaturesTest {
  @Test
  void readsTheList() throws Exception {
    assertThat(KernelFeatures.lists("nodev\tsysfs\n\text4\nnodev\toverlay\n", "overlay")).isTrue();
    assertThat(KernelFeatures.lists("nodev\tsysfs\n\text4\n", "ext4")).isTrue();
    assertThat(KernelFeatures.lists("nodev\tsysfs\n\text4\n", "ext")).isFalse();
    assertThat(new KernelFeatures(Kernel.linux()).hasFileSystem("proc")).isTrue();
  }

  @Test
  void saysWhyNot() throws Exception {
    assertThat(new KernelFeatures(Kernel.linux()).requireFileSystem("rkt-no-such-fs")).isPresent();
  }
}
