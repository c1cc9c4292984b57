/** Figures, tables and names as text for a terminal. */
package dev.mapstorm.persistence.text;
