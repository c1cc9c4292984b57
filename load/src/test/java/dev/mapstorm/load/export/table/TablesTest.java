package dev.mapstorm.load.export.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.diff.EventWording;
import dev.mapstorm.load.export.DirectoryDestination;
import dev.mapstorm.load.export.ExportFormat;
import dev.mapstorm.load.export.SimulatedRun;
import dev.mapstorm.load.export.WrittenFile;
import dev.mapstorm.protocol.event.ArgumentLabels;
import dev.mapstorm.protocol.event.Column;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablesTest {
  private static final Set<EventKind> ALL = EnumSet.allOf(EventKind.class);
  private static SimulatedRun run;

  @TempDir Path folder;

  @BeforeAll
  static void simulate() {
    run =
        SimulatedRun.of(
            "nvme-4k",
            "duration=300us",
            "client.api=sg",
            "client.bs=12k",
            "iommu.mode=lazy",
            "iommu.flush-queue.entries=16",
            "iommu.flush-queue.timeout=100us");
  }

  /** All events as rows of names and values, by kind; labels where there are codes. */
  private static Map<EventKind, List<Map<String, String>>> expected(long fromNs) {
    Map<EventKind, List<Map<String, String>>> rows = new EnumMap<>(EventKind.class);
    ALL.forEach(kind -> rows.put(kind, new ArrayList<>()));
    List<Event> events = run.events();
    for (int number = 0; number < events.size(); number++) {
      Event event = events.get(number);
      if (event.t() < fromNs) {
        continue;
      }
      EventKind kind = kind(EventWording.kind(event));
      Map<String, String> row = new LinkedHashMap<>();
      row.put("host", "0");
      row.put("event", String.valueOf(number));
      row.put("t", String.valueOf(event.t()));
      Map<String, String> arguments = EventWording.arguments(event);
      for (Column column : kind.columns()) {
        row.put(column.name(), value(event, column.name(), arguments));
      }
      rows.get(kind).add(row);
    }
    return rows;
  }

  private static String value(Event event, String name, Map<String, String> arguments) {
    if (name.equals("n")) {
      return String.valueOf(((Event.DmaRequested) event).phyrs().size());
    }
    if (ArgumentLabels.isCode(name)) {
      return arguments.get(name);
    }
    try {
      return String.valueOf(event.getClass().getMethod(name).invoke(event));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static EventKind kind(String label) {
    return ALL.stream().filter(kind -> kind.label().equals(label)).findFirst().orElseThrow();
  }

  @Test
  void csvHoldsEveryEventOnceInTheTableOfItsKind() throws IOException {
    List<WrittenFile> files;
    try (DirectoryDestination to =
        new DirectoryDestination(folder.resolve("out"), ExportFormat.CSV)) {
      run.into(new CsvExporter(to, ALL));
      files = to.commit();
    }

    assertThat(files).hasSize(ALL.size() + 1);
    for (Map.Entry<EventKind, List<Map<String, String>>> each : expected(0).entrySet()) {
      assertThat(csv(each.getKey().label())).as(each.getKey().label()).isEqualTo(each.getValue());
    }
    List<Map<String, String>> ranges = new ArrayList<>();
    List<Event> events = run.events();
    for (int number = 0; number < events.size(); number++) {
      if (events.get(number) instanceof Event.DmaRequested e) {
        for (int i = 0; i < e.phyrs().size(); i++) {
          Map<String, String> row = new LinkedHashMap<>();
          row.put("host", "0");
          row.put("event", String.valueOf(number));
          row.put("range", String.valueOf(i));
          row.put("address", String.valueOf(e.phyrs().get(i).start()));
          row.put("length", String.valueOf(e.phyrs().get(i).length()));
          ranges.add(row);
        }
      }
    }
    assertThat(csv(CsvExporter.RANGES_TABLE)).isEqualTo(ranges).hasSizeGreaterThan(300);
  }

  /** No label has a comma or a quote, so a line is split at commas. */
  private List<Map<String, String>> csv(String table) throws IOException {
    String text = Files.readString(folder.resolve("out").resolve(table + ".csv"));
    assertThat(text).endsWith("\r\n").doesNotContain("\"");
    String[] lines = text.split("\r\n");
    String[] names = lines[0].split(",");
    List<Map<String, String>> rows = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      String[] values = lines[i].split(",", -1);
      assertThat(values).hasSameSizeAs(names);
      Map<String, String> row = new LinkedHashMap<>();
      for (int c = 0; c < names.length; c++) {
        row.put(names[c], values[c]);
      }
      rows.add(row);
    }
    return rows;
  }

  @Test
  void parquetReadsBackRowForRow() throws IOException {
    try (DirectoryDestination to =
        new DirectoryDestination(folder.resolve("out"), ExportFormat.PARQUET)) {
      run.into(new ParquetExporter(to, ALL), 50_000, Long.MAX_VALUE);
      to.commit();
    }

    for (Map.Entry<EventKind, List<Map<String, String>>> each : expected(50_000).entrySet()) {
      List<Group> groups = parquet(each.getKey().label());
      List<Map<String, String>> rows = groups.stream().map(TablesTest::row).toList();
      assertThat(rows).as(each.getKey().label()).isEqualTo(each.getValue());
    }
    List<Group> requests = parquet("dma-requested");
    List<Event.DmaRequested> asked =
        run.events().stream()
            .filter(event -> event.t() >= 50_000 && event instanceof Event.DmaRequested)
            .map(Event.DmaRequested.class::cast)
            .toList();
    for (int i = 0; i < asked.size(); i++) {
      assertThat(ranges(requests.get(i)))
          .isEqualTo(
              asked.get(i).phyrs().stream()
                  .map(each -> List.of(each.start(), (long) each.length()))
                  .toList());
    }
  }

  private static Map<String, String> row(Group group) {
    Map<String, String> row = new LinkedHashMap<>();
    for (Type field : group.getType().getFields()) {
      if (field.isPrimitive()) {
        row.put(
            field.getName(),
            group.getValueToString(group.getType().getFieldIndex(field.getName()), 0));
      }
    }
    return row;
  }

  private static List<List<Long>> ranges(Group request) {
    List<List<Long>> ranges = new ArrayList<>();
    Group list = request.getGroup("ranges", 0);
    for (int i = 0; i < list.getFieldRepetitionCount("list"); i++) {
      Group element = list.getGroup("list", i).getGroup("element", 0);
      ranges.add(List.of(element.getLong("address", 0), element.getLong("length", 0)));
    }
    return ranges;
  }

  private List<Group> parquet(String table) throws IOException {
    InputFile file = new LocalInputFile(folder.resolve("out").resolve(table + ".parquet"));
    List<Group> groups = new ArrayList<>();
    try (ParquetReader<Group> reader = new Reader(file).build()) {
      for (Group group = reader.read(); group != null; group = reader.read()) {
        groups.add(group);
      }
    }
    return groups;
  }

  private static final class Reader extends ParquetReader.Builder<Group> {
    Reader(InputFile file) {
      super(file, new PlainParquetConfiguration());
      withCodecFactory(new ZstdPages());
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new Groups();
    }
  }

  /** Parquet's own example model, without Hadoop's configuration. */
  private static final class Groups extends ReadSupport<Group> {
    @Override
    public ReadContext init(InitContext context) {
      return new ReadContext(context.getFileSchema());
    }

    @Override
    public RecordMaterializer<Group> prepareForRead(
        ParquetConfiguration configuration,
        Map<String, String> metadata,
        MessageType schema,
        ReadContext context) {
      return new GroupRecordConverter(schema);
    }

    @Override
    @Deprecated
    public RecordMaterializer<Group> prepareForRead(
        org.apache.hadoop.conf.Configuration configuration,
        Map<String, String> metadata,
        MessageType schema,
        ReadContext context) {
      return new GroupRecordConverter(schema);
    }
  }
}
