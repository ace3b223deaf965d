package rkt.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** What a user who is not root may do: nothing that needs root, and look when in group rkt. */
class PrivilegeTest {
  private static final String GROUP_ID = "7070";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    Rkt.exec("chmod", "755", rkt.home().toString()).ok();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result asNobody(String... args) {
    List<String> command =
        new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    command.addAll(rkt.command(args));
    return Rkt.exec(command.toArray(String[]::new));
  }

  /** TestCommandsNeedRoot. */
  @ParameterizedTest
  @ValueSource(strings = {"run x", "prepare x", "run-prepared x", "enter x", "gc", "rm x"})
  void needsRoot(String command) {
    Rkt.Result result = asNobody(command.split(" ")).exited(254);
    assertThat(result.err()).contains("cannot run as unprivileged user");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list",
        "image list",
        "image rm example.com/app",
        "image gc",
        "image verify example.com/app",
        "fetch app.aci"
      })
  void isRefusedByTheDirectoriesOfRoot(String command) {
    Path aci = Images.script(rkt, "app", "true");
    Rkt.exec("chmod", "644", aci.toString()).ok();
    rkt.insecure("run", "--net=none", aci.toString()).ok();
    List<String> args = new ArrayList<>(List.of("--insecure-options=image"));
    args.addAll(List.of(command.replace("app.aci", aci.toString()).split(" ")));
    Rkt.Result result = asNobody(args.toArray(String[]::new)).exited(254);
    assertThat(result.err()).contains("Permission denied").doesNotContain("Exception");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).contains("example.com/app");
  }

  @Test
  void helpVersionAndConfigAreForEverybody() {
    assertThat(asNobody("version").ok().out()).contains("rkt Version");
    assertThat(asNobody("help", "run").ok().out()).contains("USAGE");
    assertThat(asNobody("config").ok().out()).contains("\"stage0\"");
  }

  /** TestConfig: one object per domain and registry, the user's directory before the system's. */
  @Test
  void configurationIsMergedForEverybody() throws IOException {
    config(
        "system/auth.d/a.json",
        "'auth','domains':['a.example','b.example'],'type':'basic','credentials':{'user':'u','password':'system'}");
    config(
        "user/auth.d/b.json",
        "'auth','domains':['b.example'],'type':'oauth','credentials':{'token':'mine'}");
    config(
        "system/auth.d/r.json",
        "'dockerAuth','registries':['r.example','s.example'],'credentials':{'user':'u','password':'p'}");
    config("system/paths.d/p.json", "'paths','data':'/system','stage1-images':'/images'");
    config("user/paths.d/p.json", "'paths','data':'/user'");
    config("user/stage1.d/s.json", "'stage1','name':'example.com/stage1','version':'1'");
    String printed =
        asNobody("config", "--show-secrets", "--pretty-print=false").ok().out().strip();
    assertThat(printed.lines()).hasSize(1);
    for (String each :
        new String[] {
          "'auth','domains':['a.example'],'type':'basic','credentials':{'user':'u','password':'system'}",
          "'auth','domains':['b.example'],'type':'oauth','credentials':{'token':'mine'}",
          "'dockerAuth','registries':['r.example'],'credentials':{'user':'u','password':'p'}",
          "'dockerAuth','registries':['s.example'],'credentials':{'user':'u','password':'p'}",
          "'paths','data':'/user','stage1-images':'/images'",
          "'stage1','name':'example.com/stage1','version':'1','location':''"
        }) {
      assertThat(printed).contains("{" + document(each) + "}");
    }
    assertThat(printed).startsWith("{\"stage0\":[").containsOnlyOnce("b.example");
  }

  private void config(String file, String rest) throws IOException {
    Path path = rkt.home().resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "{" + document(rest) + "}");
  }

  private static String document(String rest) {
    return ("'rktVersion':'v1','rktKind':" + rest).replace('\'', '"');
  }

  /**
   * TestNonRootReadInfo, and the last row of TestRktList; the group exists in a mount namespace
   * only.
   */
  @Test
  void membersOfGroupRktMayLook() throws IOException {
    Path group = rkt.home().resolve("group");
    Files.writeString(group, Files.readString(Path.of("/etc/group")) + "rkt:x:" + GROUP_ID + ":\n");
    Path aci = Images.script(rkt, "app", "true");
    String member =
        "setpriv --reuid=65534 --regid=65534 --groups="
            + GROUP_ID
            + " "
            + String.join(" ", rkt.command());
    String root = String.join(" ", rkt.command("--insecure-options=image"));
    String script =
        "mount --bind %s /etc/group && %s run --net=none %s && %s run --net=none --no-overlay %s && %s run --net=none --private-users %s && %s image list --no-legend && %s list --no-legend && %s image cat-manifest example.com/app"
            .formatted(group, root, aci, root, aci, root, aci, member, member, member);
    Rkt.Result result =
        Rkt.exec(
                "unshare",
                "--mount",
                "sh",
                "-c",
                script + "; echo code=$?; " + member + " image gc; echo gc=$?")
            .ok();
    assertThat(result.out())
        .contains("code=0\n")
        .contains("gc=254\n")
        .contains("example.com/app:1.0.0")
        .contains("exited")
        .contains("\"acKind\": \"ImageManifest\"");
    assertThat(result.err()).contains("Permission denied").doesNotContain("error(s) encountered");
  }
}
