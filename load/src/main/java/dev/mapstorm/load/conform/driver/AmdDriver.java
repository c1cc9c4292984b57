package dev.mapstorm.load.conform.driver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.amd.AmdCommand;
import dev.mapstorm.actors.model.amd.AmdCommands;
import dev.mapstorm.actors.model.amd.AmdFlush;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.load.conform.JsonLine;

/** AMD-Vi. */
final class AmdDriver extends TableDriver {
  private static final int MAX_UNITS = 1024;
  private static final int MAX_DEVICES = 1 << 16;
  private static final int ID = 0xffff;

  private final PageTableFormat format;
  private final boolean new72;
  private final boolean npCache;
  private final AmdFlush flush;
  private final Text text;

  /** With the setting of a file; {@code line} has the page sizes of the domain. */
  static AmdDriver of(JsonLine setting, JsonLine line, boolean new72) {
    setting.only(
        "driver",
        "release",
        "format",
        "levels",
        "npCache",
        "domain",
        "pageSizes",
        "units",
        "devices");
    return new AmdDriver(setting, format(setting, line, new72), new72);
  }

  private AmdDriver(JsonLine setting, PageTableFormat format, boolean new72) {
    super(new CommandText(false), format);
    this.format = format;
    this.new72 = new72;
    npCache = setting.bool("npCache");
    JsonNode list = setting.list("units", MAX_UNITS);
    int[] units = new int[list.size()];
    for (int i = 0; i < units.length; i++) {
      units[i] = setting.integer(list.get(i), "units[" + i + "]", 0, ID);
    }
    JsonNode devices = setting.list("devices", MAX_DEVICES);
    int n = devices.size();
    int[] id = new int[n];
    int[] unit = new int[n];
    int[] domainId = new int[n];
    boolean[] ats = new boolean[n];
    int[] depth = new int[n];
    for (int i = 0; i < n; i++) {
      String name = "devices[" + i + "]";
      JsonNode device = setting.row(devices.get(i), name, 5);
      id[i] = setting.integer(device.get(0), name + "[0]", 0, ID);
      unit[i] = setting.integer(device.get(1), name + "[1]", 0, ID);
      domainId[i] = setting.integer(device.get(2), name + "[2]", 0, ID);
      ats[i] = setting.integer(device.get(3), name + "[3]", 0, 1) == 1;
      depth[i] = setting.integer(device.get(4), name + "[4]", 0, ID);
    }
    flush =
        new AmdFlush(
            v2(setting), npCache, setting.integer("domain", 0, ID), units, unit, domainId, ats);
    text = new Text(commands(), id, depth);
  }

  private static boolean v2(JsonLine setting) {
    String format = setting.text("format");
    if (!format.equals("v1") && !format.equals("v2")) {
      throw setting.error("format", "neither v1 nor v2", setting.value("format"));
    }
    return format.equals("v2");
  }

  private static PageTableFormat format(JsonLine setting, JsonLine line, boolean new72) {
    long sizes = line.unsigned("pageSizes");
    int levels = setting.integer("levels", 3, 5);
    if (v2(setting)) {
      return new72 ? PageTableFormat.genericX86(levels) : PageTableFormat.amdV2(levels);
    }
    return new72 ? PageTableFormat.genericAmdV1(sizes) : PageTableFormat.amdV1(sizes);
  }

  @Override
  void tablesReplaced(MappedRuns runs) {
    // 7.2 swaps the top once for all levels that it adds (PT_FEAT_DYNAMIC_TOP, increase_top)
    for (int i = 0; i < (new72 ? Math.min(1, runs.topsAdded()) : runs.topsAdded()); i++) {
      commands().add("deviceTableUpdate");
    }
    if (new72 && npCache) {
      flushReplaced(runs);
      return;
    }
    for (int i = 0; i < runs.invalidations(); i++) {
      pages(runs.invalidationStart(i), runs.invalidationEnd(i), true);
    }
  }

