/** What others measured and published, beside what the simulation gives for it. */
package dev.mapstorm.load.validate;
