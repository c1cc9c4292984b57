package dev.mapstorm.load.advise;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is tried: first every policy with every way to map, then, for the best of these, sizes and
 * times that matter for them, one at a time, and all that helped together.
 */
final class Dimensions {
  private static final String MODE = "iommu.mode";
  private static final String API = "client.api";

  private static final Map<String, List<String>> FIRST =
      ordered(
          MODE, List.of("strict", "lazy", "passthrough"),
          API, List.of("page", "sg", "batch", "iova"));

  private static final Map<String, List<String>> OF_BATCH =
      ordered("client.batch.vectors", List.of("8", "32", "128"));

  private static final Map<String, List<String>> OF_LAZY =
      ordered(
          "iommu.flush-queue.timeout", List.of("200us", "500us", "1ms", "2ms", "5ms"),
          "iommu.flush-queue.entries", List.of("64", "1024"),
          "iommu.flush-queue.flush", List.of("ranges"));

  private static final Map<String, List<String>> OF_TRANSLATION =
      ordered("iommu.iova.magazine-size", List.of("32", "512"));

  private Dimensions() {}

  private static Map<String, List<String>> ordered(Object... keysAndValues) {
    Map<String, List<String>> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      @SuppressWarnings("unchecked")
      List<String> values = (List<String>) keysAndValues[i + 1];
      map.put((String) keysAndValues[i], values);
    }
    return map;
  }

  /**
   * The first variants.
   *
   * @param fixed keys with one value
   * @param more keys and values that the user wants tried
   */
  static List<Map<String, String>> first(
      Map<String, String> fixed, Map<String, List<String>> more) {
    Map<String, List<String>> all = new LinkedHashMap<>(FIRST);
    more.forEach(all::put);
    fixed.forEach((key, value) -> all.put(key, List.of(value)));
    List<Map<String, String>> variants = new ArrayList<>(List.of(Map.of()));
    all.forEach(
        (key, values) -> {
          List<Map<String, String>> longer = new ArrayList<>();
          for (Map<String, String> variant : variants) {
            for (String value : values) {
              longer.add(with(variant, key, value));
            }
          }
          variants.clear();
          variants.addAll(longer);
        });
    return variants;
  }

  /** Variants of one of the first, each with one more key. */
  static List<Map<String, String>> around(Map<String, String> variant, Map<String, String> fixed) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    if ("batch".equals(variant.get(API))) {
      all.putAll(OF_BATCH);
    }
    if ("lazy".equals(variant.get(MODE))) {
      all.putAll(OF_LAZY);
    }
    if (!"passthrough".equals(variant.get(MODE))) {
      all.putAll(OF_TRANSLATION);
    }
    List<Map<String, String>> variants = new ArrayList<>();
    all.forEach(
        (key, values) -> {
          if (!fixed.containsKey(key) && !variant.containsKey(key)) {
            values.forEach(value -> variants.add(with(variant, key, value)));
          }
        });
    return variants;
  }

  /** The policy of a variant. */
  static String policy(Map<String, String> variant) {
    return variant.getOrDefault(MODE, "");
  }

  private static Map<String, String> with(Map<String, String> variant, String key, String value) {
    Map<String, String> longer = new LinkedHashMap<>(variant);
    longer.put(key, value);
    return longer;
  }
}
