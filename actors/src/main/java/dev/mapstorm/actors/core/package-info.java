/**
 * What the cores of a host share: what a core is, the numbers by which they know each other, and
 * how they are looked at between two steps.
 */
package dev.mapstorm.actors.core;