  /** Every entry that led to a table is gathered, those that touch together. */
  private void flushReplaced(MappedRuns runs) {
    IotlbGather replaced = new IotlbGather();
    replaced.start(false);
    int run = 0;
    for (int i = 0; i < runs.tablesFreed().size(); i++) {
      long at = runs.tablesFreed().iova(i);
      int level = runs.tablesFreed().level(i);
      while (at - runs.iova(run) >= runs.count(run) << runs.pageShift(run)) {
        run++;
      }
      if (level == format.leafLevel(runs.pageShift(run)) - 1) {
        add(at, 1L << format.entryShift(level + 1), 1, replaced);
      }
    }
    if (replaced.finish()) {
      sync(replaced);
    }
  }

  @Override
  void syncMap(long iova, long size) {
    if (flush.flushesMaps()) {
      flush.pages(iova, size, true, text);
    }
  }

  @Override
  void gather(long iova, long bytes, UnmappedRuns runs, IotlbGather into) {
    if (new72) {
      if (bytes > 0) {
        add(iova, bytes, runs.tablePagesFreed(), into);
      }
      return;
    }
    for (int run = 0; run < runs.size(); run++) {
      if (runs.bytes(run) > 0) {
        add(runs.iova(run), runs.bytes(run), 0, into);
      }
    }
  }

  private void add(long iova, long bytes, int tables, IotlbGather into) {
    if (into.addRange(iova, bytes, tables, npCache)) {
      sync(into);
    }
  }

  @Override
  void sync(IotlbGather from) {
    pages(from.syncStart(), from.syncEnd(), !new72 || from.syncTablePages() > 0);
  }

  @Override
  void syncNothing() {
    if (!new72) {
      pages(-1, 0, true);
    }
  }

  private void pages(long start, long end, boolean tables) {
    flush.pages(start, end - start + 1, tables, text);
  }

  @Override
  void flushAll() {
    flush.all(text);
  }

  @Override
  void direct(JsonLine line) {
    if (!line.text("kind").equals("pages")) {
      throw line.error("kind", "not pages", line.value("kind"));
    }
    JsonNode args = arguments(line, 3);
    boolean tables = line.integer(args.get(2), "args[2]", 0, 1) == 1;
    pages(
        line.unsigned(args.get(0), "args[0]"),
        line.unsigned(args.get(1), "args[1]"),
        !new72 || tables);
  }

  /** Commands as text; a unit without a command since its last wait is not told to wait. */
  private static final class Text implements AmdCommands {
    private final CommandText out;
    private final int[] deviceId;
    private final int[] depth;
    private final AmdCommand command = new AmdCommand();
    private final boolean[] pending = new boolean[ID + 1];

    Text(CommandText out, int[] deviceId, int[] depth) {
      this.out = out;
      this.deviceId = deviceId;
      this.depth = depth;
    }

    @Override
    public void invalidatePages(
        int unit, int domainId, long address, boolean several, boolean tables, boolean guest) {
      pending[unit] = true;
      command.invalidatePages(domainId, address, several, tables, guest);
      out.add(
          "INVALIDATE_IOMMU_PAGES",
          unit,
          domainId,
          address,
          several,
          tables,
          guest,
          word(0),
          word(1),
          word(2),
          word(3));
    }

    @Override
    public void invalidateIotlb(
        int unit, int device, long address, boolean several, boolean guest) {
      pending[unit] = true;
      command.invalidateIotlb(deviceId[device], depth[device], address, several, guest);
      out.add(
          "INVALIDATE_IOTLB_PAGES",
          unit,
          deviceId[device],
          depth[device],
          address,
          several,
          guest,
          word(0),
          word(1),
          word(2),
          word(3));
    }

    @Override
    public void completionWait(int unit) {
      if (pending[unit]) {
        pending[unit] = false;
        out.add("COMPLETION_WAIT", unit);
      }
    }

    private String word(int i) {
      return "0x%08x".formatted(command.word(i));
    }
  }
}
