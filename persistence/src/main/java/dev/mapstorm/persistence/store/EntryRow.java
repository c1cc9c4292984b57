package dev.mapstorm.persistence.store;

import dev.mapstorm.actors.pekko.KryoSerializer;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.protocol.wire.WireFormat;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.regex.Pattern;

/**
 * A row of {@code event_journal}: an entry's bytes, and beside them the columns by which Pekko
 * decides at recovery whether and how it reads them.
 *
 * @param number the entry's place in its stream, from 1
 * @param deleted other than 0 if Pekko is to pass over it
 * @param serializer Pekko's number of what reads the bytes
 * @param manifest what the serializer is told; empty if the column holds nothing
 * @param metadata whether there is any for Pekko to read; mapstorm writes none
 * @param adapter what the writer's event adapter is told: the epoch of its claim, empty without one
 * @param epochs whether its store has claims
 * @param writer the incarnation that wrote it; empty if the column holds nothing
 * @param payload the entry; empty if the column holds nothing
 */
record EntryRow(
    long number,
    int deleted,
    int serializer,
    String manifest,
    boolean metadata,
    String adapter,
    boolean epochs,
    String writer,
    byte[] payload) {
  /** For a select list. */
  static final String COLUMNS =
      "sequence_number, CAST(deleted AS INTEGER), event_ser_id, event_ser_manifest,"
          + " meta_ser_id IS NOT NULL OR meta_ser_manifest IS NOT NULL OR meta_payload IS NOT NULL,"
          + " adapter_manifest, writer, event_payload";

  private static final String MANIFEST = Integer.toString(WireFormat.VERSION);

  /** A manifest that is the number of a format. */
  private static final Pattern FORMAT = Pattern.compile("[1-9]\\d{0,2}");

  private static final Pattern EPOCH = Pattern.compile("[1-9][0-9]{0,17}");

  /**
   * The row at which {@code rows}, selected by {@link #COLUMNS}, stands.
   *
   * @param epochs whether its store has claims
   */
  static EntryRow of(ResultSet rows, boolean epochs) throws SQLException {
    byte[] payload = rows.getBytes(8);
    return new EntryRow(
        rows.getLong(1),
        rows.getInt(2),
        rows.getInt(3),
        orEmpty(rows.getString(4)),
        rows.getBoolean(5),
        orEmpty(rows.getString(6)),
        epochs,
        orEmpty(rows.getString(7)),
        payload == null ? new byte[0] : payload);
  }

  /**
   * Refuses a row that Pekko would pass over or could not read at recovery.
   *
   * @throws FlawedRowException if so
   */
  void check() {
    if (deleted != 0) {
      throw new FlawedRowException("its column deleted is %d instead of 0".formatted(deleted));
    }
    if (serializer != KryoSerializer.IDENTIFIER) {
      throw new FlawedRowException(
          "its column event_ser_id is %d instead of %d, mapstorm's serializer"
              .formatted(serializer, KryoSerializer.IDENTIFIER));
    }
    if (!manifest.equals(MANIFEST)) {
      if (FORMAT.matcher(manifest).matches()) {
        throw new FlawedRowException(WireFormat.refusal(Integer.parseInt(manifest)));
      }
      throw new FlawedRowException(
          "its column event_ser_manifest is '%s' instead of '%s', the format that it is in"
              .formatted(manifest, MANIFEST));
    }
    if (metadata) {
      throw new FlawedRowException("its columns meta_* hold something instead of nothing");
    }
    if (!adapter.isEmpty() && !(epochs && EPOCH.matcher(adapter).matches())) {
      throw new FlawedRowException(
          "its column adapter_manifest is '%s' instead of %s"
              .formatted(adapter, epochs ? "the epoch of a claim" : "empty"));
    }
  }

  /** The epoch of the claim under which it was written; 0 without one. The row is checked. */
  long epoch() {
    return adapter.isEmpty() ? WriterClaim.NO_EPOCH : Long.parseLong(adapter);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
