package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.IoPageFault;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A translation fault as the driver of an IOMMU prints it into the kernel log, from the {@code
 * dev_err} and {@code pr_err} strings below drivers/iommu of Linux 4.x to 7.x: VT-d, AMD-Vi, SMMUv3
 * and v2 with their relatives, virtio-iommu, and those of SoCs; and Tegra's memory controller.
 *
 * <p>SMMUv3 prints four words of an event, a line each; the fault is known with the third. From
 * 6.14 on a line in words follows them, which is the same fault. Not thread safe.
 */
final class FaultLine {
  /**
   * One driver's line. Groups: {@code driver}, {@code device}, {@code iova}; {@code write} or
   * {@code flags} where it tells of the access.
   *
   * @param pattern what is looked for
   * @param writeFlag the bit of {@code flags} that says that it was a write; 0 if there are none
   */
  private record Form(Pattern pattern, int writeFlag) {
    Form(String pattern, int writeFlag) {
      this(Pattern.compile(pattern), writeFlag);
    }
  }

  private static final String ADDRESS = "(?:0x)?(?<iova>[0-9a-f]{1,16})\\b";

  /** {@code EVENT_FLAG_RW}. */
  private static final int AMD_WRITE = 0x20;

  /** {@code ARM_SMMU_CB_FSYNR0_WNR}. */
  private static final int SMMU_V2_WRITE = 0x10;

  private static final List<Form> FORMS =
      List.of(
          new Form(
              "(?<driver>DMAR): ?\\[DMA (?:Read|(?<write>Write))[^]]*\\] Request device"
                  + " \\[(?<device>[0-9a-f:.]+)\\](?: PASID \\w+)? fault addr "
                  + ADDRESS,
              0),
          new Form(
              "(?<driver>\\S+) (?<device>[0-9a-f]{4}:[0-9a-f:.]+): AMD-Vi: Event logged"
                  + " \\[IO_PAGE_FAULT (?:domain|pasid)=\\w+ address="
                  + ADDRESS
                  + " flags=0x(?<flags>[0-9a-f]{1,8})",
              AMD_WRITE),
          // Before 4.20 the line may be broken after "Event logged [".
          new Form(
              "(?<driver>IO_PAGE_FAULT) device=(?<device>[0-9a-f:.]+) (?:domain|pasid)=\\w+"
                  + " address="
                  + ADDRESS
                  + " flags=0x(?<flags>[0-9a-f]{1,8})",
              AMD_WRITE),
          // An address that is no translation's, or whose tables could not be read.
          new Form(
              "(?<driver>AMD-Vi): Event logged \\[(?:INVALID_DEVICE_REQUEST|ILLEGAL_DEV_TABLE_ENTRY"
                  + "|(?:DEV|PAGE)_TAB_HARDWARE_ERROR) device=(?<device>[0-9a-f:.]+)"
                  + "(?: (?:domain|pasid)=\\w+)? address="
                  + ADDRESS,
              0),
          new Form(
              "(?<driver>arm-smmu-v3) \\S+: event: F_\\w+ client: (?<device>\\(unassigned"
                  + " sid\\)|\\S+) .*iova: "
                  + ADDRESS,
              0),
          new Form(
              "(?<driver>arm-smmu|qcom-iommu\\S*) (?<device>\\S+): Unhandled context fault: .*iova="
                  + ADDRESS
                  + ", fsynr=0x(?<flags>[0-9a-f]{1,8})",
              SMMU_V2_WRITE),
          new Form(
              "(?<driver>virtio_iommu) \\S+: \\w+ fault from (?<device>EP \\d+) at "
                  + ADDRESS
                  + "(?: \\[(?:[^]]*(?<write>write))?)?",
              0),
          new Form(
              "(?<driver>rk_iommu) (?<device>\\S+): Page fault at "
                  + ADDRESS
                  + " of type (?:read|(?<write>write))",
              0),
          new Form(
              "(?<driver>mtk-iommu) (?<device>\\S+): fault type=\\w+ iova="
                  + ADDRESS
                  + ".* (?:read|(?<write>write))\\b",
              0),
          new Form(
              "(?<driver>exynos-sysmmu) \\S+: (?<device>\\S+): \\[(?:READ|(?<write>WRITE))\\]"
                  + " .*FAULT occurred at "
                  + ADDRESS,
              0),
          // Before it printed the access.
          new Form(
              "(?<driver>exynos-sysmmu) \\S+: (?<device>\\S+): [A-Z0-9 -]*FAULT occurred at "
                  + ADDRESS,
              0),
          new Form("(?<driver>omap-iommu) \\S+: (?<device>\\S+): errs:\\w+ da:" + ADDRESS, 0),
          new Form("(?<driver>apple-dart) (?<device>\\S+): translation fault: .* at " + ADDRESS, 0),
          new Form(
              "(?<driver>sun50i-iommu) (?<device>\\S+): Page fault for "
                  + ADDRESS
                  + " \\(master \\d+, dir (?:rd|(?<write>wr))\\b",
              0),
          new Form(
              "(?<driver>ipmmu-vmsa) (?<device>\\S+): Unhandled fault: status \\w+ iova " + ADDRESS,
              0),
          new Form(
              "(?<driver>tegra-mc) \\S+: (?<device>\\S+): (?:(?:non-)?secure"
                  + " )?(?:read|(?<write>write)) @"
                  + ADDRESS,
              0),
          new Form(
              "(?<driver>riscv-iommu) \\S+: Fault \\d+ (?<device>devid: \\w+) iotval: " + ADDRESS,
              0),
          new Form(
              "(?<driver>gpu) (?<device>fault): .*\\biova="
                  + ADDRESS
                  + " dir=(?:READ|(?<write>WRITE))",
              0));

