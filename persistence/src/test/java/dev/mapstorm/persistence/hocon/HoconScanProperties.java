package dev.mapstorm.persistence.hocon;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Collection;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The scan sees what the parser sees, in whatever is put together from the signs of HOCON. */
class HoconScanProperties {
  /** Pieces that change how what follows is read. */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "[",
            "]",
            "{",
            "}",
            "a",
            ".b",
            "=",
            ":",
            ",",
            "\n",
            " ",
            "\"",
            "\"\"\"",
            "\\",
            "\\\"",
            "#",
            "//",
            "/",
            "+=",
            "+",
            "$",
            "${",
            "${?x}",
            "[]}",
            "include ",
            "include \"x\"",
            "url(",
            "1",
            "-",
            "null",
            "\r\n",
            "\u00A0",
            "\uFEFF",
            "\"q[\"",
            "\"\"",
            "a {",
            "a=[",
            "a=\"\"\"",
            "}\n",
            "]\n")
        .list()
        .ofMaxSize(60)
        .map(pieces -> String.join("", pieces));
  }

  /** What opens a value, with texts in it that only look like brackets. */
  private record Opening(String key, String bracket) {}

  @Provide
  Arbitrary<List<Opening>> nested() {
    Arbitrary<String> keys =
        Arbitraries.of("a = ", "b.c : ", "\"d.e\" = ", "# }]}]\nf = ", "\"\"\"g]\"\"\".h.i=");
    Arbitrary<String> brackets =
        Arbitraries.of("[", "{", "[\"]\", ", "{ x = \"}\", ", "[ // ]]\n", "[1, 2\n", "{ # }\n");
    return Combinators.combine(keys, brackets).as(Opening::new).list().ofMaxSize(34);
  }

  @Property(tries = 3000)
  void whatPassesIsParsedOrRefusedAndNeverDeep(@ForAll("texts") String text) {
    try {
      Config config = ClosedHocon.parse(text, "text");
      assertThat(depth(config.root())).isLessThanOrEqualTo(HoconScan.DEPTH_MAX);
      assertThat(config).isEqualTo(ConfigFactory.parseString(text));
    } catch (HoconException e) {
      assertThat(e.getMessage()).startsWith("text").matches("\\P{Cntrl}*");
    }
  }

  @Property(tries = 1000)
  void depthIsWhatTheParserMakesOfIt(@ForAll("nested") List<Opening> openings) {
    StringBuilder text = new StringBuilder();
    StringBuilder ends = new StringBuilder();
    for (Opening opening : openings) {
      boolean inList = ends.indexOf("]") == 0;
      text.append(inList ? "" : opening.key()).append(opening.bracket());
      ends.insert(0, opening.bracket().startsWith("{") ? "\ny = 1 }" : "]");
    }
    text.append(ends.indexOf("]") == 0 ? "1" : "z = 1").append(ends);
    int depth = depth(ConfigFactory.parseString(text.toString()).root());

    boolean passes = true;
    try {
      HoconScan.of(text.toString(), "text");
    } catch (HoconException e) {
      passes = false;
    }
    assertThat(passes).as("%d: %s", depth, text).isEqualTo(depth <= HoconScan.DEPTH_MAX);
  }

  private static int depth(ConfigValue value) {
    Collection<ConfigValue> inside =
        value instanceof ConfigObject object
            ? object.values()
            : value instanceof ConfigList list ? list : List.of();
    return inside.stream().mapToInt(each -> 1 + depth(each)).max().orElse(0);
  }
}
