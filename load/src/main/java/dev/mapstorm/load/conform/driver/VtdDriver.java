package dev.mapstorm.load.conform.driver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.actors.model.vtd.CacheDescriptor;
import dev.mapstorm.actors.model.vtd.CacheTag;
import dev.mapstorm.actors.model.vtd.CacheTagSink;
import dev.mapstorm.actors.model.vtd.CacheTags;
import dev.mapstorm.actors.model.vtd.VtdRelease;
import dev.mapstorm.load.conform.JsonLine;

/** VT-d. */
final class VtdDriver extends TableDriver {
  private static final int MAX_TAGS = 1 << 16;
  private static final int ID = 0xffff;

  private final boolean new72;
  private final boolean syncsMaps;
  private final CacheTags tags;
  private final Text text;

  /** With the setting of a file; {@code line} has the page sizes of the domain. */
  static VtdDriver of(JsonLine setting, JsonLine line, boolean new72) {
    setting.only(
        "driver",
        "release",
        "firstStage",
        "levels",
        "superpage",
        "psi",
        "maxOrder",
        "writeDrain",
        "readDrain",
        "queued",
        "enabled",
        "cachingMode",
        "rwbf",
        "syncMap",
        "tags",
        "devices");
    return new VtdDriver(setting, format(setting, line, new72), new72);
  }

  private VtdDriver(JsonLine setting, PageTableFormat format, boolean new72) {
    super(new CommandText(false), format);
    this.new72 = new72;
    setting.integer("superpage", 0, 2);
    syncsMaps = setting.bool("syncMap");
    CacheTags.AtsDevice[] devices = devices(setting);
    tags =
        new CacheTags(
            new CacheTags.Setting(
                new72 ? VtdRelease.LINUX_7_2 : VtdRelease.LINUX_6_12,
                setting.bool("firstStage"),
                setting.bool("psi"),
                setting.integer("maxOrder", 0, 63),
                setting.integer("writeDrain", 0, 1) == 1,
                setting.integer("readDrain", 0, 1) == 1,
                setting.bool("queued"),
                setting.bool("enabled"),
                setting.bool("cachingMode"),
                setting.bool("rwbf")),
            tags(setting, devices.length),
            devices);
    text = new Text(commands());
  }

  private static PageTableFormat format(JsonLine setting, JsonLine line, boolean new72) {
    int levels = setting.integer("levels", 4, 5);
    long sizes = line.unsigned("pageSizes");
    return new72 ? PageTableFormat.genericVtd(levels, sizes) : PageTableFormat.vtd(levels, sizes);
  }

  private static CacheTags.AtsDevice[] devices(JsonLine setting) {
    JsonNode list = setting.list("devices", MAX_TAGS);
    CacheTags.AtsDevice[] devices = new CacheTags.AtsDevice[list.size()];
    for (int i = 0; i < devices.length; i++) {
      String name = "devices[" + i + "]";
      JsonNode device = setting.row(list.get(i), name, 4);
      devices[i] =
          new CacheTags.AtsDevice(
              setting.integer(device.get(0), name + "[0]", 0, ID),
              setting.integer(device.get(1), name + "[1]", 0, ID),
              setting.integer(device.get(2), name + "[2]", 0, 32),
              setting.integer(device.get(3), name + "[3]", 0, 1) == 1);
    }
    return devices;
  }

  private static CacheTag[] tags(JsonLine setting, int devices) {
    JsonNode list = setting.list("tags", MAX_TAGS);
    CacheTag[] tags = new CacheTag[list.size()];
    for (int i = 0; i < tags.length; i++) {
      String name = "tags[" + i + "]";
      JsonNode tag = setting.row(list.get(i), name, 5);
      CacheTag.Type type =
          switch (setting.text(tag.get(0), name + "[0]")) {
            case "iotlb" -> CacheTag.Type.IOTLB;
            case "devtlb" -> CacheTag.Type.DEVTLB;
            case "nestedIotlb" -> CacheTag.Type.NESTING_IOTLB;
            case "nestedDevtlb" -> CacheTag.Type.NESTING_DEVTLB;
            default ->
                throw setting.error(
                    name + "[0]", "not iotlb, devtlb, nestedIotlb or nestedDevtlb", tag.get(0));
          };
      tags[i] =
          new CacheTag(
              type,
              setting.integer(tag.get(1), name + "[1]", 0, ID),
              setting.integer(tag.get(2), name + "[2]", 0, ID),
              setting.integer(tag.get(3), name + "[3]", 0, (1 << 20) - 1),
              setting.integer(tag.get(4), name + "[4]", 0, type.ofDevice() ? devices - 1 : ID));
    }
    return tags;
  }

