package dev.mapstorm.persistence.report;

import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;

/**
 * An {@link AnalysisResult} as text for a terminal of 100 columns: what the time went to first,
 * then its parts. Sections without figures are left out.
 */
public final class ReportText {
  private ReportText() {}

  /** The whole report; of each list at most {@code mostRows} rows. */
  public static String of(AnalysisResult result, int mostRows) {
    ReportPage page = new ReportPage(mostRows, result.of(ExtentAnalysis.EXTENT).hosts() > 1);
    Analyses.inReadingOrder(result.found().keySet()).forEach(each -> each.text(result, page));
    return page.toString();
  }
}
