package dev.mapstorm.load.export.table;

import dev.mapstorm.load.export.Destination;
import dev.mapstorm.load.export.Exporter;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A CSV file for each selected kind of event, named like it, with a header even if there are no
 * such events. The physical ranges of {@code dma-requested} are a second table, one row a range.
 * Closed files are the destination's concern.
 */
public final class CsvExporter implements Exporter {
  /** The table of physical ranges, whose rows name their request by host and event. */
  public static final String RANGES_TABLE = "dma-requested-ranges";

  private final EventTable[] tables = new EventTable[EventKind.CODES];
  private final CsvFile[] files = new CsvFile[EventKind.CODES];
  private final List<CsvFile> all = new ArrayList<>();
  private CsvFile ranges;
  private int host;

  /** Opens the files of all kinds. */
  public CsvExporter(Destination destination, Set<EventKind> kinds) throws IOException {
    for (EventKind kind : kinds) {
      EventTable table = new EventTable(kind);
      List<String> header =
          new ArrayList<>(List.of(EventTable.HOST, EventTable.EVENT, EventTable.INSTANT));
      table.columns().forEach(column -> header.add(column.name()));
      tables[kind.code()] = table;
      files[kind.code()] = new CsvFile(destination.open(kind.label()), header);
      all.add(files[kind.code()]);
      if (table.hasRanges()) {
        ranges =
            new CsvFile(
                destination.open(RANGES_TABLE),
                List.of(EventTable.HOST, EventTable.EVENT, "range", "address", "length"));
        all.add(ranges);
      }
    }
  }

  @Override
  public boolean needsHistory() {
    return false;
  }

  @Override
  public void beginHost(int number, InFlight inFlight) {
    host = number;
  }

  @Override
  public void event(EventCursor event, long number, boolean within) throws IOException {
    int code = event.kind().code();
    CsvFile file = files[code].number(host).number(number).number(event.t());
    for (TableColumn column : tables[code].columns()) {
      if (column.code()) {
        file.text(tables[code].label(event, column));
      } else {
        file.number(event.argument(column.argument()));
      }
    }
    file.endRow();
    for (int i = 0; i < event.ranges(); i++) {
      ranges.number(host).number(number).number(i);
      ranges.number(event.rangeStart(i)).number(event.rangeLength(i)).endRow();
    }
  }

  @Override
  public void endHost(long t) {}

  @Override
  public void finish() {}

  @Override
  public long written() {
    return all.stream().mapToLong(CsvFile::rows).sum();
  }

  @Override
  public void close() {}
}
