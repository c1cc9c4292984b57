package dev.mapstorm.protocol.event.declaration;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a method's Javadoc says, in Markdown.
 *
 * @param firstSentence without its full stop, or up to the first semicolon's sentence end
 * @param parameters text of each {@code @param}
 */
record EventDoc(String firstSentence, Map<String, String> parameters) {

  static EventDoc parse(String comment) {
    String[] blocks = comment.strip().split("\\n\\s*@param\\s+");
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 1; i < blocks.length; i++) {
      String[] nameAndText = blocks[i].strip().split("\\s+", 2);
      parameters.put(nameAndText[0], markdown(nameAndText[1]));
    }
    String text = markdown(blocks[0]);
    int end = text.indexOf(". ");
    String sentence = end < 0 ? text : text.substring(0, end);
    return new EventDoc(sentence.replaceFirst("\\.$", ""), parameters);
  }

  /** One line, with code as Markdown has it. */
  private static String markdown(String javadoc) {
    return javadoc.replaceAll("\\{@code\\s+([^}]*)}", "`$1`").replaceAll("\\s+", " ").strip();
  }
}
