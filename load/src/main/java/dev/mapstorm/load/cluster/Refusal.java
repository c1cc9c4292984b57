package dev.mapstorm.load.cluster;

/**
 * Why a node does not do what it was asked for.
 *
 * @param error one sentence
 */
public record Refusal(String error) {}
