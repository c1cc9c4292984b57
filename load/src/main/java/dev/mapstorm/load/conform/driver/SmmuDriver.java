package dev.mapstorm.load.conform.driver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.actors.model.smmuv3.SmmuCommand;
import dev.mapstorm.actors.model.smmuv3.SmmuCommands;
import dev.mapstorm.actors.model.smmuv3.SmmuInvalidation;
import dev.mapstorm.actors.model.smmuv3.SmmuRelease;
import dev.mapstorm.actors.model.smmuv3.TlbiOp;
import dev.mapstorm.load.conform.JsonLine;
import java.util.Arrays;

/** SMMUv3. */
final class SmmuDriver extends TableDriver {
  private static final int MAX_MASTERS = 1 << 16;
  private static final int MAX_STREAMS = 1 << 16;

  private final long granule;
  private final PageTableFormat format;
  private final SmmuInvalidation invalidation;
  private final Text text;
  private boolean queued;

  /** With the setting of a file. */
  static SmmuDriver of(JsonLine setting, JsonLine line, boolean new72) {
    setting.only(
        "driver",
        "release",
        "granule",
        "stage",
        "ias",
        "oas",
        "range",
        "ats",
        "e2h",
        "msi",
        "forceSync",
        "id",
        "masters");
    long granule = setting.number("granule", 1 << 12, 1 << 16);
    int shift = Long.numberOfTrailingZeros(granule);
    if (Long.bitCount(granule) != 1 || shift % 2 != 0) {
      throw setting.error("granule", "not 4096, 16384 or 65536", setting.value("granule"));
    }
    int ias = setting.integer("ias", 32, 52);
    int oas = setting.integer("oas", 32, 52);
    boolean stage2 = setting.integer("stage", 1, 2) == 2;
    PageTableFormat format =
        stage2
            ? PageTableFormat.lpaeStage2(shift, ias, oas)
            : PageTableFormat.lpaeStage1(shift, ias, oas);
    if (line.unsigned("pageSizes") != format.pageSizes()) {
      throw line.error(
          "pageSizes", "not what such a table has, " + format.pageSizes(), line.value("pageSizes"));
    }
    setting.bool("msi");
    return new SmmuDriver(
        new72 ? format.with(DriverRules.LPAE_NO_SPLIT) : format,
        invalidation(setting, shift, stage2, new72));
  }

  private SmmuDriver(PageTableFormat format, SmmuInvalidation invalidation) {
    super(new CommandText(true), format);
    this.format = format;
    this.invalidation = invalidation;
    granule = 1L << format.granuleShift();
    text = new Text(commands());
  }

  private static SmmuInvalidation invalidation(
      JsonLine setting, int granuleShift, boolean stage2, boolean new72) {
    boolean ats = setting.bool("ats");
    JsonNode masters = setting.list("masters", MAX_MASTERS);
    int[] streams = new int[MAX_STREAMS];
    int[] substreams = new int[MAX_STREAMS];
    int n = 0;
    for (int i = 0; i < masters.size(); i++) {
      String name = "masters[" + i + "]";
      JsonNode master = setting.row(masters.get(i), name, 3);
      int substream = setting.integer(master.get(0), name + "[0]", 0, (1 << 20) - 1);
      boolean has = setting.integer(master.get(1), name + "[1]", 0, 1) == 1;
      JsonNode ids = setting.list(master.get(2), name + "[2]", MAX_STREAMS - n);
      for (int j = 0; j < ids.size(); j++) {
        streams[n] = setting.integer(ids.get(j), name + "[2][" + j + "]", 0, Integer.MAX_VALUE);
        substreams[n] = substream;
        n += ats && has ? 1 : 0;
      }
    }
    return new SmmuInvalidation(
        new72 ? SmmuRelease.LINUX_7_2 : SmmuRelease.LINUX_6_12,
        granuleShift,
        stage2,
        setting.bool("e2h"),
        setting.bool("range"),
        setting.bool("forceSync"),
        setting.integer("id", 0, 0xffff),
        Arrays.copyOf(streams, n),
        Arrays.copyOf(substreams, n));
  }

  @Override
  void tablesReplaced(MappedRuns runs) {
    for (int i = 0; i < runs.invalidations(); i++) {
      walk(runs.invalidationStart(i), runs.invalidationEnd(i) - runs.invalidationStart(i) + 1);
    }
  }

  private void walk(long iova, long size) {
    invalidation.range(iova, size, granule, false, text);
  }

  @Override
  void syncMap(long iova, long size) {}

  @Override
  void begun(boolean isQueued) {
    queued = isQueued;
  }

  @Override
  void gather(long iova, long bytes, UnmappedRuns runs, IotlbGather into) {
    int table = 0;
    for (int run = 0; run < runs.size(); run++) {
      int level = format.leafLevel(runs.pageShift(run));
      for (int i = 0; i < runs.tablePagesFreed(run); i++, table++) {
        if (runs.tablesFreed().level(table) == level - 1) {
          walk(runs.tablesFreed().iova(table), 1L << format.entryShift(level));
        }
      }
      if (!queued
          && runs.bytes(run) > 0
          && into.add(runs.iova(run), runs.bytes(run), 1L << runs.pageShift(run), 0)) {
        sync(into);
      }
    }
  }

  @Override
  void sync(IotlbGather from) {
    invalidation.range(
        from.syncStart(), from.syncEnd() - from.syncStart() + 1, from.syncPageSize(), true, text);
  }

  @Override
  void flushAll() {
    invalidation.all(text);
  }

  @Override
  void direct(JsonLine line) {
    if (!line.text("kind").equals("tlb")) {
      throw line.error("kind", "not tlb", line.value("kind"));
    }
    JsonNode args = arguments(line, 4);
    invalidation.range(
        line.unsigned(args.get(0), "args[0]"),
        line.unsigned(args.get(1), "args[1]"),
        line.number(args.get(2), "args[2]", granule, Long.MAX_VALUE),
        line.integer(args.get(3), "args[3]", 0, 1) == 1,
        text);
  }

  private static final class Text implements SmmuCommands {
    private final CommandText out;
    private final SmmuCommand command = new SmmuCommand();

    Text(CommandText out) {
      this.out = out;
    }

    @Override
    public void tlbi(
        TlbiOp op, int id, long address, int num, int scale, int ttl, int tg, boolean leaf) {
      command.tlbi(op, id, address, num, scale, ttl, tg, leaf);
      out.inside(op.name(), id, address, num, scale, ttl, tg, leaf, first(), second());
    }

    @Override
    public void tlbiAll(TlbiOp op, int id) {
      command.tlbiAll(op, id);
      out.inside(op.name(), id, first(), second());
    }

    @Override
    public void atcInv(int stream, int substream, long address, int order) {
      command.atcInv(stream, substream, address, order);
      out.inside("ATC_INV", stream, substream, address, order, first(), second());
    }

    @Override
    public void issue(boolean sync) {
      out.list("\"cmds\",", sync ? ",1" : ",0");
    }

    private String first() {
      return CommandText.hex(command.first());
    }

    private String second() {
      return CommandText.hex(command.second());
    }
  }
}
