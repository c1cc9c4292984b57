package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Lists of steps, each a JSON list of its name and its values. */
final class StepList {
  private StepList() {}

  /** The first step that differs, or null if none does. */
  static Mismatch mismatch(long line, String key, JsonNode expected, List<String> got) {
    for (int i = 0; i < Math.max(expected.size(), got.size()); i++) {
      String want = i < expected.size() ? expected.get(i).toString() : "none";
      String have = i < got.size() ? got.get(i) : "none";
      if (!want.equals(have)) {
        return new Mismatch(line, key + "[" + i + "]", want, have);
      }
    }
    return null;
  }
}
