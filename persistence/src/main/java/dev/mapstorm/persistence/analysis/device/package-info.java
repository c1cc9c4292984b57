/** What devices waited for and could not use. */
package dev.mapstorm.persistence.analysis.device;