  @Override
  void tablesReplaced(MappedRuns runs) {
    for (int i = 0; i < runs.invalidations(); i++) {
      tags.flushRange(runs.invalidationStart(i), runs.invalidationEnd(i), false, text);
    }
  }

  @Override
  void syncMap(long iova, long size) {
    if (syncsMaps) {
      tags.flushRangeNp(iova, iova + size - 1, text);
    }
  }

  @Override
  void gather(long iova, long bytes, UnmappedRuns runs, IotlbGather into) {
    if (new72) {
      if (bytes > 0) {
        into.addRange(iova, bytes, runs.tablePagesFreed(), false);
      }
      return;
    }
    for (int run = 0; run < runs.size(); run++) {
      if (into.add(runs.iova(run), runs.bytes(run), runs.tablePagesFreed(run))) {
        sync(into);
      }
    }
  }

  @Override
  void sync(IotlbGather from) {
    tags.flushRange(from.syncStart(), from.syncEnd(), from.syncLeafOnly(), text);
  }

  @Override
  void flushAll() {
    tags.flushAll(text);
  }

  @Override
  void direct(JsonLine line) {
    switch (line.text("kind")) {
      case "range" -> {
        JsonNode args = arguments(line, 3);
        tags.flushRange(
            line.unsigned(args.get(0), "args[0]"),
            line.unsigned(args.get(1), "args[1]"),
            line.integer(args.get(2), "args[2]", 0, 1) == 1,
            text);
      }
      case "rangeNp" -> {
        JsonNode args = arguments(line, 2);
        tags.flushRangeNp(
            line.unsigned(args.get(0), "args[0]"), line.unsigned(args.get(1), "args[1]"), text);
      }
      default -> throw line.error("kind", "neither range nor rangeNp", line.value("kind"));
    }
  }

  private static final class Text implements CacheTagSink {
    private final CommandText out;

    Text(CommandText out) {
      this.out = out;
    }

    @Override
    public void descriptor(CacheDescriptor d) {
      String qw0 = CommandText.hex(d.qw0());
      String qw1 = CommandText.hex(d.qw1());
      switch (d.kind()) {
        case IOTLB_PSI, IOTLB_DSI ->
            out.inside(
                "iotlb", name(d), d.domainId(), d.address(), d.order(), d.leafOnly(), qw0, qw1);
        case PIOTLB_PSI, PIOTLB_PASID ->
            out.inside(
                "piotlb",
                d.kind() == CacheDescriptor.Kind.PIOTLB_PSI ? "psi" : "pasid",
                d.domainId(),
                d.pasid(),
                d.address(),
                d.order(),
                d.leafOnly(),
                qw0,
                qw1);
        case DEVTLB ->
            out.inside(
                "devtlb",
                d.sourceId(),
                d.pfSourceId(),
                d.depth(),
                d.address(),
                d.order(),
                qw0,
                qw1);
        case PDEVTLB ->
            out.inside(
                "pdevtlb",
                d.sourceId(),
                d.pfSourceId(),
                d.pasid(),
                d.depth(),
                d.address(),
                d.order(),
                qw0,
                qw1);
      }
    }

    private static String name(CacheDescriptor d) {
      return d.kind() == CacheDescriptor.Kind.IOTLB_PSI ? "psi" : "dsi";
    }

    @Override
    public void submit(int unit) {
      out.list("\"submit\"," + unit + ",", "");
    }

    @Override
    public void register(int unit, CacheDescriptor d) {
      out.add(
          "register", unit, name(d), d.domainId(), d.address() | (d.leafOnly() ? 1 : 0), d.order());
    }

    @Override
    public void writeBuffer(int unit) {
      out.add("writeBuffer", unit);
    }
  }
}
