package dev.mapstorm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitReference;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Nothing stands in the code that nothing uses. Reads the class files of all modules and of the
 * tests of this one, which is why models may have observers that only tests of theirs ask: their
 * package is left out. What configuration, picocli or an annotation names is found by its
 * annotation, or listed here.
 */
class DeadCodeTest {
  /** Classes that are made by their names, which stand in configuration or a string. */
  private static final List<String> CONFIGURED =
      List.of(
          "dev.mapstorm.actors.cluster.SameVersionCheck",
          "dev.mapstorm.actors.cluster.UnencryptedEngines",
          "dev.mapstorm.actors.pekko.KryoSerializer",
          "dev.mapstorm.load.log.LineLimit",
          "dev.mapstorm.load.log.PrintableLog",
          "dev.mapstorm.persistence.postgres.PostgresUnpacker",
          "dev.mapstorm.persistence.store.CheckpointDao");

  /** Observers that only tests of the other modules ask, which are not on this one's class path. */
  private static final Set<String> ASKED_BY_TESTS =
      Set.of(
          "BareLoop.checkpoint",
          "BareLoop.show",
          "BareLoop.unbatchedFrom",
          "Repetition.of",
          "LongIntMap.size",
          "GranuleTable.physPfn",
          "LifeFilter.address",
          "AnalysisResult.byName",
          "JournalReader.source",
          "PostgresJournal.run",
          "StreamVerifier.batches",
          "StreamVerifier.closed",
          "StreamVerifier.events",
          "StreamVerifier.opened");

  /** Read by javac, which needs no call: the annotations of events and their processor. */
  private static final String AT_COMPILATION = "dev.mapstorm.protocol.event.declaration";

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes = new ClassFileImporter().importPackages("dev.mapstorm");
  }

  private static Stream<JavaClass> written() {
    return classes.stream()
        .filter(each -> !isTest(each))
        .filter(each -> !each.getPackageName().equals(AT_COMPILATION))
        .filter(each -> !each.getSimpleName().equals("package-info"));
  }

  private static boolean isTest(JavaClass type) {
    String from = type.getSource().orElseThrow().getUri().toString();
    return from.contains("test-classes") || from.contains("-tests.jar");
  }

  private static boolean isCalled(JavaMethod method) {
    return Stream.concat(
            method.getAccessesToSelf().stream().map(JavaAccess::getOrigin),
            method.getReferencesToSelf().stream().map(JavaCodeUnitReference::getOrigin))
        .anyMatch(each -> !each.equals(method));
  }

  /** It stands for a method of a supertype: who calls that one calls it. */
  private static boolean overrides(JavaMethod method) {
    JavaClass owner = method.getOwner();
    return Stream.concat(
            owner.getAllRawSuperclasses().stream(), owner.getAllRawInterfaces().stream())
        .flatMap(each -> each.getMethods().stream())
        .anyMatch(each -> isLike(each, method));
  }

  private static boolean isLike(JavaMethod one, JavaMethod other) {
    return one.getName().equals(other.getName())
        && one.getRawParameterTypes().size() == other.getRawParameterTypes().size();
  }

  /** Methods of enums and records that nobody wrote, bridges, and what is called by its name. */
  private static boolean isNotFoundByCalls(JavaMethod method) {
    JavaClass owner = method.getOwner();
    return method.getModifiers().contains(JavaModifier.SYNTHETIC)
        || owner.isEnum() && Set.of("values", "valueOf").contains(method.getName())
        || owner.isRecord() && owner.tryGetField(method.getName()).isPresent()
        || owner.isAnnotation()
        || method.getName().equals("main")
        || !method.getAnnotations().isEmpty()
        || ASKED_BY_TESTS.contains(owner.getSimpleName() + "." + method.getName())
        || CONFIGURED.contains(owner.getName());
  }

  @Test
  void everyMethodIsCalled() {
    assertThat(
            written()
                .filter(each -> !each.getPackageName().startsWith("dev.mapstorm.actors.model"))
                .flatMap(each -> each.getMethods().stream())
                .filter(each -> !isNotFoundByCalls(each) && !isCalled(each) && !overrides(each))
                .map(JavaMember::getFullName)
                .sorted())
        .isEmpty();
  }

  /** Constants are copied by javac, so a class that has nothing else is not seen to be used. */
  @Test
  void everyClassIsUsed() {
    assertThat(
            written()
                .filter(each -> !each.isAnonymousClass() && !each.getMethods().isEmpty())
                .filter(each -> !CONFIGURED.contains(each.getName()))
                .filter(each -> each.tryGetMethod("main", String[].class).isEmpty())
                .filter(DeadCodeTest::isUsedByNoOther)
                .map(JavaClass::getName)
                .sorted())
        .isEmpty();
  }

  private static boolean isUsedByNoOther(JavaClass type) {
    return type.getDirectDependenciesToSelf().stream()
        .map(Dependency::getOriginClass)
        .allMatch(each -> each.equals(type));
  }
}
