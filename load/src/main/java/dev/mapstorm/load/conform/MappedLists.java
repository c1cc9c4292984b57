package dev.mapstorm.load.conform;

import dev.mapstorm.load.text.TextLines;
import java.util.HashMap;
import java.util.Map;

/**
 * The lists that are mapped in a file of recorded operations, by their ids. What is to be taken
 * back is what Linux mapped, whatever the model did. Not thread-safe.
 */
final class MappedLists {
  private final TextLines lines;
  private final Map<Long, long[]> vectorsOf = new HashMap<>();

  /** None is mapped; {@code lines} are those of the file. */
  MappedLists(TextLines lines) {
    this.lines = lines;
  }

  /** An address space or a table begins anew. */
  void clear() {
    vectorsOf.clear();
  }

  /** The line says what was mapped, if it was. */
  void add(VectorLine line) {
    if (!line.has("dmaVectors")) {
      return;
    }
    long[][] rows = line.rows("dmaVectors", 2);
    long[] pairs = new long[rows.length * 2];
    for (int i = 0; i < rows.length; i++) {
      pairs[2 * i] = rows[i][0];
      pairs[2 * i + 1] = rows[i][1];
    }
    vectorsOf.put(line.unsigned("id"), pairs);
  }

  /** Address and length of each vector of the list that the line takes back. */
  long[] remove(VectorLine line) {
    long id = line.unsigned("id");
    long[] vectors = vectorsOf.remove(id);
    if (vectors == null) {
      throw lines.error("no list with id " + id + " is mapped");
    }
    return vectors;
  }
}
