package dev.mapstorm.persistence.analysis;

/**
 * How often something had a reason.
 *
 * @param reason label of the reason
 * @param count how often
 */
public record ReasonCount(String reason, long count) {}
