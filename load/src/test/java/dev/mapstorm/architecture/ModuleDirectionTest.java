package dev.mapstorm.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** One direction between the modules, and no Pekko where the simulated machine is decided. */
@AnalyzeClasses(
    packages = "dev.mapstorm",
    importOptions = {DoNotIncludeTests.class, ModuleDirectionTest.DoNotIncludeTestJars.class})
class ModuleDirectionTest {

  /** What tests of one module lend to those of another. */
  static final class DoNotIncludeTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule modulesDependInOneDirection =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("protocol")
          .definedBy("dev.mapstorm.protocol..")
          .layer("actors")
          .definedBy("dev.mapstorm.actors..")
          .optionalLayer("persistence")
          .definedBy("dev.mapstorm.persistence..")
          .layer("load")
          .definedBy("dev.mapstorm.load..")
          .whereLayer("load")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("persistence")
          .mayOnlyBeAccessedByLayers("load")
          .whereLayer("actors")
          .mayOnlyBeAccessedByLayers("persistence", "load");

  @ArchTest
  static final ArchRule everyClassBelongsToAModule =
      classes()
          .should()
          .resideInAnyPackage(
              "dev.mapstorm.protocol..",
              "dev.mapstorm.actors..",
              "dev.mapstorm.persistence..",
              "dev.mapstorm.load..");

  @ArchTest
  static final ArchRule packagesOfActorsHaveNoCycles =
      slices().matching("dev.mapstorm.actors.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfPersistenceHaveNoCycles =
      slices().matching("dev.mapstorm.persistence.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfLoadHaveNoCycles =
      slices().matching("dev.mapstorm.load.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfProtocolHaveNoCycles =
      slices().matching("dev.mapstorm.protocol.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule noPartOfPekkoThatItKeepsToItself =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.pekko..internal..", "org.apache.pekko..impl..");

  @ArchTest
  static final ArchRule modelsAndMessagesKnowNoPekko =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.mapstorm.protocol..",
              "dev.mapstorm.actors.model..",
              "dev.mapstorm.actors.spec..",
              "dev.mapstorm.actors.core..",
              "dev.mapstorm.actors.driver..",
              "dev.mapstorm.actors.device..",
              "dev.mapstorm.actors.backend..",
              "dev.mapstorm.actors.unit..",
              "dev.mapstorm.actors.host..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.pekko..", "scala..", "org.slf4j..");

  @ArchTest
  static final ArchRule modelsKnowNoHost =
      noClasses()
          .that()
          .resideInAPackage("dev.mapstorm.actors.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.mapstorm.actors.core..",
              "dev.mapstorm.actors.driver..",
              "dev.mapstorm.actors.device..",
              "dev.mapstorm.actors.backend..",
              "dev.mapstorm.actors.unit..",
              "dev.mapstorm.actors.host..",
              "dev.mapstorm.actors.pekko..");
}
