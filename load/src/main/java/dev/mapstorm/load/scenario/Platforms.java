package dev.mapstorm.load.scenario;

import java.util.List;

/** The platform profiles that can be named: those that come with the program, and files. */
public final class Platforms {
  private Platforms() {}

  /** Names of those that come with the program, in the order in which they are listed. */
  public static List<String> builtIn() {
    return BuiltIn.PLATFORMS;
  }

  /**
   * A profile.
   *
   * @param nameOrFile one that comes with the program, or a file that ends in {@code .conf}
   * @throws ScenarioException if there is none, or it is not right
   */
  public static PlatformProfile load(String nameOrFile) {
    UserHocon texts = new UserHocon();
    return PlatformProfile.of(texts.resolved(BuiltIn.platform(nameOrFile, texts)).root());
  }
}
