package rkt.tests.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The directions of ARCHITECTURE.md, checked; a failure names the offending edge. */
class ArchitectureTest {

  /** What each module may use; itself and the JDK are implied. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "schema", Set.of(),
          "os", Set.of("schema"),
          "store", Set.of("schema", "os"),
          "trust", Set.of("schema", "os"),
          "image", Set.of("schema", "os", "store", "trust"),
          "net", Set.of("schema", "os"),
          "stage1", Set.of("schema", "os"),
          "pod", Set.of("schema", "os", "store", "trust", "image", "net", "stage1"),
          "cli", Set.of("schema", "os", "store", "trust", "image", "net", "stage1", "pod"));

  private static JavaClasses engine;

  @BeforeAll
  static void importClasses() {
    engine =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("testkit"))
            .importPackages("rkt");
    assertThat(engine).hasSizeGreaterThan(100);
  }

  @Test
  void modulesDependInOneDirection() {
    Set<String> offending = new TreeSet<>();
    for (JavaClass origin : engine) {
      String from = module(origin.getPackageName());
      Set<String> allowed = MAY_USE.get(from);
      if (allowed == null) {
        offending.add("unknown module of package " + origin.getPackageName());
        continue;
      }
      for (Dependency edge : origin.getDirectDependenciesFromSelf()) {
        String to = module(edge.getTargetClass().getPackageName());
        if (!to.isEmpty() && !to.equals(from) && !allowed.contains(to)) {
          offending.add(from + " -> " + to + ": " + edge.getDescription());
        }
      }
    }
    assertThat(offending).isEmpty();
  }

  @Test
  void onlyOsReachesNativeCodeAndProcesses() {
    noClasses()
        .that()
        .resideOutsideOfPackage("rkt.os..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ProcessBuilder.class, Process.class, Runtime.Version.class)
        .because("only the os module starts processes")
        .check(engine);
    for (JavaClass each : engine) {
      if (!each.getPackageName().startsWith("rkt.os")) {
        assertThat(
                each.getMethods().stream()
                    .filter(m -> m.getModifiers().contains(JavaModifier.NATIVE)))
            .as("native methods of " + each.getName())
            .isEmpty();
      }
    }
  }

  @Test
  void onlyImageOpensTheNetwork() {
    noClasses()
        .that()
        .resideOutsideOfPackage("rkt.image..")
        .should()
        .dependOnClassesThat(resideInAPackage("java.net.http.."))
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(java.net.Socket.class, java.net.ServerSocket.class)
        .because("only the image module opens the network on the command line's path")
        .check(engine);
  }

  @Test
  void archiveLibrariesStayInsideStoreAndImage() {
    noClasses()
        .that()
        .resideOutsideOfPackages("rkt.store..", "rkt.image..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("com.github.luben..").or(resideInAPackage("org.tukaani..")))
        .because("archives are hostile and have one room")
        .check(engine);
  }

  @Test
  void startUpPathUsesNoLoggingFrameworkAndNoFormatting() {
    for (String banned : List.of("java.util.logging..", "org.slf4j..", "java.util.regex..")) {
      noClasses()
          .that()
          .resideOutsideOfPackage("rkt.image..")
          .should()
          .dependOnClassesThat(resideInAPackage(banned))
          .because("it costs start-up time (docs/adr/0001)")
          .check(engine);
    }
  }

  @Test
  void schemaDoesNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("rkt.schema..")
        .should()
        .dependOnClassesThat(resideInAPackage("java.nio.file.."))
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(java.io.FileInputStream.class, java.io.FileOutputStream.class)
        .because("documents know nothing of files")
        .check(engine);
  }

  @Test
  void noBareRuntimeExceptionIsThrown() {
    classes()
        .should(
            new com.tngtech.archunit.lang.ArchCondition<JavaClass>(
                "not construct a bare RuntimeException or Exception") {
              @Override
              public void check(JavaClass each, com.tngtech.archunit.lang.ConditionEvents events) {
                each.getConstructorCallsFromSelf().stream()
                    .filter(call ->
                        call.getTargetOwner().isEquivalentTo(RuntimeException.class)
                            && !call.getOrigin().isConstructor())
                    .forEach(call ->
                        events.add(
                            com.tngtech.archunit.lang.SimpleConditionEvent.violated(
                                call, call.getDescription())));
              }
            })
        .check(engine);
  }

  /** `rkt.store.unpack` is in module `store`; a package that is not rkt's has none. */
  private static String module(String packageName) {
    if (!packageName.startsWith("rkt.")) {
      return "";
    }
    int end = packageName.indexOf('.', 4);
    return end < 0 ? packageName.substring(4) : packageName.substring(4, end);
  }
}
