package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.twostep.TwoStepRules;
import dev.mapstorm.protocol.Limits;
import java.util.List;

/**
 * The first line of recorded two-step calls: the machine.
 *
 * @param rules what the calls depend on
 * @param cpus of the machine
 * @param limitPfn last frame of the device's mask
 * @param pci whether 32-bit space is tried first
 * @param genericPt whether generic_pt refuses bad maps, not io-pgtable
 */
record TwoStepSetting(TwoStepRules rules, int cpus, long limitPfn, boolean pci, boolean genericPt) {
  private static final List<String> RELEASES =
      List.of("6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2");

  static TwoStepSetting read(JsonLine line) {
    line.only(
        "profile",
        "seed",
        "granule",
        "mergeBoundary",
        "cpus",
        "lazy",
        "untrusted",
        "coherent",
        "mask_bits",
        "pci",
        "release",
        "format");
    long granule = line.number("granule", 1 << 12, 1 << 16);
    if (Long.bitCount(granule) != 1) {
      throw line.error("granule", "no power of two", line.value("granule"));
    }
    int shift = Long.numberOfTrailingZeros(granule);
    String release = line.text("release");
    if (!RELEASES.contains(release)) {
      throw line.error("release", "none of " + RELEASES, line.value("release"));
    }
    String format = line.text("format");
    if (!format.equals("generic_pt") && !format.equals("io-pgtable")) {
      throw line.error("format", "neither generic_pt nor io-pgtable", line.value("format"));
    }
    int maskBits = line.integer("mask_bits", shift + 1, Long.SIZE);
    return new TwoStepSetting(
        new TwoStepRules(
            shift,
            !line.has("coherent") || line.bool("coherent"),
            line.has("untrusted") && line.bool("untrusted"),
            line.has("lazy") && line.bool("lazy"),
            release.equals("7.2")),
        line.integer("cpus", 1, Limits.CPUS),
        -1L >>> Long.SIZE - maskBits >>> shift,
        line.bool("pci"),
        format.equals("generic_pt"));
  }
}
