package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.ImageArguments;
import rkt.cli.grammar.UsageException;
import rkt.pod.AppRequest;
import rkt.schema.EngineException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotation;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.Mount;

/** Per-app flags land on the image before them. */
class AppArgumentsTest {
  private static List<AppRequest> parse(String... args) throws UsageException, EngineException {
    AppArguments apps = new AppArguments();
    FlagSet flags = new FlagSet();
    AppArguments.flags(flags);
    VolumeFlags.flags(flags);
    flags.onAppFlag(apps);
    new ImageArguments(flags, apps, true).parse(List.of(args));
    return apps.requests();
  }

  private static void refused(String message, String... args) {
    assertThatThrownBy(() -> parse(args))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(message);
  }

  @Test
  void everyFlagOfOneApp() throws Exception {
    AppRequest app =
        parse(
                "example.com/app:1",
                "--exec=/bin/x",
                "--name=one",
                "--user=u",
                "--group",
                "7",
                "--working-dir=/w",
                "--readonly-rootfs",
                "true",
                "--supplementary-gids=1,2",
                "--supplementary-gids=3",
                "--environment=A=1",
                "--environment=A=2,3",
                "--annotation=k=v",
                "--user-annotation=a=b",
                "--user-label=c=d=e",
                "--",
                "x",
                "--name=y")
            .get(0);
    assertThat(app.imageText()).isEqualTo("example.com/app:1");
    assertThat(app.exec()).contains("/bin/x");
    assertThat(app.name()).contains(new AcName("one"));
    assertThat(app.user()).contains("u");
    assertThat(app.group()).contains("7");
    assertThat(app.workingDir()).contains("/w");
    assertThat(app.readOnlyRootFs()).isTrue();
    assertThat(app.supplementaryGids()).containsExactly(1, 2, 3);
    assertThat(app.environment()).containsExactly(new EnvVar("A", "2,3"));
    assertThat(app.annotations()).containsExactly(new Annotation("k", "v"));
    assertThat(app.userAnnotations()).isEqualTo(Map.of("a", "b"));
    assertThat(app.userLabels()).isEqualTo(Map.of("c", "d=e"));
    assertThat(app.args()).containsExactly("x", "--name=y");
  }

  @Test
  void eachFlagConcernsTheImageBeforeIt() throws Exception {
    List<AppRequest> apps =
        parse("a.example/x", "--exec=/1", "b.example/y", "--exec=/2", "c.example/z");
    assertThat(apps)
        .extracting(AppRequest::exec)
        .containsExactly(Optional.of("/1"), Optional.of("/2"), Optional.empty());
  }

  @Test
  void flagsBeforeAnyImage() {
    for (String flag :
        List.of("exec", "name", "user", "group", "working-dir", "supplementary-gids")) {
      refused("--" + flag + " must follow an image", "--" + flag + "=1", "img");
    }
    refused("--environment must follow an image", "--environment=a=b");
    refused("--readonly-rootfs must follow an image", "--readonly-rootfs=true");
  }

  @Test
  void badValues() {
    refused("--exec specified multiple times for the same image", "i", "--exec=/a", "--exec=/b");
    refused("--readonly-rootfs must be set with a boolean", "i", "--readonly-rootfs=maybe");
    refused("--readonly-rootfs must be set with a boolean", "i", "--readonly-rootfs", "j");
    refused("flag needs an argument: --readonly-rootfs", "i", "--readonly-rootfs");
    refused("--supplementary-gids must be integers", "i", "--supplementary-gids=a");
    refused("must be specified as key=value", "i", "--environment=a");
    refused("invalid argument \"Not Valid\" for --name", "i", "--name=Not Valid");
    refused("key \"a\" already set", "i", "--user-label=a=1", "--user-label=a=2");
  }

  @Test
  void mountsBelongToTheImageBeforeThemOrToAllApps() throws Exception {
    AppArguments apps = new AppArguments();
    FlagSet flags = new FlagSet();
    AppArguments.flags(flags);
    VolumeFlags.flags(flags);
    flags.onAppFlag(apps);
    List<String> rest =
        ImageArguments.leadingFlags(
            flags,
            List.of("--mount=volume=a,target=/all", "i", "--mount", "volume=b,target=/one", "j"));
    new ImageArguments(flags, apps, true).parse(rest);
    assertThat(apps.podMounts()).extracting(Mount::path).containsExactly("/all");
    assertThat(apps.requests().get(0).mounts()).extracting(Mount::path).containsExactly("/one");
    assertThat(apps.requests().get(1).mounts()).isEmpty();
    assertThat(apps.mounts()).extracting(Mount::path).containsExactly("/all", "/one");
    refused("unknown mount parameter \"x\"", "i", "--mount=volume=a,target=/b,x=y");
    refused("invalid volume name \"\" in mount", "i", "--mount=target=/b");
    refused("target of mount cannot be empty", "i", "--mount=volume=a");
  }

  @Test
  void flagsOfALaterVersion() {
    for (String flag : List.of("stdin", "stdout")) {
      refused("flag --" + flag + " is not supported by this version", "i", "--" + flag + "=x");
    }
  }

  @Test
  void anEmptyOverrideLeavesWhatTheImageSays() throws Exception {
    AppRequest app =
        parse("a", "--exec=", "--user=", "--group=", "--working-dir=", "--exec=/bin/x").get(0);
    assertThat(app.exec()).contains("/bin/x");
    assertThat(app.user()).isEmpty();
    assertThat(app.group()).isEmpty();
    assertThat(app.workingDir()).isEmpty();
  }
}
