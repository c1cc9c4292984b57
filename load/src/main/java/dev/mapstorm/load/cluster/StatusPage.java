package dev.mapstorm.load.cluster;

import dev.mapstorm.persistence.store.Resources;
import dev.mapstorm.protocol.event.HashChain;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A node's status as a page that needs nothing but itself. Its script asks for the page again every
 * other second and puts what has changed in place; without scripts the browser loads it again.
 */
final class StatusPage {
  private static final String STYLE = Resources.text(StatusPage.class, "status.css");
  private static final String SCRIPT = Resources.text(StatusPage.class, "status.js");

  /**
   * What a browser is to let the page do, as {@code Content-Security-Policy}: run its own script,
   * ask its own node, and nothing else, whatever the name of a run or a failure contains.
   */
  static final String POLICY =
      "default-src 'none'; connect-src 'self'; img-src data:; style-src '%s'; script-src '%s'; "
              .formatted(digest(STYLE), digest(SCRIPT))
          + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private StatusPage() {}

  static String of(NodeStatus status) {
    String node = HtmlTable.escaped(status.node());
    return """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <noscript><meta http-equiv="refresh" content="2"></noscript>
        <link rel="icon" href="data:,">
        <title>%s - mapstorm</title>
        <style>%s</style></head><body>
        <h1>%s</h1>
        <p><span id="state" data-live>%s</span> <span id="age"></span></p>
        %s<script>%s</script>
        </body></html>
        """
        .formatted(
            HtmlTable.escaped(StatusSections.place(status.node())),
            STYLE,
            node,
            StatusSections.state(status),
            new StatusSections(status).html(),
            SCRIPT);
  }

  private static String digest(String text) {
    byte[] sum = HashChain.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(sum);
  }
}
