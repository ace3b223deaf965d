package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
  /** A missing function would otherwise show up only when somebody first calls it. */
  @Test
  void hasEveryFunction() throws Exception {
    Path library = Path.of(System.getProperty("java.library.path"), "librktos.so");
    String bytes = new String(Files.readAllBytes(library), StandardCharsets.ISO_8859_1);
    for (Method method : Native.class.getDeclaredMethods()) {
      if (Modifier.isNative(method.getModifiers())) {
        assertThat(bytes).contains("\0Java_rkt_os_Native_" + method.getName() + "\0");
      }
    }
  }
}
