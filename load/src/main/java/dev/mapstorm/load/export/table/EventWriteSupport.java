package dev.mapstorm.load.export.table;

import dev.mapstorm.protocol.event.EventCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * Shreds events of one kind into columns. All are required; numbers are INT64, codes are strings.
 * Ranges are the three-level list of the Parquet format: {@code ranges.list.element} with {@code
 * address} and {@code length}.
 */
final class EventWriteSupport extends WriteSupport<EventCursor> {
  private static final int FIXED_COLUMNS = 3;

  private final EventTable table;
  private final Map<String, String> metadata;
  private int host;
  private long number;
  private RecordConsumer row;

  /**
   * Of one table.
   *
   * @param metadata key and value pairs for the footer of the file
   */
  EventWriteSupport(EventTable table, Map<String, String> metadata) {
    this.table = table;
    this.metadata = metadata;
  }

  /** The host and number of the event that comes next. */
  void place(int hostNumber, long eventNumber) {
    host = hostNumber;
    number = eventNumber;
  }

  /** The columns of a table. */
  static MessageType schema(EventTable table) {
    List<Type> fields = new ArrayList<>();
    fields.add(number(EventTable.HOST));
    fields.add(number(EventTable.EVENT));
    fields.add(number(EventTable.INSTANT));
    for (TableColumn column : table.columns()) {
      fields.add(column.code() ? text(column.name()) : number(column.name()));
    }
    if (table.hasRanges()) {
      fields.add(
          Types.requiredList()
              .requiredGroupElement()
              .addField(number("address"))
              .addField(number("length"))
              .named(EventTable.RANGES));
    }
    return new MessageType("event", fields);
  }

  private static Type number(String name) {
    return Types.required(PrimitiveTypeName.INT64).named(name);
  }

  private static Type text(String name) {
    return Types.required(PrimitiveTypeName.BINARY)
        .as(LogicalTypeAnnotation.stringType())
        .named(name);
  }

  @Override
  public WriteContext init(ParquetConfiguration configuration) {
    return new WriteContext(schema(table), metadata);
  }

  @Override
  @Deprecated
  public WriteContext init(org.apache.hadoop.conf.Configuration configuration) {
    return new WriteContext(schema(table), metadata);
  }

  @Override
  public void prepareForWrite(RecordConsumer consumer) {
    row = consumer;
  }

  @Override
  public void write(EventCursor event) {
    row.startMessage();
    number(EventTable.HOST, 0, host);
    number(EventTable.EVENT, 1, number);
    number(EventTable.INSTANT, 2, event.t());
    int index = FIXED_COLUMNS;
    for (TableColumn column : table.columns()) {
      if (column.code()) {
        row.startField(column.name(), index);
        row.addBinary(Binary.fromString(table.label(event, column)));
        row.endField(column.name(), index);
      } else {
        number(column.name(), index, event.argument(column.argument()));
      }
      index++;
    }
    if (table.hasRanges()) {
      ranges(event, index);
    }
    row.endMessage();
  }

  private void number(String name, int index, long value) {
    row.startField(name, index);
    row.addLong(value);
    row.endField(name, index);
  }

  private void ranges(EventCursor event, int index) {
    row.startField(EventTable.RANGES, index);
    row.startGroup();
    if (event.ranges() > 0) {
      row.startField("list", 0);
      for (int i = 0; i < event.ranges(); i++) {
        row.startGroup();
        row.startField("element", 0);
        row.startGroup();
        number("address", 0, event.rangeStart(i));
        number("length", 1, event.rangeLength(i));
        row.endGroup();
        row.endField("element", 0);
        row.endGroup();
      }
      row.endField("list", 0);
    }
    row.endGroup();
    row.endField(EventTable.RANGES, index);
  }
}