  /** Words that no line of the kernel log lacks that {@link #FORMS} fits. */
  private static final Pattern MAYBE =
      Pattern.compile("fault|FAULT|Fault|F_[A-Z]|(?:read|write) @|AMD-Vi: Event|errs:");

  private static final Pattern BARE_DEVICE = Pattern.compile("[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  private static final String SMMU_V3 = "arm-smmu-v3";

  private static final Pattern SMMU_V3_EVENT =
      Pattern.compile("arm-smmu-v3 (\\S+): event 0x(\\w+) received:");

  private static final Pattern SMMU_V3_WORD =
      Pattern.compile("arm-smmu-v3 (\\S+):\\s+0x([0-9a-f]{16})$");

  /** {@code EVT_ID_TRANSLATION_FAULT} to {@code EVT_ID_PERMISSION_FAULT}. */
  private static final List<String> SMMU_V3_FAULTS = List.of("10", "11", "12", "13");

  /** {@code EVTQ_1_RnW}. */
  private static final long SMMU_V3_READ = 1L << 35;

  private static final Pattern PRINTK_TIME = Pattern.compile("\\[ *(\\d{1,9}\\.\\d{1,9})\\]");
  private static final int NANO_DIGITS = 9;

  /**
   * A record of the kernel log has at most 1,024 bytes ({@code PRINTKRB_RECORD_MAX}), and headers
   * of tools before it. The search for a driver's name takes time that grows with the square of a
   * word's length, so a longer line is not searched.
   */
  static final int LONGEST = 2_048;

  private final long[] words = new long[3];
  private int wanted;

  /** Whether the last fault was known from words, and none came since. */
  private boolean ofWords;

  /** The fault of a line, if it is one, and no longer than {@link #LONGEST}. */
  Optional<IoPageFault> parse(String line) {
    if (line.length() > LONGEST) {
      return Optional.empty();
    }
    Optional<IoPageFault> byWords = smmuV3(line);
    if (byWords.isPresent() || !MAYBE.matcher(line).find()) {
      return byWords;
    }
    for (Form form : FORMS) {
      Matcher found = form.pattern().matcher(line);
      if (found.find()) {
        boolean again = ofWords && words[2] == Long.parseUnsignedLong(found.group("iova"), 16);
        ofWords = false;
        if (again && found.group("driver").equals(SMMU_V3)) {
          return Optional.empty();
        }
        return Optional.of(
            fault(
                found.group("driver").replace("IO_PAGE_FAULT", "AMD-Vi"),
                found.group("device"),
                Long.parseUnsignedLong(found.group("iova"), 16),
                access(form, found),
                line));
      }
    }
    return Optional.empty();
  }

  private static int access(Form form, Matcher found) {
    String pattern = form.pattern().pattern();
    if (form.writeFlag() != 0) {
      int flags = Integer.parseUnsignedInt(found.group("flags"), 16);
      return (flags & form.writeFlag()) != 0 ? 1 : 0;
    }
    if (!pattern.contains("<write>")) {
      return IoPageFault.UNKNOWN_ACCESS;
    }
    return found.group("write") == null ? 0 : 1;
  }

  /** The words of an event after its line. */
  private Optional<IoPageFault> smmuV3(String line) {
    Matcher event = SMMU_V3_EVENT.matcher(line);
    if (event.find()) {
      wanted = SMMU_V3_FAULTS.contains(event.group(2)) ? words.length : 0;
      return Optional.empty();
    }
    Matcher word = SMMU_V3_WORD.matcher(line);
    if (wanted == 0 || !word.find()) {
      return Optional.empty();
    }
    words[words.length - wanted] = Long.parseUnsignedLong(word.group(2), 16);
    wanted--;
    ofWords = wanted == 0;
    return wanted > 0
        ? Optional.empty()
        : Optional.of(
            fault(
                SMMU_V3,
                "sid 0x" + Long.toHexString(words[0] >>> 32),
                words[2],
                (words[1] & SMMU_V3_READ) != 0 ? 0 : 1,
                line));
  }

  private static IoPageFault fault(String driver, String name, long iova, int access, String line) {
    String device = BARE_DEVICE.matcher(name).matches() ? "0000:" + name : name;
    return new IoPageFault(driver, device, iova, access, time(line).isPresent());
  }

  /** The time that the kernel log puts before a line, in nanoseconds. */
  static OptionalLong time(String line) {
    Matcher found = PRINTK_TIME.matcher(line);
    return found.find()
        ? OptionalLong.of(
            new BigDecimal(found.group(1)).movePointRight(NANO_DIGITS).longValueExact())
        : OptionalLong.empty();
  }
}
