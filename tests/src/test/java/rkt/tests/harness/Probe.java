package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the probe program ({@code tests/probe}) said inside a pod: lines of {@code KEY=VALUE}.
 * {@code probe help} lists its commands; several are separated by an argument {@code ","}.
 *
 * <pre>{@code
 * Probe seen = Probe.run(rkt, List.of("--user=9000"), "caps", ",", "open", "/dev/mem", "r");
 * assertThat(seen.set("cap.effective")).isEmpty();
 * assertThat(seen.of("open", "/dev/mem")).isEqualTo("error:ENOENT");
 * }</pre>
 */
public final class Probe {
  private static final Path SOURCE = Rkt.ROOT.resolve("tests/probe");
  private static final Path BUILD = Rkt.ROOT.resolve("build/probe");

  /** By name; nothing of a test is in them. */
  private static final Map<String, Path> IMAGES = new HashMap<>();

  private final Map<String, String> values = new LinkedHashMap<>();
  private final String text;

  private Probe(String text) {
    this.text = text;
    for (String line : text.split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(plain(line.substring(0, equals)), plain(line.substring(equals + 1)));
      }
    }
  }

  /** The program, built when it is missing or older than its source. */
  public static synchronized Path binary() {
    try {
      Files.createDirectories(BUILD);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assumeTrue(
        Rkt.exec("sh", "-c", "command -v make && command -v cc").exit() == 0,
        "no make and C compiler: the probe cannot be built");
    String lock = BUILD.resolve("lock").toString();
    Rkt.exec("flock", lock, "make", "-s", "-C", SOURCE.toString(), "O=" + BUILD).ok();
    return BUILD.resolve("probe");
  }

  /** The usual root file system ({@link Images#rootfs}) with the program as {@code /bin/probe}. */
  public static Path rootfs(Path dir) {
    Images.rootfs(dir);
    try {
      Files.copy(binary(), dir.resolve("bin/probe"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return dir;
  }

  /**
   * {@code NAME.aci} whose app is the probe; what it shall do follows {@code --} of {@code rkt
   * run}. Further arguments go to {@code rkt image build}. Without them it is made once for all
   * tests.
   */
  public static synchronized Path image(Rkt rkt, String name, String... buildArgs) {
    if (buildArgs.length > 0) {
      return build(rkt, name, buildArgs);
    }
    Path made = IMAGES.get(name);
    if (made == null) {
      made = BUILD.resolve(name + "-" + ProcessHandle.current().pid() + ".aci");
      try {
        Files.move(build(rkt, name), made, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      made.toFile().deleteOnExit();
      IMAGES.put(name, made);
    }
    return made;
  }

  private static Path build(Rkt rkt, String name, String... buildArgs) {
    Path rootfs = rkt.home().resolve("rootfs-with-probe");
    if (!Files.exists(rootfs)) {
      rootfs(rootfs);
    }
    return Images.aciOf(rkt, rootfs, name, List.of("/bin/probe"), buildArgs);
  }

  /** Runs {@code rkt run --net=none IMAGE APPFLAGS -- COMMANDS}, which has to end with 0. */
  public static Probe run(Rkt rkt, List<String> appFlags, String... commands) {
    return runImage(rkt, image(rkt, "probe"), List.of("--net=none"), appFlags, commands);
  }

  /** The same with any image whose app is the probe, and flags before the image. */
  public static Probe runImage(
      Rkt rkt, Path image, List<String> podFlags, List<String> appFlags, String... commands) {
    return of(rkt.insecure(arguments(image, podFlags, appFlags, commands)).ok().out());
  }

  /** The arguments of {@code rkt} that run a probe. */
  public static String[] arguments(
      Path image, List<String> podFlags, List<String> appFlags, String... commands) {
    List<String> args = new ArrayList<>(List.of("run"));
    args.addAll(podFlags);
    args.add(image.toString());
    args.addAll(appFlags);
    args.add("--");
    args.addAll(Arrays.asList(commands));
    return args.toArray(String[]::new);
  }

  /** Runs the program on this machine, outside of any pod, for comparison. */
  public static Probe here(String... commands) {
    List<String> all = new ArrayList<>(List.of(binary().toString()));
    all.addAll(Arrays.asList(commands));
    return of(Rkt.exec(all.toArray(String[]::new)).ok().out());
  }

  /** What a probe wrote. Prefixes of apps ({@code [app] }) have to be cut off before. */
  public static Probe of(String output) {
    return new Probe(output);
  }

  /** A value; fails when the probe did not say it. */
  public String get(String key) {
    return find(key)
        .orElseThrow(() -> new AssertionError("the probe said nothing of " + key + ":\n" + text));
  }

  /** The outcome of {@code COMMAND ARGUMENT}: {@code ok}, {@code error:EPERM}, or what it shows. */
  public String of(String command, String argument) {
    return get(command + " " + argument);
  }

  public Optional<String> find(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** A value that is a list with commas. */
  public Set<String> set(String key) {
    String value = get(key);
    return value.isEmpty() ? Set.of() : new TreeSet<>(Arrays.asList(value.split(",")));
  }

  /** Everything said by one command, by argument: for example {@code all("fd")}. */
  public Map<String, String> all(String command) {
    Map<String, String> out = new LinkedHashMap<>();
    values.forEach((key, value) -> {
      if (key.startsWith(command + " ")) {
        out.put(key.substring(command.length() + 1), value);
      }
    });
    return out;
  }

  /** What {@code mounts} says of a mount point. */
  public Mount mount(String target) {
    String[] fields = of("mount", target).split(" ", 6);
    return new Mount(
        fields[0],
        Set.of(fields[1].split(",")),
        Set.of(fields[2].split(",")),
        fields[3],
        fields[4],
        fields[5]);
  }

  /**
   * A mount of a pod.
   *
   * @param options those of the mount, such as {@code nosuid}
   * @param superOptions those of the file system
   * @param propagation {@code private}, {@code shared}, {@code slave} or {@code shared,slave}
   * @param root what of the file system shows
   */
  public record Mount(
      String type,
      Set<String> options,
      Set<String> superOptions,
      String propagation,
      String root,
      String source) {}

  /** What {@code stat} says of a path. */
  public Stat stat(String path) {
    String[] fields = of("stat", path).split(" ", 7);
    if (fields.length < 6) {
      throw new AssertionError("no such file: " + path + ": " + of("stat", path));
    }
    return new Stat(
        fields[0],
        fields[1],
        Integer.parseUnsignedInt(fields[2]),
        Integer.parseUnsignedInt(fields[3]),
        Long.parseLong(fields[4]),
        fields[5],
        fields.length > 6 ? fields[6] : "");
  }

  /**
   * A file.
   *
   * @param type {@code file dir link char block fifo socket}
   * @param mode four octal digits
   * @param device {@code MAJOR:MINOR}
   * @param target of a link, else empty
   */
  public record Stat(
      String type, String mode, int uid, int gid, long size, String device, String target) {}

  @Override
  public String toString() {
    return text;
  }

  private static String plain(String escaped) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '\\' && escaped.startsWith("\\x", i) && i + 4 <= escaped.length()) {
        out.write(Integer.parseInt(escaped.substring(i + 2, i + 4), 16));
        i += 3;
      } else {
        out.write(c);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
