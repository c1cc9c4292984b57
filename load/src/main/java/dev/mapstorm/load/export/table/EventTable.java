package dev.mapstorm.load.export.table;

import dev.mapstorm.protocol.event.ArgumentLabels;
import dev.mapstorm.protocol.event.Column;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The table of one kind of event. Every row begins with {@link #HOST}, {@link #EVENT} and {@link
 * #INSTANT}, whole numbers; behind them stand the columns of the kind, under the names that the
 * journal gives them. Not thread-safe.
 */
final class EventTable {
  /** Number of the host. */
  static final String HOST = "host";

  /** Number of the event in its host, from 0. */
  static final String EVENT = "event";

  /** Its instant in virtual nanoseconds. */
  static final String INSTANT = "t";

  /** The physical ranges of a request. */
  static final String RANGES = "ranges";

  private final EventKind kind;
  private final List<TableColumn> columns = new ArrayList<>();
  private final Map<Long, String> labels = new HashMap<>();
  private final int lockArgument;

  EventTable(EventKind kind) {
    this.kind = kind;
    List<String> names = kind.columns().stream().map(Column::name).toList();
    for (int i = 0; i < names.size(); i++) {
      columns.add(new TableColumn(names.get(i), i, ArgumentLabels.isCode(names.get(i))));
    }
    lockArgument = names.indexOf("lock");
  }

  /** The columns behind those that all tables have. */
  List<TableColumn> columns() {
    return columns;
  }

  /** Whether its events carry a list of physical ranges. */
  boolean hasRanges() {
    return kind == EventKind.DMA_REQUESTED;
  }

  /** What the code in a column of the event stands for. */
  String label(EventCursor event, TableColumn column) {
    int lock = lockArgument < 0 ? 0 : (int) event.argument(lockArgument);
    int code = (int) event.argument(column.argument());
    long key = ((long) column.argument() << 48) + ((long) lock << 40) + code;
    String label = labels.get(key);
    if (label == null) {
      label = ArgumentLabels.label(column.name(), code, lock);
      labels.put(key, label);
    }
    return label;
  }
}
