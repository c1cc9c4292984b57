package dev.mapstorm.load.export.table;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.export.Destination;
import dev.mapstorm.load.export.Exporter;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;

/**
 * A Parquet file for each selected kind of event, named like it, also if there are no such events.
 * Rows are in the order of events. Holds a row group of each file.
 */
public final class ParquetExporter implements Exporter {
  /** Small, because all files are open at once. */
  private static final long ROW_GROUP_BYTES = 8L << 20;

  private final EventWriteSupport[] rows = new EventWriteSupport[EventKind.CODES];
  private final Map<EventKind, ParquetWriter<EventCursor>> files = new EnumMap<>(EventKind.class);
  private int host;
  private long written;

  /** Opens the files of all kinds. */
  public ParquetExporter(Destination destination, Set<EventKind> kinds) throws IOException {
    for (EventKind kind : kinds) {
      Map<String, String> metadata = new TreeMap<>();
      metadata.put("mapstorm.version", Version.current());
      metadata.put("mapstorm.kind", kind.label());
      EventWriteSupport support = new EventWriteSupport(new EventTable(kind), metadata);
      rows[kind.code()] = support;
      OutputFile file = new LocalOutputFile(destination.reserve(kind.label()));
      files.put(kind, new Builder(file, support).build());
    }
  }

  private static final class Builder extends ParquetWriter.Builder<EventCursor, Builder> {
    private final EventWriteSupport support;

    Builder(OutputFile file, EventWriteSupport support) {
      super(file);
      this.support = support;
      withConf(new PlainParquetConfiguration());
      withCodecFactory(new ZstdPages());
      withCompressionCodec(CompressionCodecName.ZSTD);
      withRowGroupSize(ROW_GROUP_BYTES);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<EventCursor> getWriteSupport(ParquetConfiguration configuration) {
      return support;
    }

    @Override
    @Deprecated
    protected WriteSupport<EventCursor> getWriteSupport(
        org.apache.hadoop.conf.Configuration configuration) {
      return support;
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
    rows[event.kind().code()].place(host, number);
    files.get(event.kind()).write(event);
    written++;
  }

  @Override
  public void endHost(long t) {}

  @Override
  public void finish() throws IOException {
    for (ParquetWriter<EventCursor> file : files.values()) {
      file.close();
    }
    files.clear();
  }

  @Override
  public long written() {
    return written;
  }

  /** Closes what is still open; the files are then of no use. */
  @Override
  public void close() {
    for (ParquetWriter<EventCursor> file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        // Why it could not be written was told before; the others are still to be closed.
        Thread.yield();
      }
    }
  }
}
