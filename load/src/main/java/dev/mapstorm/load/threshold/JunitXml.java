package dev.mapstorm.load.threshold;

import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Verdicts in the XML that JUnit's Ant task began and continuous integration reads. */
public final class JunitXml {
  private JunitXml() {}

  /**
   * A test suite with a test case a verdict.
   *
   * @param suite what ran
   */
  public static String of(String suite, Verdicts verdicts) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", "mapstorm " + suite);
      xml.writeAttribute("tests", Integer.toString(verdicts.all().size()));
      xml.writeAttribute("failures", Long.toString(verdicts.missed()));
      xml.writeAttribute("errors", "0");
      xml.writeAttribute("skipped", "0");
      for (Verdict verdict : verdicts.all()) {
        testCase(xml, suite, verdict);
      }
      xml.writeCharacters("\n");
      xml.writeEndElement();
      xml.writeCharacters("\n");
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("verdicts cannot be written as XML", e);
    }
    return text.toString();
  }

  private static void testCase(XMLStreamWriter xml, String suite, Verdict verdict)
      throws XMLStreamException {
    xml.writeCharacters("\n  ");
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", verdict.of().isEmpty() ? suite : suite + " " + verdict.of());
    xml.writeAttribute(
        "name",
        verdict.figure() == null
            ? verdict.threshold()
            : "%s (%s)".formatted(verdict.threshold(), verdict.figure()));
    if (!verdict.met()) {
      xml.writeCharacters("\n    ");
      xml.writeStartElement("failure");
      xml.writeAttribute("message", "%s: %s".formatted(verdict.threshold(), verdict.shown()));
      xml.writeEndElement();
      xml.writeCharacters("\n  ");
    }
    xml.writeEndElement();
  }
}
