package dev.mapstorm.actors.cluster;

import com.typesafe.config.Config;
import java.util.List;
import org.apache.pekko.cluster.ConfigValidation;
import org.apache.pekko.cluster.JoinConfigCompatChecker;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Lets only nodes of the same version into a cluster: another one might simulate a host otherwise.
 * Named in {@code node.conf}, made by Pekko.
 */
public final class SameVersionCheck extends JoinConfigCompatChecker {
  static final String KEY = "mapstorm.cluster.version";

  /** Called by Pekko. */
  public SameVersionCheck() {}

  @Override
  public Seq<String> requiredKeys() {
    return CollectionConverters.asScala(List.of(KEY)).toSeq();
  }

  @Override
  public ConfigValidation check(Config toCheck, Config actual) {
    return JoinConfigCompatChecker.fullMatch(requiredKeys(), toCheck, actual);
  }
}
