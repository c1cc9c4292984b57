package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Names of scenarios and platforms: what comes with the program, and files beside it. */
final class BuiltIn {
  /** The scenarios that come with the program, in the order in which they are listed. */
  static final List<String> SCENARIOS =
      List.of(
          "nvme-page",
          "nvme-sg",
          "nvme-batch",
          "nvme-iova",
          "nvme-blk",
          "nvme-4k",
          "nvme-4k-lazy",
          "optane",
          "nic-rx",
          "rdma-mr",
          "nfs-rdma",
          "map-benchmark",
          "smmu-unmap",
          "grace-nvme",
          "amd-dual-nic",
          "virtio-guest",
          "swiotlb-guest",
          "power-lpar",
          "arm32-media",
          "fleet");

  /** The platform profiles that come with the program. */
  static final List<String> PLATFORMS =
      List.of(
          "xeon-skylake-vtd",
          "xeon-icelake-vtd",
          "epyc-amdvi",
          "kunpeng920-smmuv3",
          "grace-smmuv3",
          "virtio-iommu-guest",
          "swiotlb-guest",
          "power-tce",
          "arm32-iommu");

  /** Scenarios of published results, beside the table of these. */
  private static final String VALIDATION = "validation/";

  private static final String REFERENCE = "scenarios/reference.conf";

  private BuiltIn() {}

  /** What a run of a kernel trace starts from; not listed, since it needs a file. */
  static final String TRACE = "trace";

  /**
   * A scenario that comes with the program, or one of the user's files.
   *
   * @param texts that it counts among
   */
  static Config scenario(String name, UserHocon texts) {
    if (name.equals(TRACE)) {
      return texts.resource("scenarios/trace.conf");
    }
    if (name.startsWith(VALIDATION) && isResource(name + ".conf")) {
      return texts.resource(name + ".conf");
    }
    return named("scenario", name, "scenarios/", SCENARIOS, texts);
  }

  private static boolean isResource(String path) {
    return BuiltIn.class.getClassLoader().getResource(path) != null;
  }

  /** A platform profile; otherwise as {@link #scenario}. */
  static Config platform(String name, UserHocon texts) {
    return named("platform", name, "platforms/", PLATFORMS, texts);
  }

  /** The defaults of every key. */
  static Config reference() {
    return new UserHocon().resource(REFERENCE);
  }

  /** The same with its comments. */
  static String referenceText() {
    try (InputStream in = BuiltIn.class.getClassLoader().getResourceAsStream(REFERENCE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Config named(
      String what, String name, String folder, List<String> builtIn, UserHocon texts) {
    if (builtIn.contains(name)) {
      return texts.resource(folder + name + ".conf");
    }
    File file = new File(name);
    if (file.isFile()) {
      // HOCON finds what a file includes beside it only if the file's name has a directory in it.
      return texts.file(file.getParentFile() == null ? new File(".", name) : file);
    }
    if (name.endsWith(".conf") || name.contains("/")) {
      throw new ScenarioException("%s: there is no such %s file".formatted(name, what));
    }
    throw new ScenarioException(
        "there is no %s \"%s\"%s (built in: %s; or name a file that ends in .conf)"
            .formatted(what, name, NearestName.hint(name, builtIn), String.join(", ", builtIn)));
  }
}
