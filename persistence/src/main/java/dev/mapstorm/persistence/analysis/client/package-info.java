/** What clients asked for, got and paid. */
package dev.mapstorm.persistence.analysis.client;
