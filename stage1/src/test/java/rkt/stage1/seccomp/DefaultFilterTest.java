package rkt.stage1.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.schema.json.JsonWriter;

/** The ready-made filter is the one the lists describe. */
class DefaultFilterTest {
  @Test
  void isWhatTheListsDescribe() throws IOException {
    boolean same = true;
    for (Arch arch : Arch.values()) {
      same &= DefaultFilter.bpf(arch).equals(bpf(arch));
      same &= DefaultFilter.json(arch).equals(json(arch));
    }
    if (!same) {
      Files.writeString(Path.of("target/DefaultFilter.java"), source());
    }
    assertThat(same)
        .as("the lists have changed: copy target/DefaultFilter.java over the old one")
        .isTrue();
  }

  private static String bpf(Arch arch) {
    SeccompFilter filter = SeccompProfiles.defaultFilter(arch, true);
    return Base64.getEncoder().encodeToString(BpfCompiler.compile(filter, arch));
  }

  private static String json(Arch arch) {
    JsonWriter json = JsonWriter.compact();
    SeccompJson.write(json, SeccompProfiles.defaultFilter(arch, true), Optional.of(arch));
    return json.toString();
  }

  private static String source() throws IOException {
    String old = Files.readString(Path.of("src/main/java/rkt/stage1/seccomp/DefaultFilter.java"));
    String head = "final class DefaultFilter {\n";
    StringBuilder out = new StringBuilder(old.substring(0, old.indexOf(head) + head.length()));
    for (Arch arch : Arch.values()) {
      constant(out, "BPF_" + arch, bpf(arch));
      constant(out, "JSON_" + arch, json(arch));
    }
    return out + old.substring(old.indexOf("  /** The section"));
  }

  private static void constant(StringBuilder out, String name, String value) {
    out.append("  private static final String ").append(name).append(" =\n      \"\"\"\n");
    for (int at = 0; at < value.length(); at += 88) {
      out.append("      ").append(value, at, Math.min(value.length(), at + 88)).append("\\\n");
    }
    out.append("      \"\"\";\n\n");
  }
}
